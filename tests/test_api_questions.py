"""POST /api/questions: the questions of a run, asked as a run is."""

from __future__ import annotations

from typing import Any

import httpx
from scenes import GALLERY

import engine
from engine.predict import questions_json

FLAGSHIP = "two-threads-one-page"


def ask(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/api/questions", json=body)


def test_the_flagships_questions(client: httpx.Client) -> None:
    response = ask(client, gallery=FLAGSHIP)
    assert response.status_code == 200
    found = response.json()["questions"]
    made = questions_json(engine.run(GALLERY[FLAGSHIP]))["questions"]
    assert [q["id"] for q in found] == [q["id"] for q in made]
    assert 3 <= len(found) <= 8
    for question in found:
        assert set(question) == {"id", "kind", "at", "reveal", "ask", "choices"}
        assert sum(choice["right"] for choice in question["choices"]) == 1
        for choice in question["choices"]:
            assert set(choice) == {"text", "right", "because", "scene"}
            scene = choice["scene"]
            assert scene is None or set(scene) == {"gallery", "kernel", "step", "title", "link"}


def test_every_scene_opens_at_its_step(client: httpx.Client) -> None:
    whole = client.get(f"/api/scenarios/{FLAGSHIP}").json()
    for question in ask(client, gallery=FLAGSHIP).json()["questions"]:
        for scene in [choice["scene"] for choice in question["choices"] if choice["scene"]]:
            place = {"gallery": scene["gallery"]} if scene["gallery"] else {"scenario": whole}
            request = {"link": scene["link"]} if scene["link"] else place
            run = client.post("/api/run", json={**request, "kernel": scene["kernel"]})
            assert len(run.json()["steps"]) >= scene["step"]


def test_the_same_request_has_the_same_answer_and_etag(client: httpx.Client) -> None:
    one, two = (ask(client, gallery=FLAGSHIP, kernel="nopfn-v3") for _ in range(2))
    assert one.content == two.content
    headers = {"if-none-match": one.headers["etag"]}
    again = client.post(
        "/api/questions", json={"gallery": FLAGSHIP, "kernel": "nopfn-v3"}, headers=headers
    )
    assert again.status_code == 304


def test_an_authors_questions_are_for_the_run_they_were_written_for(client: httpx.Client) -> None:
    whole = client.get(f"/api/scenarios/{FLAGSHIP}").json()
    written = {"thread": "A", "op": "nopfn_ret", "ask": "Whose?", "choices": ["A", "B"]}
    whole["questions"] = [{**written, "answer": 1}]

    def kinds(**more: Any) -> list[str]:
        found = ask(client, scenario=whole, **more).json()["questions"]
        return [question["kind"] for question in found]

    assert "authored" in kinds() and "authored" in kinds(kernel=whole["kernel"])
    assert "authored" not in kinds(kernel="nopfn-v4")
    assert "authored" not in kinds(schedule="A until end; B until end")


def test_what_is_wrong_is_told_as_for_a_run(client: httpx.Client) -> None:
    for body in (
        {"gallery": "no-such"},
        {"gallery": FLAGSHIP, "kernel": "nopfn-v9"},
        {"gallery": FLAGSHIP, "schedule": "Z until end"},
        {"gallery": FLAGSHIP, "at": 3},
        {},
    ):
        told, run = ask(client, **body), client.post("/api/run", json=body)
        assert told.status_code == run.status_code == 422
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json() == run.json()


def test_openapi_describes_the_questions(client: httpx.Client) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    answer = paths["/api/questions"]["post"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    question = schema["properties"]["questions"]["items"]
    assert set(question["properties"]) == {"id", "kind", "at", "reveal", "ask", "choices"}
