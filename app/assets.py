"""What the front end's build left in static/dist: names by manifest, compressed twins."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.payload import accepts
from app.problems import Problem

HASHED = re.compile(r"-[A-Z0-9]{8}\.\w+(\.map)?$")
CODINGS = (("br", ".br"), ("gzip", ".gz"))
FOR_EVER = "public, max-age=31536000, immutable"


class Manifest:
    """The names of built files by the names that templates use; read again after a new build."""

    def __init__(self, static: Path) -> None:
        self.file = static / "dist" / "manifest.json"
        self.read_at = -1.0
        self.names: dict[str, str] = {}
        self.needed: dict[str, list[str]] = {}

    def asset(self, name: str) -> str:
        """The address of the built file that the templates call `name`."""
        self._refresh()
        if name not in self.names:
            known = ", ".join(sorted(self.names))
            raise unbuilt(f"the manifest has no {name}; it has {known}")
        return _address(self.names[name])

    def imports(self, name: str) -> list[str]:
        """The addresses of what the built script called `name` imports before it can run."""
        self._refresh()
        return [_address(built) for built in self.needed.get(name, [])]

    def _refresh(self) -> None:
        """Read the manifest if it has changed."""
        try:
            changed = self.file.stat().st_mtime
            if changed != self.read_at:
                self.names = json.loads(self.file.read_text())
                imports = self.file.with_name("imports.json")
                self.needed = json.loads(imports.read_text()) if imports.exists() else {}
                self.read_at = changed
        except (OSError, ValueError):
            raise unbuilt("static/dist/manifest.json is not there or is damaged") from None


def _address(built: str) -> str:
    """Where the page finds a built file."""
    built = built.removeprefix("/").removeprefix("static/").removeprefix("dist/")
    return f"/static/dist/{built}"


def unbuilt(reason: str) -> Problem:
    """The problem that tells how to build the page."""
    sentence = f"the page is not built: {reason}; run `npm ci` and `npm run build`"
    return Problem(503, "The page is not built", sentence, kind="not-built")


class Assets(StaticFiles):
    """Static files: the compressed twin where it is accepted, kept for ever where it is hashed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`, or its compressed twin."""
        scope["route_template"] = "/static/{path}"  # a mount has no template that a log could name
        if path.endswith((".br", ".gz")):
            raise HTTPException(404)
        response = await self._best(path, scope)
        response.headers["vary"] = "accept-encoding"
        response.headers["cache-control"] = FOR_EVER if HASHED.search(path) else "no-cache"
        return response

    async def _best(self, path: str, scope: Scope) -> Response:
        """The response for the smallest form of the file that the client takes."""
        wanted = Headers(scope=scope).get("accept-encoding", "")
        plain = await super().get_response(path, scope)
        for coding, suffix in CODINGS:
            if accepts(wanted, coding) and self._has(path + suffix):
                packed = await super().get_response(path + suffix, scope)
                packed.headers["content-encoding"] = coding
                if "content-type" in plain.headers:
                    packed.headers["content-type"] = plain.headers["content-type"]
                return packed
        return plain

    def _has(self, path: str) -> bool:
        """Whether there is a file at `path`."""
        _, found = self.lookup_path(os.path.normpath(path))
        return found is not None
