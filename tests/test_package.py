"""The package: what pip installs works from any folder, with the command, the server and the page.

Installed for real into a fresh environment; what it requires is lent from the one of the tests.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import site
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import httpx
import pytest

from engine import kernels_json

ROOT = Path(__file__).resolve().parent.parent
FLAGSHIP = "two-threads-one-page"
OFFLINE = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")


def done(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command without this clone's packages in its way."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "FAULTWALK"))}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, env={**bare, **env}, capture_output=True, timeout=300)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is tracked, as a clone has it, and the page as it is built here."""
    made = tmp_path_factory.mktemp("clone")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in filter(None, tracked.stdout.decode().split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, made / name)
    shutil.copytree(ROOT / "static" / "dist", made / "static" / "dist")
    digest = runpy.run_path(str(made / "faultwalk"))["front_end_digest"]()
    (made / "static" / "dist" / ".built").write_text(digest)
    return made


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that can see what Faultwalk requires."""
    home = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    found = home / "bin" / "python"
    where = [sys.executable, "-c", "import site; print(site.getsitepackages()[0])"]
    packages = subprocess.run([found, *where[1:]], capture_output=True, text=True, check=True)
    lent = "\n".join(site.getsitepackages())
    (Path(packages.stdout.strip()) / "lent.pth").write_text(lent + "\n")
    return found


@pytest.fixture(scope="module")
def installed(clone: Path, python: Path) -> Path:
    """The folder of an environment's commands after `pip install .`"""
    made = done(python, "-m", "pip", "install", *OFFLINE, ".", cwd=clone)
    assert made.returncode == 0, made.stderr.decode()
    return python.parent


@pytest.fixture(scope="module")
def wheel(clone: Path, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, made from a source distribution, which needs no Node."""
    out = tmp_path_factory.mktemp("wheels")
    made = done(python, "-m", "hatchling", "build", "-t", "sdist", "-d", out, cwd=clone)
    assert made.returncode == 0, made.stderr.decode()
    source = next(out.glob("*.tar.gz"))
    made = done(python, "-m", "pip", "wheel", *OFFLINE, source, cwd=out, PATH="/nowhere")
    assert made.returncode == 0, made.stderr.decode()
    return next(out.glob("*.whl"))


def test_the_command_works_from_any_folder(installed: Path, tmp_path: Path) -> None:
    command = installed / "faultwalk"
    kernels = done(command, "kernels", "--json", cwd=tmp_path)
    assert json.loads(kernels.stdout) == kernels_json()
    page = done(command, "run", FLAGSHIP, "--as", "html", cwd=tmp_path)
    assert page.returncode == 0 and page.stdout.startswith(b"<!doctype html>")
    assert done(command, "run", FLAGSHIP, "--as", "png", cwd=tmp_path).stdout[1:4] == b"PNG"
    assert done(command, "explore", FLAGSHIP, cwd=tmp_path).returncode == 1
    assert b"serve" in done(command, "--help", cwd=tmp_path).stdout
    assert done(command, cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_it_is_a_library(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit('this is somebody else')")
    script = (
        "import faultwalk, engine; r = faultwalk.run('two-threads-one-page', kernel='nopfn-v3');"
        "print(repr(r), len(r._repr_html_()) > 100_000, len(faultwalk.gallery()) > 20)"
    )
    told = done(installed / "python", "-c", script, cwd=tmp_path)
    assert told.stdout.decode().endswith("True True\n"), told.stderr.decode()
    assert told.stdout.startswith(b"<Run 'Two threads, one page' under nopfn-v3: ")


def test_its_server_serves_the_page_and_searches(installed: Path, tmp_path: Path) -> None:
    command = [str(installed / "faultwalk"), "serve", "--port", "0"]
    env = {"PATH": os.environ["PATH"], "FAULTWALK_DATA": str(tmp_path / "data")}
    env |= {"HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.PIPE) as server:
        assert server.stdout
        address = server.stdout.readline().decode().split(" is at ")[1].strip()
        try:
            with httpx.Client(base_url=address, timeout=60) as client:
                for path in ("/", "/thread", "/glossary", "/truth", "/known-differences"):
                    assert client.get(path).status_code == 200, path
                began = client.post("/api/explorations", json={"gallery": FLAGSHIP}).json()
                with client.stream("GET", f"/api/explorations/{began['id']}/events") as news:
                    assert any('"done"' in line for line in news.iter_lines())
        finally:
            server.terminate()


def test_its_tests_have_the_plugin(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text(
        "def test_it(faultwalk):\n"
        "    faultwalk.assert_holds('two-threads-one-page', kernel='nopfn-v2')\n"
    )
    told = done(installed / "python", "-m", "pytest", "-p", "no:cacheprovider", cwd=tmp_path)
    assert told.returncode == 1
    assert b"replay: http://127.0.0.1:8000/#z1." in told.stdout


def test_a_wheel_holds_two_packages_and_a_module(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(n for n in names if n.endswith(".dist-info/METADATA")))
    tops = {name.split("/")[0] for name in names}
    assert {t for t in tops if not t.endswith(".dist-info")} == {
        "engine",
        "faultwalk",
        "pytest_faultwalk.py",
    }
    assert "faultwalk/home/static/dist/one_file.html" in names
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [n for n in names if ".map" in n or "__pycache__" in n or "node_modules" in n]
    wanted = (ROOT / "requirements" / "app.in").read_text().splitlines()
    known = Parser().parsestr(metadata.decode())
    names_of = {line.split(";")[0].split("<")[0] for line in wanted if not line.startswith("#")}
    required = {r.split(";")[0].split("<")[0].strip() for r in known.get_all("Requires-Dist", [])}
    assert required == names_of
    assert known["License-Expression"] == "GPL-2.0-only"


def test_a_wheel_is_what_is_installed(wheel: Path, installed: Path) -> None:
    where = "import faultwalk, pathlib; print(pathlib.Path(faultwalk.__file__).parent.parent)"
    told = done(installed / "python", "-c", where, cwd=installed)
    packages = Path(told.stdout.decode().strip())
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/" not in name:
                assert (packages / name).read_bytes() == archive.read(name), name
