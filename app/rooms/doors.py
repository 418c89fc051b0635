"""The doors of rooms: HTTP to open one and to find it, a WebSocket or a stream of events to follow.

Nothing that is written down here or anywhere tells who was in a room.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, WebSocket
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope
from starlette.websockets import WebSocketDisconnect

from app.addresses import origin_of
from app.limits import Buckets, client_of, too_many
from app.openapi import PROBLEM, body_of, refusals
from app.problems import Problem
from app.rooms import says
from app.rooms.hub import Rooms
from app.rooms.names import KEY, mark_of, new_key, read_name
from app.rooms.room import Room
from app.rooms.wire import Slot, Wire, transport_of
from app.runs import read

router = APIRouter(prefix="/api/rooms", responses={"4XX": PROBLEM, "5XX": PROBLEM})

OFTEN = refusals({429: "this place has asked for rooms that do not exist, again and again"})
LATE = {**OFTEN, **refusals({409: "the question is not open"})}
POSTED = {**OFTEN, **refusals({403: "this key is another room's"})}
STREAM = {
    **OFTEN,
    **refusals({503: "the room is full"}),
    200: {"description": "cursors, the newest each time", "content": {"text/event-stream": {}}},
}

NO_ROOM, NOT_YOURS, WRONG, TOO_FAST, FULL = 4404, 4403, 4400, 4429, 4503
"""Why a WebSocket is closed; the last three digits are those of HTTP."""

BEAT = 15.0
"""Seconds after which a stream says that it is still there."""

FIRST = 10.0
"""Seconds in which who presents must show the key."""

ORDERS = 50
"""Orders a second that one room takes in the long run, and twice as many at once."""

Name = Annotated[str, Field(description="as k7mq-9xtd; capitals, spaces and o for 0 are forgiven")]
WhoParam = Annotated[str, Query(pattern="^[A-Za-z0-9_-]{16,32}$")]


class Doors:
    """How often one place may knock."""

    def __init__(self, a_minute: int) -> None:
        self.opening = Buckets(a_minute / 60, a_minute)
        self.guessing = Buckets(0.5, 30)
        self.orders = Buckets(ORDERS, 2 * ORDERS)


class RoomRequest(BaseModel):
    """The key of a room that was opened before; without one a new room is opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=rf"^{KEY.pattern}$")] | None = None


class Opened(BaseModel):
    """A room, and the key that drives it: whoever has it presents."""

    name: str
    key: str
    url: str


class VoteRequest(BaseModel):
    """An answer from a page that has no WebSocket. who: random, of the page's own making."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{16,32}$")]
    q: Annotated[str, Field(pattern=r"^[\w.:@#/\[\]-]{1,80}$")]
    round: Annotated[int, Field(ge=1, le=2)]
    choice: Annotated[int, Field(ge=0, le=7)]


class OrdersRequest(BaseModel):
    """What who presents says without a WebSocket: go, ask, again, close, clear, end, as on one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, Field(pattern=rf"^{KEY.pattern}$")]
    orders: Annotated[list[dict[str, Any]], Field(max_length=16)]


class RunOfRoom(BaseModel):
    """The self-contained link of a run."""

    link: str


def rooms_of(request: Request) -> Rooms:
    """The rooms of the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms_of)]


@router.post("", status_code=201, response_model=Opened, openapi_extra=body_of(RoomRequest))
async def open_room(request: Request, rooms: RoomsDep) -> Response:
    """Open a room, or the same again by its key."""
    body = read(await request.body(), RoomRequest)
    doors: Doors = request.app.state.doors
    wait = doors.opening.take(client_of(request.scope), time.monotonic())
    if wait:
        raise too_many(math.ceil(wait))
    key = body.key or new_key()
    room = await rooms.open(key)
    url = f"{origin_of(rooms.settings, request)}/r/{room.name}"
    return json_of(Opened(name=room.name, key=key, url=url).model_dump_json().encode(), 201)


@router.get("/{name}", response_model=dict[str, Any], responses=OFTEN)
async def look(request: Request, name: Name, rooms: RoomsDep) -> Response:
    """Where the room is: its cursor."""
    room = await known(request, rooms, name)
    return json_of(room.text())


@router.get("/{name}/runs/{run}", response_model=RunOfRoom, responses=OFTEN)
async def run(request: Request, name: Name, run: str, rooms: RoomsDep) -> Response:
    """The link of the run that the room is at, by the digest in its cursor."""
    room = await known(request, rooms, name)
    link = await rooms.link(room, run)
    if link is None:
        sentence = "the room is at another run by now; its cursor says at which"
        raise Problem(404, "Not Found", sentence, kind="another-run")
    return json_of(msgspec.json.encode({"link": link}))


@router.get("/{name}/events", response_class=StreamingResponse, responses=STREAM)
async def events(request: Request, name: Name, rooms: RoomsDep) -> Response:
    """The room's cursors as a stream of events, where a WebSocket does not come through."""
    room = await known(request, rooms, name)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    if request.scope.get("head"):
        return Response(None, 200, headers, "text/event-stream")
    slot = Slot()
    await rooms.join(room, slot)
    return StreamingResponse(stream(rooms, room, slot), 200, headers, "text/event-stream")


async def stream(rooms: Rooms, room: Room, slot: Slot) -> AsyncIterator[bytes]:
    """The newest cursor, again and again, until the room or the server ends."""
    try:
        yield b"retry: 2000\n\n"
        while not rooms.closing:
            text = await slot.next(BEAT)
            yield b": here\n\n" if text is None else b"data: " + text + b"\n\n"
            if room.cursor.gone:
                return
    finally:
        rooms.leave(room, slot)


@router.post("/{name}/votes", status_code=204, responses=LATE, openapi_extra=body_of(VoteRequest))
async def vote(request: Request, name: Name, rooms: RoomsDep) -> Response:
    """Answer the room's question; a later answer of the same page replaces it."""
    body = read(await request.body(), VoteRequest)
    room = await known(request, rooms, name)
    said = says.Vote(q=body.q, round=body.round, choice=body.choice)
    refused = await rooms.vote(room, body.who, said)
    if refused:
        raise Problem(409, "Conflict", refused, kind="not-open")
    return Response(status_code=204)


@router.post(
    "/{name}/orders",
    response_model=dict[str, Any],
    responses=POSTED,
    openapi_extra=body_of(OrdersRequest),
)
async def order(request: Request, name: Name, rooms: RoomsDep) -> Response:
    """Drive the room, where a WebSocket does not come through; the answer is how the room is."""
    body = read(await request.body(), OrdersRequest)
    room = await known(request, rooms, name)
    if mark_of(body.key) != room.kept.mark:
        raise Problem(403, "Forbidden", "this key is another room's", kind="not-yours")
    doors: Doors = request.app.state.doors
    now = time.monotonic()
    wait = max(doors.orders.take(room.name, now) for _ in body.orders or [{}])
    if wait:
        raise too_many(math.ceil(wait), "orders")
    try:
        orders = msgspec.convert(body.orders, list[says.Order])
    except msgspec.ValidationError as error:
        raise Problem(422, "Unprocessable Content", str(error), kind="no-order") from None
    rooms.guided(room)
    for each in orders:
        await rooms.order(room, each)
    return json_of(await state(rooms, room))


@router.websocket("/{name}/follow")
async def follow(socket: WebSocket, name: str, who: WhoParam) -> None:
    """Follow the room; what is said here are answers."""
    rooms: Rooms = socket.app.state.rooms
    room = await entered(socket, rooms, name)
    if room is None:
        return
    transport = transport_of(socket.scope)
    follower = Wire(transport) if transport else Slot()
    try:
        await rooms.join(room, follower)
    except Problem as problem:
        await socket.close(FULL, problem.detail)
        return
    sender = asyncio.ensure_future(carry(socket, follower)) if isinstance(follower, Slot) else None
    pace = Buckets(2.0, 10, most=1)
    with contextlib.suppress(WebSocketDisconnect):
        try:
            async for text in socket.iter_text():
                if pace.take("", time.monotonic()):
                    await socket.close(TOO_FAST, "two answers a second are enough")
                    return
                refused = await answered(rooms, room, who, text)
                await socket.send_text(msgspec.json.encode({"vote": refused}).decode())
        finally:
            rooms.leave(room, follower)
            if sender:
                sender.cancel()


async def answered(rooms: Rooms, room: Room, who: str, text: str) -> str:
    """Take an answer; what was wrong with it, or ""."""
    try:
        return await rooms.vote(room, who, says.VOTES.decode(text))
    except msgspec.MsgspecError as error:
        return str(error)


async def carry(socket: WebSocket, slot: Slot) -> None:
    """Under a server that does not show its transport, cursors go the ordinary way."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            text = await slot.next(BEAT)
            if text is not None:
                await socket.send_text(text.decode())


@router.websocket("/{name}/present")
async def present(socket: WebSocket, name: str) -> None:
    """Drive the room: the key first, then orders; what comes back is how the room is."""
    rooms: Rooms = socket.app.state.rooms
    room = await entered(socket, rooms, name)
    if room is None:
        return
    try:
        first = await asyncio.wait_for(socket.receive_text(), FIRST)
        if mark_of(says.KEYS.decode(first).key) != room.kept.mark:
            await socket.close(NOT_YOURS, "this key is another room's")
            return
    except (TimeoutError, msgspec.MsgspecError, WebSocketDisconnect):
        with contextlib.suppress(RuntimeError):
            await socket.close(NOT_YOURS, "the key comes first")
        return
    news = asyncio.Event()
    news.set()
    room.guides.add(news)
    teller = asyncio.ensure_future(keep_told(socket, rooms, room, news))
    try:
        await orders(socket, rooms, room)
    finally:
        teller.cancel()
        room.guides.discard(news)
        rooms.unguided(room)


async def orders(socket: WebSocket, rooms: Rooms, room: Room) -> None:
    """Do what is said until nobody says anything more."""
    pace = Buckets(ORDERS, 2 * ORDERS, most=1)
    with contextlib.suppress(WebSocketDisconnect):
        async for text in socket.iter_text():
            if pace.take("", time.monotonic()):
                await socket.close(TOO_FAST, "fifty orders a second are enough")
                return
            try:
                await rooms.order(room, says.ORDERS.decode(text))
            except msgspec.MsgspecError as error:
                await socket.send_text(msgspec.json.encode({"error": str(error)}).decode())


async def keep_told(socket: WebSocket, rooms: Rooms, room: Room, news: asyncio.Event) -> None:
    """Tell who presents how the room is, twice a second at most."""
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await news.wait()
            news.clear()
            await socket.send_text((await state(rooms, room)).decode())
            await asyncio.sleep(0.4)


async def state(rooms: Rooms, room: Room) -> bytes:
    """How the room is, for who presents."""
    return msgspec.json.encode({"cursor": room.cursor, **await rooms.told(room)})


async def known(request: Request, rooms: Rooms, name: str) -> Room:
    """The room of that name. Raises Problem: 404, or 429 for who guesses."""
    room = await sought(request.scope, request.app.state.doors, rooms, name)
    if isinstance(room, float):
        raise too_many(math.ceil(room))
    if room is None:
        sentence = "there is no such room; it may be over, or its name is another"
        raise Problem(404, "Not Found", sentence, kind="no-room")
    return room


async def entered(socket: WebSocket, rooms: Rooms, name: str) -> Room | None:
    """The room of a WebSocket, which is accepted, and closed where there is none."""
    room = await sought(socket.scope, socket.app.state.doors, rooms, name)
    await socket.accept()
    if isinstance(room, Room):
        return room
    code = TOO_FAST if isinstance(room, float) else NO_ROOM
    await socket.close(code, "there is no such room")
    return None


async def sought(scope: Scope, doors: Doors, rooms: Rooms, name: str) -> Room | float | None:
    """A room, none, or for how many seconds this place may not guess on."""
    room = await rooms.find(read_name(name) or "")
    if room is not None:
        return room
    return doors.guessing.take(client_of(scope), time.monotonic()) or None


def json_of(body: bytes, status: int = 200) -> Response:
    """An answer that nobody keeps."""
    return Response(body, status, {"cache-control": "no-store"}, "application/json")
