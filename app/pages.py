"""The page, and whether the server is well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.addresses import below
from app.assets import Manifest
from app.content import KNOWN, OPERATORS, content, document
from app.html import Say, page
from app.language import chosen, later_words
from app.markup import to_html
from app.runs import opening_run
from app.settings import ROOT, Settings
from engine.messages import ENGLISH

router = APIRouter(include_in_schema=False)


def environment(settings: Settings) -> Environment:
    """Templates that escape, refuse names they do not know, and can name built files."""
    loader = FileSystemLoader(settings.templates)
    env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    env.filters |= {
        "prose": in_prose,
        "caption": caption,
        "worded": worded,
        "told": told,
        "lang": lang,
        "quoted": quoted,
        "number": number,
        "day": day,
    }
    manifest = Manifest(settings.static)
    env.globals["asset"] = manifest.asset
    env.globals["imports"] = manifest.imports
    return env


@pass_context
def in_prose(context: Context, text: str) -> Markup:
    """A text with the markup of captions."""
    site: Say = context["site"]
    return to_html(text, site["step"])


@pass_context
def caption(context: Context, text: str, threads: list[str]) -> Markup:
    """The same with these threads in their colours."""
    site: Say = context["site"]
    return to_html(text, site["step"], threads)


@pass_context
def worded(context: Context, text: str, threads: Sequence[str] = ()) -> Markup:
    """A caption, or a text of the content, which is told as such."""
    known, site = content(context["language"]), context["site"]
    made = to_html(known.say(text), site["step"], threads)
    return in_english(made) if known.lang(text) else made


@pass_context
def told(context: Context, text: str, prose: bool = False) -> Markup:
    """A text of the content in the page's language; where it is English, marked as that."""
    known = content(context["language"])
    made = in_prose(context, known.say(text)) if prose else escape(known.say(text))
    return in_english(made) if known.lang(text) else made


@pass_context
def lang(context: Context, text: str) -> str | Markup:
    """The same mark as an attribute of the element that the text is in."""
    return Markup(' lang="en"') if content(context["language"]).lang(text) else ""


@pass_context
def quoted(context: Context, text: str) -> Markup:
    """What is in English for every reader: a message's subject, a source."""
    return escape(text) if context["language"] == ENGLISH else in_english(escape(text))


def in_english(text: Markup) -> Markup:
    """The text, for a screen reader to know."""
    return Markup('<span lang="{}">{}</span>').format(ENGLISH, text)


@pass_context
def number(context: Context, value: int) -> str:
    """A count with the language's mark between thousands."""
    site: Say = context["site"]
    return f"{value:,}".replace(",", site["thousands"])


@pass_context
def day(context: Context, date: datetime) -> str:
    """3 Apr"""
    site: Say = context["site"]
    return site("day", day=date.day, month=site[f"month_{date.month}"])


@router.api_route("/edit", methods=["GET", "HEAD"])
@router.api_route("/", methods=["GET", "HEAD"])
def stage(request: Request) -> Response:
    """The one page: the stage; at /edit with the editor open beside it.

    The run that it opens on is in the document, so that the first view waits for no second answer.
    """
    opening, run = opening_run(request.app.state.runs, chosen(request))
    return page(request, "stage.html", opening=opening, run=Markup(run))


@router.get("/words/{name}")
def words(request: Request, name: Literal["editor", "room", "schedules", "share"]) -> Response:
    """The words of a part of the page in the reader's language: it asks when it needs them."""
    headers = {"cache-control": "no-cache", "vary": "accept-language"}
    return JSONResponse(later_words(name, chosen(request)), headers=headers)


@router.api_route("/r/", methods=["GET", "HEAD"])
def way_in(request: Request) -> Response:
    """The line above a room's name on the wall, typed by who has read that line alone."""
    return RedirectResponse(f"{below(request)}/r", 308)


@router.api_route("/known-differences", methods=["GET", "HEAD"])
def differences(request: Request) -> Response:
    """Where the model and real kernels part, for users to read."""
    return written(request, KNOWN, "known_differences")


@router.api_route("/operators", methods=["GET", "HEAD"])
def operators(request: Request) -> Response:
    """How to run this for others."""
    return written(request, OPERATORS, "operators")


def written(request: Request, name: str, title: str) -> Response:
    """A document of docs/ as a page. title: its message of the site."""
    language = chosen(request)
    text, lang = document(name, language)
    named = Say("site", language)[title]
    return page(request, "document.html", lang=lang, title=named, body=rendered(text))


@router.api_route("/docs/{name}", methods=["GET", "HEAD"])
def for_builders(request: Request, name: Literal["embed", "lessons", "links"]) -> Response:
    """A document for who builds on this site; in English, as the API is."""
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    title = text.partition("\n")[0].lstrip("# ")
    return page(request, "document.html", lang=ENGLISH, title=title, body=rendered(text))


def rendered(text: str) -> Markup:
    """Markdown as HTML; what is too wide for a phone scrolls by itself, by keyboard as well."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    body = body.replace("<table>", '<div class="wide-table" tabindex="0"><table>')
    body = body.replace("<pre>", '<pre tabindex="0">')
    return Markup(body.replace("</table>", "</table></div>"))
