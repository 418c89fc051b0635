"""The application: middleware, routes and what they share, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

from fastapi import FastAPI
from starlette.middleware import Middleware

import engine
from app import (
    api,
    compare,
    explorations,
    gallery_page,
    glossary,
    openapi,
    pages,
    play,
    problems,
    questions,
    story,
    takeaway,
    truth,
    whatif,
)
from app.assets import Assets
from app.catalogue import Catalogue
from app.content import content
from app.limits import RateLimit
from app.runs import Runs
from app.security import BodyLimit, SecurityHeaders
from app.settings import Settings
from engine.messages import languages, messages


def create_app(settings: Settings | None = None) -> FastAPI:
    """Faultwalk as an ASGI application. Raises BadSetting, or BadMessages for a language file."""
    settings = settings or Settings.from_env()
    for language in languages():
        messages(language)  # a file that does not fit is told now, not to the first reader
        content(language)
    app = FastAPI(
        title="Faultwalk",
        summary="Linux page faults, step by step",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=warmed,
        middleware=middleware(settings),
    )
    gallery = dict(engine.gallery())
    app.state.catalogue = Catalogue(gallery)
    app.state.runs = Runs(settings, gallery)
    app.state.searches = explorations.Searches(settings)
    app.state.templates = pages.environment(settings)
    app.include_router(pages.router)
    app.include_router(story.router)
    app.include_router(truth.router)
    app.include_router(glossary.router)
    app.include_router(gallery_page.router)
    app.include_router(api.router)
    app.include_router(takeaway.router)
    app.include_router(whatif.router)
    app.include_router(compare.router)
    app.include_router(questions.router)
    app.include_router(explorations.router)
    app.include_router(explorations.pages)
    app.include_router(play.pages)
    app.include_router(play.router)
    app.mount("/static", Assets(directory=settings.static, check_dir=False), name="static")
    problems.install(app)
    openapi.install(app)
    return app


@asynccontextmanager
async def warmed(app: FastAPI) -> AsyncIterator[None]:
    """Serve at once; meanwhile work out what the first visitor will ask, so that it is there."""
    Thread(target=questions.warm, args=(app.state.runs,), daemon=True).start()
    yield
    app.state.searches.close()


def middleware(settings: Settings) -> list[Middleware]:
    """What every request passes through, from the outside in."""
    body = Middleware(BodyLimit, limit=settings.body_limit, seconds=settings.body_seconds)
    layers = [Middleware(SecurityHeaders), Middleware(problems.Shield)]
    if settings.rate_limit:
        layers.append(Middleware(RateLimit, rate=settings.rate, burst=settings.burst))
    return [*layers, body]
