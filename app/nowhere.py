"""An address that has nothing: a page for who reads, a problem document for programs."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app import problems
from app.html import page

NO_PAGES = ("/api", "/static")


def install(app: FastAPI) -> None:
    """Answer readers of `app` with a page where there is none."""
    app.add_exception_handler(HTTPException, _on_http)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code != 404 or not reads(request):
        return await problems.on_http(request, error)
    answer = page(request, "page_none.html", "link", path=request.url.path)
    answer.status_code = 404
    answer.headers["cache-control"] = "no-store"
    return answer


def reads(request: Request) -> bool:
    """Whether somebody wants to read what is there, which a browser says and a program does not."""
    scope = request.scope
    below: str = scope.get("app_root_path", scope.get("root_path", ""))  # a mount has its own
    part = "/" + scope["path"].removeprefix(below).lstrip("/").split("/")[0]
    asks = request.method in ("GET", "HEAD") and part not in NO_PAGES
    return asks and "text/html" in request.headers.get("accept", "")
