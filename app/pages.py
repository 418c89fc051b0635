"""The page, and whether the server is well."""

from __future__ import annotations

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import JSONResponse, Response

from app.assets import Manifest
from app.html import page
from app.language import chosen, editor_words
from app.markup import to_html
from app.runs import opening_run
from app.settings import ROOT, Settings

router = APIRouter(include_in_schema=False)


def environment(settings: Settings) -> Environment:
    """Templates that escape, refuse names they do not know, and can name built files."""
    loader = FileSystemLoader(settings.templates)
    env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    env.filters["prose"] = to_html
    manifest = Manifest(settings.static)
    env.globals["asset"] = manifest.asset
    env.globals["imports"] = manifest.imports
    return env


@router.api_route("/edit", methods=["GET", "HEAD"])
@router.api_route("/", methods=["GET", "HEAD"])
def stage(request: Request) -> Response:
    """The one page: the stage; at /edit with the editor open beside it.

    The run that it opens on is in the document, so that the first view waits for no second answer.
    """
    opening, run = opening_run(request.app.state.runs, chosen(request))
    return page(request, "stage.html", opening=opening, run=Markup(run))


@router.get("/words/editor")
def words(request: Request) -> Response:
    """The editor's words in the reader's language: the page asks for them when it needs them."""
    headers = {"cache-control": "no-cache", "vary": "accept-language"}
    return JSONResponse(editor_words(chosen(request)), headers=headers)


@router.api_route("/known-differences", methods=["GET", "HEAD"])
def known_differences(request: Request) -> Response:
    """Where the model and real kernels part, for users to read."""
    text = (ROOT / "docs" / "known-differences.md").read_text(encoding="utf-8")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    # a table too wide for a phone scrolls by itself, by keyboard as well
    body = body.replace("<table>", '<div class="wide-table" tabindex="0"><table>')
    body = body.replace("</table>", "</table></div>")
    return page(request, "document.html", title="Known differences", body=Markup(body))


@router.api_route("/healthz", methods=["GET", "HEAD"])
async def healthz() -> dict[str, bool]:
    """Whether the server answers."""
    return {"ok": True}
