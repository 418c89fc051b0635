"""pytest plugin: the run that shows why an assertion of `faultwalk.testing` failed, in the report.

It is there wherever Faultwalk is installed, and costs nothing until `faultwalk.testing` is used.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

URL = "FAULTWALK_PUBLIC_URL"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the page is served, and whether runs are to be kept as files."""
    group = parser.getgroup("faultwalk")
    url = "address of the page that links to runs lead to"
    folder = "write the run behind a failure into this folder, as a file that plays offline"
    group.addoption("--faultwalk-url", metavar="URL", help=url)
    group.addoption("--faultwalk-html", metavar="DIR", help=folder)
    parser.addini("faultwalk_url", url)
    parser.addini("faultwalk_html", folder)


def pytest_configure(config: pytest.Config) -> None:
    """The address is for this process and those that it starts."""
    url = setting(config, "url")
    if url:
        before = os.environ.get(URL)
        os.environ[URL] = url
        config.add_cleanup(lambda: _restore(before))


def setting(config: pytest.Config, name: str) -> str:
    """What the command line says, else the ini file, else nothing."""
    return str(config.getoption(f"faultwalk_{name}") or config.getini(f"faultwalk_{name}") or "")


@pytest.fixture
def faultwalk() -> ModuleType:
    """`faultwalk.testing`: assert_holds, assert_exists, assert_never."""
    import faultwalk.testing

    return faultwalk.testing


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, None]:
    """Put the link, and the file if there is one, into the report and its properties."""
    outcome = yield
    testing = sys.modules.get("faultwalk.testing")
    error = call.excinfo.value if call.excinfo else None
    if testing is None or not isinstance(error, testing.Shown) or error.run is None:
        return
    report: pytest.TestReport = outcome.get_result()
    said = [("faultwalk", error.run.address(error.at))]
    folder = setting(item.config, "html")
    if folder:
        said.append(("faultwalk_html", str(_kept(item, error, Path(folder)))))
    report.sections.append(("faultwalk: the run", "\n".join(text for _, text in said)))
    report.user_properties += said
    item.user_properties += said


def _kept(item: pytest.Item, error: Any, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{re.sub(r'[^A-Za-z0-9]+', '-', item.nodeid).strip('-')}.html"
    file.write_text(error.run.html(error.at), encoding="utf-8")
    return file.resolve()


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop(URL, None)
    else:
        os.environ[URL] = before
