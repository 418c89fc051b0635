"""What operators are told is what there is: settings, the page, the compose file, the image."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from app.main import create_app
from app.settings import PREFIX, ROOT, BadSetting, Settings

TEXT = (ROOT / "docs" / "operators.md").read_text()
ROW = re.compile(r"^\| `FAULTWALK_(\w+)` \|(?: `([^`]*)`)? \| (.+) \|$", re.M)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())


def told(value: object) -> str:
    """A default as the page writes it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value.relative_to(ROOT)}/" if isinstance(value, Path) else str(value)


def test_every_setting_is_told_with_its_default() -> None:
    documented = {name.lower(): default for name, default, _ in ROW.findall(TEXT)}
    assert documented == {field.name: told(field.default) for field in fields(Settings)}


def test_the_page_can_be_read_on_the_site(client: httpx.Client) -> None:
    page = client.get("/operators")
    assert "<h1>For operators</h1>" in page.text and "<title>For operators" in page.text
    assert 'href="/operators"' in client.get("/truth").text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TRUSTED_PROXIES", "proxy"), ("ROOT_PATH", "fw"), ("HSTS", "yes"), ("LOG", "xml"),
        ("METRICS", "me"), ("CONNECTIONS", "0"), ("LINKS_URL", "mysql://x"),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_stops_the_server_and_is_named(
    name: str, text: str, tmp_path: Path
) -> None:
    env = {f"{PREFIX}{name}": text, f"{PREFIX}DATA": str(tmp_path)}
    with pytest.raises(BadSetting, match=f"FAULTWALK_{name}"):
        create_app(Settings.from_env(env)).build_middleware_stack()


# Compose


def test_the_compose_file_sets_what_there_is() -> None:
    known = {PREFIX + field.name.upper() for field in fields(Settings)}
    assert set(COMPOSE["services"]["app"]["environment"]) <= known


def test_the_compose_file_publishes_to_this_machine_only_and_has_no_password() -> None:
    ports = [port for s in COMPOSE["services"].values() for port in s.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert "POSTGRES_PASSWORD:?" in COMPOSE["services"]["db"]["environment"]["POSTGRES_PASSWORD"]


def test_what_compose_names_is_there() -> None:
    for service in COMPOSE["services"].values():
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(COMPOSE["volumes"])
    stop = COMPOSE["services"]["app"]["stop_grace_period"]
    assert int(stop.rstrip("s")) > Settings().stop_seconds


def test_the_image_holds_the_documents_that_the_site_shows() -> None:
    kept = (ROOT / ".dockerignore").read_text()
    for name in ("known-differences.md", "operators.md", "conformance.json"):
        assert f"!docs/{name}" in kept
