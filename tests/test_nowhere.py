"""An address that has nothing, for a reader and for a program."""

from __future__ import annotations

import httpx
import pytest

READER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def test_a_reader_gets_a_page_with_ways_on(client: httpx.Client) -> None:
    answer = client.get("/nope<script>", headers=READER)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no such page" in answer.text
    assert "<code>/nope&lt;script&gt;</code>" in answer.text
    assert 'href="/gallery"' in answer.text and 'href="/"' in answer.text


@pytest.mark.parametrize("path", ["/api/nope", "/static/nope.js", "/nope"])
def test_a_program_gets_a_problem_document(client: httpx.Client, path: str) -> None:
    headers = {"accept": "application/json"} if path == "/nope" else READER
    answer = client.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
