"""Whatever is sent, the server answers with a trace or with a problem that is the sender's."""

from __future__ import annotations

import copy
import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server import running_server

FLAGSHIP = "two-threads-one-page"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["0x0", "0xffffffffffffffff", "end", "A", "mspec[3]", "mspec[-1]", "VM_READ"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FUZZ = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def places(data: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in `data`, the root left out."""
    if isinstance(data, dict):
        inside = list(data.items())
    else:
        inside = list(enumerate(data)) if isinstance(data, list) else []
    found = []
    for key, value in inside:
        found += [(*here, key), *places(value, (*here, key))]
    return found


def replaced(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of `data` with `value` at `place`."""
    result = copy.deepcopy(data)
    node = result
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = value
    return result


def assert_answered(response: httpx.Response) -> None:
    """The answer is a trace, or a problem document that blames the request."""
    assert response.status_code in (200, 400, 422), response.text[:500]
    if response.status_code != 200:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["errors"]


@FUZZ
@given(body=st.binary(max_size=200) | JSON.map(lambda data: json.dumps(data).encode()))
def test_no_body_breaks_the_server(client: httpx.Client, body: bytes) -> None:
    assert_answered(client.post("/api/run", content=body))


@FUZZ
@given(data=st.data())
def test_no_change_to_a_scenario_breaks_the_server(
    client: httpx.Client, data: st.DataObject
) -> None:
    scenario = client.get(f"/api/scenarios/{FLAGSHIP}").json()
    place = data.draw(st.sampled_from(places(scenario)))
    changed = replaced(scenario, place, data.draw(JSON))
    assert_answered(client.post("/api/run", json={"scenario": changed}))


@FUZZ
@given(schedule=st.text("AB0129 ;,#until_end", max_size=40) | st.text(max_size=20))
def test_no_schedule_breaks_the_server(client: httpx.Client, schedule: str) -> None:
    body = json.dumps({"gallery": FLAGSHIP, "schedule": schedule})
    assert_answered(client.post("/api/run", content=body.encode()))


@FUZZ
@given(link=st.text(max_size=40) | st.text("zZ1.-_AQ=&#", max_size=40).map(lambda t: "z1." + t))
def test_no_link_breaks_the_server(client: httpx.Client, link: str) -> None:
    body = json.dumps({"link": link})
    assert_answered(client.post("/api/run", content=body.encode()))


@pytest.mark.parametrize(
    "schedule",
    [
        "1a" * 60 + "!",
        "9" * 5000 + "A",
        "1A" * 50_000,
        "A;" * 50_000,
        "A until set_pte_at#" + "9" * 5000,
    ],
    ids=["ambiguous", "huge count", "many letters", "many parts", "huge occurrence"],
)
def test_a_hostile_schedule_costs_little(schedule: str) -> None:
    with running_server() as address:
        body = {"gallery": FLAGSHIP, "schedule": schedule}
        assert_answered(httpx.post(f"{address}/api/run", json=body, timeout=10))
