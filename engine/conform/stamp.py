"""What a comparison with the oracle depends on: the sources that it runs through."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent


@cache
def stamp() -> str:
    """12 characters that change when any source changes that decides how a row compares."""
    digest = hashlib.sha256()
    for file in sources():
        digest.update(file.relative_to(ENGINE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def sources() -> list[Path]:
    """engine.conform and everything of the engine that it imports, directly or not."""
    found: set[Path] = set()
    todo = sorted((ENGINE / "conform").glob("*.py"))
    while todo:
        file = todo.pop()
        if file not in found:
            found.add(file)
            todo += _imports(file)
    return sorted(found)


def _imports(file: Path) -> list[Path]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return [found for name in names if name.startswith("engine.") for found in _files(name)]


def _files(module: str) -> list[Path]:
    path = ENGINE.joinpath(*module.split(".")[1:])
    folder = path / "__init__.py"
    return [file for file in (path.with_suffix(".py"), folder) if file.exists()]
