"""The application: middleware, routes and what they share, put together."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Thread

from fastapi import FastAPI
from starlette.middleware import Middleware

import engine
from app import (
    api,
    byhand,
    compare,
    embed,
    explorations,
    gallery_page,
    glossary,
    inventory,
    link_page,
    links,
    logs,
    nowhere,
    observe,
    openapi,
    pages,
    play,
    problems,
    questions,
    sheets,
    story,
    takeaway,
    truth,
    whatif,
)
from app.addresses import OwnSite
from app.assets import Assets
from app.catalogue import Catalogue
from app.content import content
from app.lessons import pages as lesson_pages
from app.limits import RateLimit
from app.metrics import Metrics
from app.proxies import Proxied, networks, root_path
from app.rooms import Rooms
from app.rooms import doors as room_doors
from app.rooms import pages as room_pages
from app.runs import Runs
from app.security import BodyLimit, HeadLikeGet, SecurityHeaders
from app.settings import BadSetting, Settings
from app.store import Links, address_of
from engine.messages import languages, messages


def create_app(settings: Settings | None = None) -> FastAPI:
    """Faultwalk as an ASGI application. Raises BadSetting, or BadMessages for a language file."""
    settings = settings or Settings.from_env()
    for language in languages():
        messages(language)  # a file that does not fit is told now, not to the first reader
        content(language)
    logs.install(settings.log)
    networks("metrics", settings.metrics)
    networks("trusted_proxies", settings.trusted_proxies)  # Proxied reads it with the first request
    root_path(settings)
    metrics = Metrics()
    app = FastAPI(
        title="Faultwalk",
        summary="Linux page faults, step by step",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=warmed,
        middleware=middleware(settings, metrics),
    )
    gallery, searches = dict(engine.gallery()), explorations.Searches(settings)
    app.state.settings, app.state.metrics = settings, metrics
    rooms = Rooms(settings)
    app.state.rooms, app.state.doors = rooms, room_doors.Doors(settings.rooms_a_minute)
    app.state.stopping, app.state.at_stop = False, [searches.hush, rooms.hush]
    app.state.catalogue = Catalogue(gallery)
    app.state.runs = Runs(settings, gallery)
    app.state.searches = searches
    app.state.desk = links.Desk(settings, store(settings))
    app.state.templates = pages.environment(settings)
    app.include_router(api.router)  # what is asked most is looked for first
    app.include_router(observe.router)
    app.include_router(pages.router)
    app.include_router(story.router)
    app.include_router(truth.router)
    app.include_router(glossary.router)
    app.include_router(gallery_page.router)
    app.include_router(lesson_pages.pages)
    app.include_router(lesson_pages.router)
    app.include_router(sheets.router)
    app.include_router(inventory.router)
    app.include_router(links.router)
    app.include_router(link_page.router)
    app.include_router(embed.router)
    app.include_router(takeaway.router)
    app.include_router(whatif.router)
    app.include_router(room_doors.router)
    app.include_router(room_pages.router)
    app.include_router(compare.router)
    app.include_router(questions.router)
    app.include_router(explorations.router)
    app.include_router(explorations.pages)
    app.include_router(play.pages)
    app.include_router(play.router)
    app.include_router(byhand.pages)
    app.include_router(byhand.router)
    app.mount("/static", Assets(directory=settings.static, check_dir=False), name="static")
    app.state.checks = {"page": lambda: (settings.static / "dist" / "manifest.json").exists()}
    if app.state.desk.store:
        app.state.checks["links"] = app.state.desk.store.database.reachable
    observe.tell_metrics(app, metrics)
    problems.install(app)
    nowhere.install(app)
    openapi.install(app)
    return app


@asynccontextmanager
async def warmed(app: FastAPI) -> AsyncIterator[None]:
    """Serve at once; meanwhile work out what the first visitor will ask, so that it is there."""
    Thread(target=settle, args=(app.state.runs,), daemon=True).start()
    yield
    app.state.searches.close()
    if app.state.desk.store:
        app.state.desk.store.database.close()


def settle(runs: Runs) -> None:
    """Fill caches; the collector then leaves out what is there to stay, some 50 ms a turn."""
    questions.warm(runs)
    gc.collect()
    gc.freeze()


def store(settings: Settings) -> Links | None:
    """Where short links are kept, if they are. Raises BadSetting."""
    if not settings.links:
        return None
    try:
        return Links(address_of(settings.links_url, settings.data), settings.links_most)
    except ValueError as error:
        raise BadSetting(f"FAULTWALK_LINKS_URL cannot be used: {error}") from None


def middleware(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """What every request passes through, from the outside in."""
    body = Middleware(BodyLimit, limit=settings.body_limit, seconds=settings.body_seconds)
    layers = [
        Middleware(Proxied, settings=settings),
        Middleware(observe.Observed, requests=metrics.requests),
        Middleware(SecurityHeaders, hsts=settings.hsts),
        Middleware(HeadLikeGet),
        Middleware(problems.Shield),
        Middleware(OwnSite, settings=settings),
    ]
    if settings.rate_limit:
        layers.append(Middleware(RateLimit, rate=settings.rate, burst=settings.burst))
    return [*layers, body]
