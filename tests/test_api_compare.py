"""POST /api/compare, as a client meets it."""

from __future__ import annotations

from typing import Any

import httpx
from asking import FLAGSHIP, flagship, problem, run

V2 = {"gallery": FLAGSHIP, "kernel": "nopfn-v2"}
V3 = {"gallery": FLAGSHIP, "kernel": "nopfn-v3"}


def compare(client: httpx.Client, left: Any, right: Any) -> httpx.Response:
    return client.post("/api/compare", json={"left": left, "right": right})


def test_two_kernels_are_laid_side_by_side(client: httpx.Client) -> None:
    found = compare(client, V2, V3).json()
    assert found["left"] == run(client, **V2).json()
    assert found["right"] == run(client, **V3).json()
    assert found["rows"][0] == [0, 0]
    assert found["rows"][-1] == [len(found["left"]["steps"]), len(found["right"]["steps"])]
    assert found["rows"][found["first"]["row"]] == [31, 32]
    assert "while under v3 @B looks again" in found["first"]["text"]
    assert found["outcome"]["same"] is False


def test_a_run_beside_itself_has_no_difference(client: httpx.Client) -> None:
    found = compare(client, V2, V2).json()
    assert found["first"] is None
    assert found["outcome"]["same"] is True


def test_a_link_another_kernel_and_a_scenario_sent_whole_may_stand_on_either_side(
    client: httpx.Client,
) -> None:
    link = run(client, **V2).json()["link"]
    found = compare(client, {"link": link, "kernel": "nopfn-v3"}, {"scenario": flagship(client)})
    kernels = [found.json()[side]["kernel"]["id"] for side in ("left", "right")]
    assert kernels == ["nopfn-v3", "nopfn-v2"]


def test_two_scenarios_can_be_compared(client: httpx.Client) -> None:
    found = compare(client, V2, {"gallery": "recheck-before-store"}).json()
    assert found["left"]["scenario"]["title"] != found["right"]["scenario"]["title"]
    assert found["rows"][-1] == [len(found["left"]["steps"]), len(found["right"]["steps"])]


def test_the_same_two_runs_have_the_same_etag_and_turned_round_another(
    client: httpx.Client,
) -> None:
    first, again, turned = compare(client, V2, V3), compare(client, V2, V3), compare(client, V3, V2)
    assert first.headers["etag"] == again.headers["etag"] != turned.headers["etag"]
    known = {"if-none-match": first.headers["etag"]}
    sent = {"left": V2, "right": V3}
    assert client.post("/api/compare", json=sent, headers=known).status_code == 304
    assert compare(client, V2, V2).headers["etag"] != run(client, **V2).headers["etag"]


def test_what_is_wrong_is_told_with_its_side(client: httpx.Client) -> None:
    unknown = problem(compare(client, V2, {**V3, "kernel": "nopfn-v9"}), 422)
    assert unknown["errors"][0]["where"].startswith("right, ")
    absent = problem(compare(client, {"gallery": "no-such"}, V3), 422)
    assert absent["errors"][0]["where"] == "left, gallery"
    damaged = problem(compare(client, V2, {"link": "z1.AAAA"}), 422)
    assert damaged["errors"][0]["where"].startswith("right, link")
    both = problem(compare(client, V2, {**V3, "link": "z1."}), 422)
    assert "right" in both["errors"][0]["where"]
    alone = problem(client.post("/api/compare", json={"left": V2}), 422)
    assert (alone["errors"][0]["where"], alone["errors"][0]["what"]) == ("right", "is missing")


def test_openapi_describes_it(client: httpx.Client) -> None:
    document = client.get("/api/openapi.json").json()
    assert "post" in document["paths"]["/api/compare"]
    assert {"left", "right"} == set(
        document["components"]["schemas"]["CompareRequest"]["properties"]
    )
