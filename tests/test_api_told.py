"""OpenAPI tells the truth: what every operation answers is in the document, by status and type."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import httpx
import pytest
from scenes import fickle, read, write
from server import running_server

from app.explorations import MatrixRequest
from app.lessons.told import source
from app.links import LinkRequest
from app.runs import RunRequest
from engine import gallery
from engine.present import KINDS

FLAGSHIP = {"gallery": "two-threads-one-page"}
TASK = {"task": "first-read", "kernel": "2.6.17", "moves": ["down_read"]}
LEVEL = {"level": "overwrite", "kernel": "nopfn-v1", "schedule": ""}
NO_ROOM = "aaaa-aaaa"
VOTE = {"who": "w" * 16, "q": "q", "round": 1, "choice": 0}
ORDERS = {"key": "k" * 24, "orders": []}
NO_LINK, NO_SEARCH = "a" * 10, "0" * 32
TOKEN = {"authorization": f"Bearer {'t' * 22}"}


@pytest.fixture(scope="module")
def document(client: httpx.Client) -> dict[str, Any]:
    """The description of the API."""
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Method and template of each."""
    return {(m.upper(), path) for path, inside in document["paths"].items() for m in inside}


def assert_told(document: dict[str, Any], template: str, answer: httpx.Response) -> None:
    """The document has this answer: the status itself, not a class of them, and its type."""
    method = answer.request.method.lower()
    responses = document["paths"][template][method]["responses"]
    assert str(answer.status_code) in responses, (method, template, answer.status_code, answer.text)
    told = responses[str(answer.status_code)]
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    assert media_type in told.get("content", {"": {}}), (method, template, media_type)
    for name in ("retry-after", "www-authenticate", "location"):
        if name in answer.headers and answer.status_code in (201, 429):
            assert name in map(str.lower, told.get("headers", {})), (template, name)


ASKED: dict[tuple[str, str], list[tuple[int, dict[str, Any]]]] = {
    ("GET", "/api/kernels"): [(200, {})],
    ("GET", "/api/scenarios"): [(200, {})],
    ("GET", "/api/scenarios/{name}"): [
        (200, {"name": FLAGSHIP["gallery"]}),
        (404, {"name": "nothing"}),
    ],
    ("GET", "/api/schema/scenario"): [(200, {})],
    ("GET", "/api/glossary"): [(200, {})],
    ("GET", "/api/levels"): [(200, {})],
    ("GET", "/api/kernel-tasks"): [(200, {})],
    ("POST", "/api/run"): [(200, {"json": FLAGSHIP})],
    ("POST", "/api/run.{kind}"): [
        *((200, {"kind": kind, "json": {"run": FLAGSHIP}}) for kind in KINDS),
        (404, {"kind": "exe", "json": {"run": FLAGSHIP}}),
        (422, {"kind": "txt", "json": {"run": {}}}),
    ],
    ("POST", "/api/rooms"): [(201, {"json": {}}), (422, {"json": {"key": "short"}})],
    ("GET", "/api/rooms/{name}"): [(404, {"name": NO_ROOM})],
    ("GET", "/api/rooms/{name}/runs/{run}"): [(404, {"name": NO_ROOM, "run": "0"})],
    ("GET", "/api/rooms/{name}/events"): [(404, {"name": NO_ROOM})],
    ("POST", "/api/rooms/{name}/votes"): [(404, {"name": NO_ROOM, "json": VOTE})],
    ("POST", "/api/rooms/{name}/orders"): [(404, {"name": NO_ROOM, "json": ORDERS})],
    ("POST", "/api/lessons/check"): [
        (200, {"content": source("recheck")}),
        (422, {"content": b"- not a lesson"}),
    ],
    ("POST", "/api/link"): [(200, {"json": FLAGSHIP})],
    ("POST", "/api/questions"): [(200, {"json": FLAGSHIP})],
    ("POST", "/api/rival"): [(200, {"json": FLAGSHIP})],
    ("POST", "/api/compare"): [(200, {"json": {"left": FLAGSHIP, "right": FLAGSHIP}})],
    ("POST", "/api/whatif"): [(200, {"json": {"run": FLAGSHIP, "at": 3}})],
    ("POST", "/api/play"): [(200, {"json": LEVEL}), (422, {"json": {**LEVEL, "level": "none"}})],
    ("POST", "/api/play/reach"): [(202, {"json": LEVEL})],
    ("POST", "/api/kernel-play"): [
        (200, {"json": TASK}),
        (422, {"json": {**TASK, "task": "none"}}),
    ],
    ("POST", "/api/explorations"): [(202, {"json": FLAGSHIP})],
    ("POST", "/api/explorations/matrix"): [(202, {"json": FLAGSHIP})],
    ("GET", "/api/explorations/{id}"): [(404, {"id": NO_SEARCH})],
    ("DELETE", "/api/explorations/{id}"): [(404, {"id": NO_SEARCH})],
    ("GET", "/api/explorations/{id}/events"): [(404, {"id": NO_SEARCH})],
    ("POST", "/api/links"): [(201, {"json": FLAGSHIP}), (200, {"json": FLAGSHIP})],
    ("GET", "/api/links/{id}"): [(404, {"id": NO_LINK}), (404, {"id": "!"})],
    ("DELETE", "/api/links/{id}"): [
        (401, {"id": NO_LINK}),
        (404, {"id": NO_LINK, "headers": TOKEN}),
    ],
    ("POST", "/api/links/{id}/report"): [(404, {"id": NO_LINK, "json": {"reason": "rude"}})],
}
"""For each operation what it is asked with, beside what fills its template, and what it says."""


def test_no_operation_is_left_out(document: dict[str, Any]) -> None:
    assert operations(document) == set(ASKED)


def test_what_is_answered_is_told(document: dict[str, Any]) -> None:
    with running_server(rate_limit="off", run_seconds="600") as address:
        for (method, template), cases in ASKED.items():
            for status, case in cases:
                words = {k: v for k, v in case.items() if k in ("id", "name", "kind", "run")}
                rest = {k: v for k, v in case.items() if k not in words}
                url = address + template.format(**words)
                answer = httpx.request(method, url, timeout=600, **rest)
                assert answer.status_code == status, (method, template, answer.text)
                assert_told(document, template, answer)
                if answer.headers.get("etag") and method == "GET":
                    again = {"if-none-match": answer.headers["etag"]}
                    same = httpx.get(url, headers=again, timeout=600)
                    assert same.status_code == 304
                    assert_told(document, template, same)


def test_a_link_that_was_made_answers_as_told(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    body = {"gallery": "lost-dirty-bit", "delete_token": "t" * 22}
    id = client.post("/api/links", json=body).json()["id"]
    wrong = {"authorization": f"Bearer {'w' * 22}"}
    asked: list[tuple[int, str, str, dict[str, Any]]] = [
        (200, "GET", "", {}), (202, "POST", "/report", {"json": {"reason": "rude"}}),
        (403, "DELETE", "", {"headers": wrong}), (200, "DELETE", "", {"headers": TOKEN}),
        (410, "GET", "", {}),
    ]  # fmt: skip
    for status, method, end, more in asked:
        answer = client.request(method, f"/api/links/{id}{end}", **more)
        assert answer.status_code == status, answer.text
        assert_told(document, f"/api/links/{{id}}{end}", answer)


def test_a_room_answers_as_told(client: httpx.Client, document: dict[str, Any]) -> None:
    room = client.post("/api/rooms", json={}).json()
    place = f"/api/rooms/{room['name']}"
    assert_told(document, "/api/rooms/{name}", client.get(place))
    assert client.get(place).status_code == 200
    late = client.post(f"{place}/votes", json=VOTE)
    assert late.status_code == 409
    assert_told(document, "/api/rooms/{name}/votes", late)
    ours = {**ORDERS, "key": room["key"]}
    odd = {**ours, "orders": [{"type": "dance"}]}
    for status, body in ((200, ours), (403, ORDERS), (422, odd)):
        answer = client.post(f"{place}/orders", json=body)
        assert answer.status_code == status
        assert_told(document, "/api/rooms/{name}/orders", answer)
    with client.stream("GET", f"{place}/events") as events:
        assert events.status_code == 200
        assert_told(document, "/api/rooms/{name}/events", events)


def test_a_search_answers_as_told(client: httpx.Client, document: dict[str, Any]) -> None:
    first = client.post("/api/explorations", json={**FLAGSHIP, "max_states": 50})
    assert_told(document, "/api/explorations", first)
    place = f"/api/explorations/{first.json()['id']}"
    with client.stream("GET", f"{place}/events") as events:
        assert events.status_code == 200
        assert_told(document, "/api/explorations/{id}/events", events)
        for _ in events.iter_lines():
            pass
    again = client.post("/api/explorations", json={**FLAGSHIP, "max_states": 50})
    assert again.status_code == 200
    assert_told(document, "/api/explorations", again)
    assert_told(document, "/api/explorations/{id}", client.get(place))
    gone = client.delete(place)
    assert gone.status_code == 204
    assert_told(document, "/api/explorations/{id}", gone)


def test_what_stands_before_every_body_is_told(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    asked: list[tuple[int, dict[str, Any]]] = [
        (400, {"content": b"{"}),
        (403, {"json": FLAGSHIP, "headers": {"sec-fetch-site": "cross-site"}}),
        (413, {"content": b" " * 200_000}),
        (415, {"content": b"x", "headers": {"content-encoding": "gzip"}}),
        (422, {"json": {"no": "such"}}),
    ]
    paths = document["paths"]
    with_body = {path for path in paths if "requestBody" in paths[path].get("post", {})}
    for template in sorted(with_body):
        takes = paths[template]["post"]["requestBody"]["content"]
        for status, how in asked:
            if status == 400 and "application/json" not in takes:
                continue  # what is no JSON may be right there
            answer = client.post(template.format(id=NO_LINK, kind="txt", name=NO_ROOM), **how)
            assert answer.status_code == status, (template, answer.text)
            assert_told(document, template, answer)


def test_too_often_and_too_long_are_told(document: dict[str, Any]) -> None:
    loop = {"scenario": fickle(*([write(), read(1)] for _ in range(7))).content()}
    with running_server(burst="1", rate="0.001", run_seconds="0.000001") as address:
        answers = [httpx.post(f"{address}/api/run", json=loop, timeout=60) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 429]
    for answer in answers:
        assert_told(document, "/api/run", answer)


def test_allow_names_every_method_of_an_address(
    client: httpx.Client, document: dict[str, Any]
) -> None:
    for template, inside in document["paths"].items():
        path = template.format(id=NO_LINK, name="x", kind="txt", run="x")
        told = {method.upper() for method in inside} | ({"HEAD"} if "get" in inside else set())
        for method in {"PUT", "OPTIONS", "PATCH"}:
            answer = client.request(method, path)
            assert answer.status_code == 405
            assert set(answer.headers["allow"].split(", ")) == told, (method, path)


@pytest.mark.parametrize("model", [RunRequest, LinkRequest, MatrixRequest])
def test_the_schema_asks_for_one_source_as_the_validator_does(model: type[Any]) -> None:
    branches = model.model_json_schema()["oneOf"]
    link_like = {"scenario": gallery()[0][1].content(), "link": "z1.", "gallery": "x"}
    for count in range(4):
        for given in combinations(link_like, count):
            for unused in ({}, {name: None for name in link_like}):
                body = {**unused, **{name: link_like[name] for name in given}}
                assert fits_one(branches, body) == accepts(model, body), body


def fits_one(branches: list[dict[str, Any]], body: dict[str, Any]) -> bool:
    """Whether just one of these shapes is the body's."""
    types = {"object": dict, "string": str}

    def fits(branch: dict[str, Any]) -> bool:
        wanted = {name: types[said["type"]] for name, said in branch["properties"].items()}
        named = all(name in body for name in branch["required"])
        return named and all(isinstance(body[n], kind) for n, kind in wanted.items() if n in body)

    return sum(map(fits, branches)) == 1


def accepts(model: type[Any], body: dict[str, Any]) -> bool:
    """Whether the validator takes the body."""
    try:
        model.model_validate(body)
    except ValueError:
        return False
    return True


def test_a_field_that_is_misspelt_is_still_told_from_the_others(client: httpx.Client) -> None:
    answer = client.post("/api/run", json={**FLAGSHIP, "kernal": "nopfn-v3"})
    assert "did you mean kernel?" in answer.json()["detail"]
