"""The server as its clients meet it: a real process, asked over HTTP."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from server import running_server

FLAGSHIP = "two-threads-one-page"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
BODY_LIMIT = 128 * 1024


def run(client: httpx.Client, **request: Any) -> httpx.Response:
    """POST /api/run with `request`."""
    return client.post("/api/run", json=request)


def flagship(client: httpx.Client) -> dict[str, Any]:
    """The flagship scenario, as the API tells it."""
    found: dict[str, Any] = client.get(f"/api/scenarios/{FLAGSHIP}").json()
    return found


def link_to(content: bytes) -> str:
    """A link whose payload inflates to `content`."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = squeeze.compress(content) + squeeze.flush()
    return "z1." + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document in `response`, which must be one, with this `status`."""
    assert response.status_code == status, response.text[:500]
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    assert document["title"] and document["detail"]
    for error in document["errors"]:
        assert set(error) == {"where", "what", "instead"}
        assert error["what"] and error["instead"]
    return document


# What can be shown


def test_the_server_says_that_it_is_well(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_the_parent_of_every_kernel_is_a_kernel_too(client: httpx.Client) -> None:
    kernels = client.get("/api/kernels").json()
    known = {kernel["id"] for kernel in kernels}
    for kernel in kernels:
        assert set(kernel) == {"id", "date", "title", "parent", "changes"}
        assert kernel["parent"] in known | {None}
    assert {"2.6.17", "nopfn-v1", "nopfn-v5", "2.6.19"} <= known


def test_the_gallery_lists_the_flagship(client: httpx.Client) -> None:
    listing = client.get("/api/scenarios").json()
    assert FLAGSHIP in [entry["id"] for entry in listing]
    for entry in listing:
        told = {"id", "title", "story", "kernel", "arch"}
        assert set(entry) - {"start"} == told | {"claim", "group", "level", "minutes"}
    assert [entry["id"] for entry in listing if entry.get("start")] == ["anonymous-read-then-write"]


def test_every_scenario_of_the_gallery_runs(client: httpx.Client) -> None:
    for entry in client.get("/api/scenarios").json():
        response = run(client, gallery=entry["id"])
        assert response.status_code == 200, (entry["id"], response.text[:500])
        assert response.json()["steps"]


def test_the_schema_of_a_scenario_is_json_schema(client: httpx.Client) -> None:
    schema = client.get("/api/schema/scenario").json()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["additionalProperties"] is False
    assert "processes" in schema["properties"]


def test_openapi_describes_the_run_and_every_reference_in_it_leads_somewhere(
    client: httpx.Client,
) -> None:
    document = client.get("/api/openapi.json").json()
    assert "post" in document["paths"]["/api/run"]
    text = json.dumps(document)
    for piece in text.split('"$ref": "#/components/schemas/')[1:]:
        assert piece.split('"')[0] in document["components"]["schemas"]
    assert '"#/$defs/' not in text


def test_swagger_is_off(client: httpx.Client) -> None:
    problem(client.get("/docs"), 404)


# Runs and links


def test_the_flagship_runs_to_a_trace(client: httpx.Client) -> None:
    trace = run(client, gallery=FLAGSHIP).json()
    assert trace["format"] == 1
    assert len(trace["steps"]) > 10
    assert [step["n"] for step in trace["steps"][:3]] == [1, 2, 3]
    assert trace["link"].startswith("z1.")


def test_a_scenario_sent_whole_runs_as_it_does_from_the_gallery(client: httpx.Client) -> None:
    from_gallery = run(client, gallery=FLAGSHIP)
    sent = run(client, scenario=flagship(client))
    assert sent.json() == from_gallery.json()
    assert sent.headers["etag"] == from_gallery.headers["etag"]


def test_another_kernel_may_be_asked_for(client: httpx.Client) -> None:
    trace = run(client, gallery=FLAGSHIP, kernel="nopfn-v3").json()
    assert trace["kernel"]["id"] == "nopfn-v3"
    assert trace["scenario"]["kernel"] == "nopfn-v3"


def test_a_link_opens_to_the_trace_that_it_was_made_from(client: httpx.Client) -> None:
    first = run(client, gallery=FLAGSHIP, kernel="nopfn-v3").json()
    again = run(client, link=first["link"]).json()
    assert again["check"] == first["check"]
    assert again["steps"] == first["steps"]
    assert again["link"] == first["link"]


def test_the_link_of_a_run_is_the_link_in_its_trace(client: httpx.Client) -> None:
    made = client.post("/api/link", json={"gallery": FLAGSHIP}).json()
    assert made == {"link": run(client, gallery=FLAGSHIP).json()["link"]}


def test_the_same_request_has_the_same_etag_and_another_has_another(client: httpx.Client) -> None:
    first = run(client, gallery=FLAGSHIP).headers["etag"]
    assert run(client, gallery=FLAGSHIP).headers["etag"] == first
    assert run(client, gallery=FLAGSHIP, kernel="nopfn-v3").headers["etag"] != first


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}'])
def test_a_client_that_has_the_answer_is_told_so(client: httpx.Client, form: str) -> None:
    etag = run(client, gallery=FLAGSHIP).headers["etag"].removeprefix("W/")
    headers = {"if-none-match": form.format(etag)}
    response = client.post("/api/run", json={"gallery": FLAGSHIP}, headers=headers)
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"].removeprefix("W/") == etag


def test_what_never_changes_is_not_sent_twice_either(client: httpx.Client) -> None:
    for path in ("/api/kernels", "/api/scenarios", "/api/schema/scenario"):
        headers = {"if-none-match": client.get(path).headers["etag"]}
        assert client.get(path, headers=headers).status_code == 304


def test_a_trace_is_compressed_for_those_who_accept_it(client: httpx.Client) -> None:
    packed = client.post(
        "/api/run", json={"gallery": FLAGSHIP}, headers={"accept-encoding": "gzip"}
    )
    plain = client.post(
        "/api/run", json={"gallery": FLAGSHIP}, headers={"accept-encoding": "gzip;q=0"}
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    varies = "accept-encoding, accept-language"  # a trace is told in the reader's language
    assert packed.headers["vary"] == plain.headers["vary"] == varies
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert packed.json() == plain.json()


# Requests that cannot be answered


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"\xff\xfe{}", b'{"gallery": "\\ud800"}'])
def test_what_is_not_json_is_refused(client: httpx.Client, body: bytes) -> None:
    problem(client.post("/api/run", content=body), 400)


def test_json_nested_too_deep_is_refused(client: httpx.Client) -> None:
    for body in (b"[" * 100_000, b'{"scenario":' * 10_000, b"[" * 60_000 + b"]" * 60_000):
        problem(client.post("/api/run", content=body), 400)


def test_json_nested_deep_inside_a_link_is_refused(client: httpx.Client) -> None:
    for content in (b"[" * 500_000, b'{"scenario":' * 50_000, b"[" * 900 + b"]" * 900):
        problem(run(client, link=link_to(content)), 422)


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_json_that_is_no_object_is_refused(client: httpx.Client, body: object) -> None:
    problem(client.post("/api/run", content=json.dumps(body)), 422)


@pytest.mark.parametrize("request_", [{}, {"gallery": FLAGSHIP, "link": "z1.abc"}])
def test_a_request_names_exactly_one_scenario(
    client: httpx.Client, request_: dict[str, str]
) -> None:
    document = problem(run(client, **request_), 422)
    assert "exactly one of scenario, link and gallery" in document["detail"]


def test_a_field_that_does_not_exist_is_named_with_the_one_that_was_meant(
    client: httpx.Client,
) -> None:
    document = problem(run(client, gallery=FLAGSHIP, kernal="2.6.17"), 422)
    assert document["errors"][0]["where"] == "kernal"
    assert "kernel" in document["errors"][0]["instead"]


def test_an_error_deep_in_a_scenario_says_where_it_is(client: httpx.Client) -> None:
    scenario = flagship(client)
    scenario["processes"][0]["vmas"][0]["pagse"] = 3
    scenario["processes"][0]["vmas"][0]["pages"] = "many"
    document = problem(run(client, scenario=scenario), 422)
    found = {error["where"]: error for error in document["errors"]}
    assert "pages" in found["processes[0].vmas[0].pagse"]["instead"]
    assert '"many"' in found["processes[0].vmas[0].pages"]["what"]


def test_an_unknown_kernel_is_refused_with_those_there_are(client: httpx.Client) -> None:
    document = problem(run(client, gallery=FLAGSHIP, kernel="nopfn-v9"), 422)
    assert document["type"].endswith(":unknown-kernel")
    assert "nopfn-v9" in document["detail"]
    assert "nopfn" in document["errors"][0]["instead"]


def test_an_unknown_scenario_is_refused_with_the_nearest(client: httpx.Client) -> None:
    document = problem(run(client, gallery="two-threads-one-pag"), 422)
    assert FLAGSHIP in document["errors"][0]["instead"]
    document = problem(client.get("/api/scenarios/two-threads-one-pag"), 404)
    assert FLAGSHIP in document["errors"][0]["instead"]


@pytest.mark.parametrize("schedule", ["Q until end", "A until no_such_op#1", "A until", "%%"])
def test_a_schedule_that_does_not_fit_is_refused(client: httpx.Client, schedule: str) -> None:
    problem(run(client, gallery=FLAGSHIP, schedule=schedule), 422)


@pytest.mark.parametrize(
    "link",
    ["", "z1.", "z1.!!!", "z9.abcd", "z1.AAAA", "plain text", "z1." + "A" * 70_000, "z1.é"],
)
def test_a_damaged_link_is_refused(client: httpx.Client, link: str) -> None:
    assert problem(run(client, link=link), 422)["type"].endswith(":bad-link")


def test_a_link_that_was_cut_short_is_refused(client: httpx.Client) -> None:
    whole = run(client, gallery=FLAGSHIP).json()["link"]
    problem(run(client, link=whole[: len(whole) // 2]), 422)


def test_a_link_that_inflates_without_end_is_refused(client: httpx.Client) -> None:
    bomb = link_to(b" " * 40_000_000)
    assert len(bomb) < 64 * 1024
    assert problem(run(client, link=bomb), 422)["type"].endswith(":bad-link")


@pytest.mark.parametrize(
    "content",
    [
        b'{"scenario": {"\\ud800": 1}}',
        b'{"\\ud800": 1, "scenario": {}}',
        b'{"scenario": {"title": "\\udfff", "processes": []}}',
        b'{"scenario": {"kernel": "\\ud800", "schema": "\\ud800"}}',
        b'{"scenario": {"schema": 1e999}}',
        b'{"scenario": NaN}',
        b"\xff",
    ],
)
def test_a_link_to_text_that_is_no_text_is_refused(client: httpx.Client, content: bytes) -> None:
    problem(run(client, link=link_to(content)), 422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "\ud800"),
        ("questions", [{"text": "\ud800"}]),
        ("questions", [{"deep": json.loads("[" * 400 + "]" * 400)}]),
    ],
    ids=["title", "questions", "nesting"],
)
def test_a_link_to_a_scenario_that_cannot_be_written_down_is_refused(
    client: httpx.Client, field: str, value: object
) -> None:
    content = {"scenario": {**flagship(client), field: value}}
    problem(run(client, link=link_to(json.dumps(content).encode())), 422)


def test_a_body_that_says_it_is_too_large_is_refused(client: httpx.Client) -> None:
    problem(client.post("/api/run", content=b" " * (BODY_LIMIT + 1)), 413)


def test_a_body_that_streams_on_for_too_long_is_refused(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 8192

    problem(client.post("/api/run", content=chunks()), 413)


def test_a_body_of_just_the_limit_is_read(client: httpx.Client) -> None:
    body = json.dumps({"gallery": FLAGSHIP}).encode()
    response = client.post("/api/run", content=body.ljust(BODY_LIMIT))
    assert response.status_code == 200


def test_a_wrong_method_is_refused_with_the_right_one(client: httpx.Client) -> None:
    response = client.put("/api/run", json={})
    problem(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/nothing", "/static/nothing.js", "/static/../app/main.py", "/api/"]
)
def test_an_unknown_address_is_a_problem_too(client: httpx.Client, path: str) -> None:
    problem(client.get(path), 404)


def test_a_client_in_a_hurry_is_told_when_to_come_back() -> None:
    with running_server(rate="0.1", burst="3") as address:
        answers = [httpx.post(f"{address}/api/run", content=b"{}") for _ in range(6)]
        assert [answer.status_code for answer in answers[:3]] == [422] * 3
        problem(answers[-1], 429)
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert httpx.get(f"{address}/api/kernels").status_code == 200


def test_a_body_that_trickles_in_is_not_waited_for() -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(30):
            yield b" "
            time.sleep(0.1)

    with running_server(body_seconds="0.5") as address:
        problem(httpx.post(f"{address}/api/run", content=drops()), 408)


def test_a_body_full_of_faults_is_answered_soon_and_shortly(client: httpx.Client) -> None:
    began = time.monotonic()
    document = problem(run(client, scenario={"processes": [0] * 40_000}), 422)
    assert time.monotonic() - began < 10  # it took minutes once
    assert len(document["errors"]) == 20 and "(and 40000 more)" in document["detail"]


@pytest.mark.parametrize("field", ["kernel", "gallery", "link", "schedule"])
def test_what_is_refused_is_not_repeated_at_length(client: httpx.Client, field: str) -> None:
    source = {} if field in ("gallery", "link") else {"gallery": FLAGSHIP}
    response = run(client, **{**source, field: "x" * 50_000})
    problem(response, 422)
    assert len(response.content) < 2_000


# Every response


def every_kind(client: httpx.Client) -> list[httpx.Response]:
    """Responses of every kind that the server has."""
    etag = client.get("/api/kernels").headers["etag"]
    return [
        client.get("/"),
        client.get("/healthz"),
        client.get("/api/kernels"),
        client.get("/api/kernels", headers={"if-none-match": etag}),
        client.get("/api/openapi.json"),
        run(client, gallery=FLAGSHIP),
        run(client),
        client.get("/nothing"),
        client.get("/static/nothing.js"),
        client.delete("/api/run"),
        client.post("/api/run", content=b" " * (BODY_LIMIT + 1)),
    ]


def test_every_response_carries_the_strict_headers(client: httpx.Client) -> None:
    for response in every_kind(client):
        headers = response.headers
        assert headers["content-security-policy"] == CSP, response
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert "server" not in headers


# Static files


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with a small front end of the test's own."""
    home = tmp_path_factory.mktemp("front")
    dist = home / "static" / "dist"
    dist.mkdir(parents=True)
    (home / "templates").mkdir()
    (home / "templates" / "stage.html").write_text("<script src=\"{{ asset('main.js') }}\">")
    names = {"main.js": "main-ABCD1234.js"}
    (dist / "manifest.json").write_text(json.dumps(names))
    for suffix, text in (("", "plain"), (".br", "brotli"), (".gz", "gzip")):
        (dist / f"main-ABCD1234.js{suffix}").write_text(text)
    folders = {"static": str(home / "static"), "templates": str(home / "templates")}
    with running_server(**folders) as address, httpx.Client(base_url=address) as client:
        yield client


def sent(client: httpx.Client, accepted: str) -> tuple[str | None, bytes]:
    """How the built file is encoded, and its bytes as they were sent."""
    headers = {"accept-encoding": accepted}
    with client.stream("GET", "/static/dist/main-ABCD1234.js", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/javascript")
        assert response.headers["vary"] == "accept-encoding"
        assert "immutable" in response.headers["cache-control"]
        assert response.headers["content-security-policy"] == CSP
        return response.headers.get("content-encoding"), b"".join(response.iter_raw())


def test_the_page_names_its_built_files(built: httpx.Client) -> None:
    assert built.get("/").text == '<script src="/static/dist/main-ABCD1234.js">'


def test_a_built_file_is_sent_in_the_best_form_that_the_client_takes(built: httpx.Client) -> None:
    assert sent(built, "gzip, deflate, br") == ("br", b"brotli")
    assert sent(built, "gzip, br;q=0") == ("gzip", b"gzip")
    assert sent(built, "identity") == (None, b"plain")


def test_a_compressed_twin_has_no_address_of_its_own(built: httpx.Client) -> None:
    problem(built.get("/static/dist/main-ABCD1234.js.br"), 404)


def test_a_page_that_was_not_built_says_what_to_do(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    empty = tmp_path_factory.mktemp("empty")
    (empty / "stage.html").write_text("{{ asset('main.js') }}")
    with running_server(static=str(empty), templates=str(empty)) as address:
        document = problem(httpx.get(address), 503)
        assert "manifest.json" in document["detail"] and "npm run build" in document["detail"]
        assert httpx.get(f"{address}/api/kernels").status_code == 200


def test_the_known_differences_can_be_read_on_the_site(client: httpx.Client) -> None:
    answer = client.get("/known-differences")
    assert answer.status_code == 200 and "text/html" in answer.headers["content-type"]
    assert "<h1>Known differences</h1>" in answer.text and "<table>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
