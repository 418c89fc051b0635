"""The server as its clients meet it: a real process, asked over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from asking import BODY_LIMIT, FLAGSHIP, flagship, problem, run
from server import running_server

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)

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
