"""POST /api/whatif: offers, forks, and what is wrong with what is asked."""

from __future__ import annotations

from typing import Any

import httpx

RUN = {"gallery": "two-threads-one-page", "kernel": "nopfn-v2"}


def ask(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/api/whatif", json={"run": RUN, **body})


def test_offers_say_what_is_possible_and_why_not(client: httpx.Client) -> None:
    offers = ask(client, at=14).json()["offers"]
    assert {o["kind"] for o in offers} == {"run_next", "answer", "fail", "signal", "flag"}
    assert all(o["possible"] == (not o["why_not"]) for o in offers)
    assert any(o["id"] == "run:A" and o["possible"] for o in offers)


def test_a_fork_runs_and_its_link_opens(client: httpx.Client) -> None:
    made = ask(client, at=14, edit="run:A").json()
    told = client.post("/api/run", json={"scenario": made["scenario"], "kernel": made["kernel"]})
    assert told.json()["steps"][14]["thread"] == "A"
    linked = client.post("/api/run", json={"link": made["link"]}).json()
    assert linked["check"] == told.json()["check"]


def test_what_is_not_offered_is_refused_in_words(client: httpx.Client) -> None:
    answer = ask(client, at=14, edit="run:Z")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    error = answer.json()["errors"][0]
    assert error["where"] == "edit" and "run:A" in error["instead"]


def test_what_cannot_happen_is_refused_with_the_reason_and_what_can(client: httpx.Client) -> None:
    answer = ask(client, at=33, edit="answer:0x5")
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["where"] == "edit"
    assert "After step 33 nobody calls ->nopfn" in error["what"]
    assert error["instead"].startswith("take one of run:")


def test_no_such_step(client: httpx.Client) -> None:
    answer = ask(client, at=900)
    assert answer.status_code == 422 and "there is no step 900" in answer.text
    assert ask(client, at=-1).status_code == 422


def test_the_same_question_has_the_same_etag(client: httpx.Client) -> None:
    first, second = ask(client, at=3), ask(client, at=3)
    assert first.headers["etag"] == second.headers["etag"]
    assert ask(client, at=4).headers["etag"] != first.headers["etag"]
