"""The application: middleware, routes and what they share, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

from fastapi import FastAPI
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import engine
from app import (
    api,
    compare,
    explorations,
    gallery_page,
    glossary,
    link_page,
    links,
    nowhere,
    openapi,
    pages,
    play,
    problems,
    questions,
    story,
    truth,
    whatif,
)
from app.addresses import KnownHosts, proxies
from app.assets import Assets
from app.catalogue import Catalogue
from app.content import content
from app.limits import RateLimit
from app.runs import Runs
from app.security import BodyLimit, SecurityHeaders
from app.settings import BadSetting, Settings
from app.store import Links, address_of
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
    app.state.desk = links.Desk(settings, store(settings))
    app.state.templates = pages.environment(settings)
    app.include_router(pages.router)
    app.include_router(story.router)
    app.include_router(truth.router)
    app.include_router(glossary.router)
    app.include_router(gallery_page.router)
    app.include_router(api.router)
    app.include_router(links.router)
    app.include_router(link_page.router)
    app.include_router(whatif.router)
    app.include_router(compare.router)
    app.include_router(questions.router)
    app.include_router(explorations.router)
    app.include_router(explorations.pages)
    app.include_router(play.pages)
    app.include_router(play.router)
    app.mount("/static", Assets(directory=settings.static, check_dir=False), name="static")
    problems.install(app)
    nowhere.install(app)
    openapi.install(app)
    return app


@asynccontextmanager
async def warmed(app: FastAPI) -> AsyncIterator[None]:
    """Serve at once; meanwhile work out what the first visitor will ask, so that it is there."""
    Thread(target=questions.warm, args=(app.state.runs,), daemon=True).start()
    yield
    app.state.searches.close()
    if app.state.desk.store:
        app.state.desk.store.database.close()


def store(settings: Settings) -> Links | None:
    """Where short links are kept, if they are. Raises BadSetting."""
    if not settings.links:
        return None
    try:
        return Links(address_of(settings.links_url, settings.data), settings.links_most)
    except ValueError as error:
        raise BadSetting(f"FAULTWALK_LINKS_URL cannot be used: {error}") from None


def middleware(settings: Settings) -> list[Middleware]:
    """What every request passes through, from the outside in."""
    body = Middleware(BodyLimit, limit=settings.body_limit, seconds=settings.body_seconds)
    layers = [Middleware(SecurityHeaders), Middleware(problems.Shield)]
    trusted = proxies(settings)
    if trusted:
        layers.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=trusted))
    layers.append(Middleware(KnownHosts, names=settings.hosts))
    if settings.rate_limit:
        layers.append(Middleware(RateLimit, rate=settings.rate, burst=settings.burst))
    return [*layers, body]
