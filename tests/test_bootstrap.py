"""The clone's one command, and the files that make a set-up repeatable."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WORDS = (
    "serve",
    "test",
    "kernels",
    "run",
    "explore",
    "compare",
    "conform",
    "link",
    "import",
    "links",
)
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def faultwalk(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "faultwalk"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def pins(path: Path) -> list[str]:
    """The requirements of a compiled file, each with its hashes, on one line."""
    text = path.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_help_names_every_word() -> None:
    result = faultwalk("--help")
    assert result.returncode == 0
    for word in WORDS:
        assert word in result.stdout


def test_unknown_word_is_a_usage_error() -> None:
    result = faultwalk("sreve")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "unknown word 'sreve'" in result.stderr
    assert "usage:" in result.stderr


def test_no_word_is_a_usage_error() -> None:
    result = faultwalk()
    assert result.returncode == 2
    assert result.stderr.startswith("usage:")


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_a_hash(path: Path) -> None:
    assert pins(path)
    for pin in pins(path):
        assert re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin), pin


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_requirements_name_no_address(path: Path) -> None:
    assert "http://" not in path.read_text()
    assert "https://" not in path.read_text()


def test_tests_run_with_the_packages_that_serve() -> None:
    app, dev = (set(pins(ROOT / f"requirements/{name}.txt")) for name in ("app", "dev"))
    assert app <= dev


def licence(name: str) -> str:
    """What a package says of its licence."""
    about = importlib.metadata.metadata(name)
    said = about.get_all("License-Expression", []) + about.get_all("License", [])
    said += [c for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    files = importlib.metadata.files(name) or []
    kept = [file for file in files if file.name.lower().startswith("licen")]
    told = " ".join(filter(None, said)) or "".join(file.read_text() for file in kept)
    return told.replace("\n", " ")


GOOD = re.compile(r"\b(MIT|BSD|ISC|PSF|Python Software|MPL|Permission is hereby granted)\b")
BAD = re.compile(r"\bA?L?GPL|GNU\b")


def test_what_serves_goes_with_gpl_2() -> None:
    """Apache-2.0 alone and (L)GPL-3.0 do not; a dual licence does."""
    here = {name.lower().replace("_", "-") for name in installed()}
    for pin in pins(ROOT / "requirements/app.txt"):
        name = pin.partition("==")[0]
        if name in here:
            assert GOOD.search(licence(name)) and not BAD.search(licence(name)), name


def installed() -> Iterator[str]:
    for found in importlib.metadata.distributions():
        yield found.metadata["Name"]


def test_package_lock_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_front_end_versions_are_exact() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert [v for v in versions.values() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []


@pytest.mark.parametrize("built", [".venv/x", "node_modules/x", "static/dist/main.js"])
def test_what_set_up_builds_is_ignored(built: str) -> None:
    result = subprocess.run(["git", "check-ignore", "-q", built], cwd=ROOT)
    assert result.returncode == 0
