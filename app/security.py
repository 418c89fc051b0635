"""ASGI middleware: the same strict headers on every response, and a limit on every body."""

from __future__ import annotations

import re

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.problems import Problem
from app.settings import BadSetting

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
FORMS = CSP.replace("form-action 'none'", "form-action 'self'")
"""For the few pages that work without script by a form."""
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), microphone=(), geolocation=(), display-capture=(), payment=(), usb=(), "
        "serial=(), hid=(), midi=(), browsing-topics=()"
    ),
}


HSTS = re.compile(r"max-age=\d{1,10}(; includeSubDomains)?(; preload)?")


class HeadLikeGet:
    """HEAD is answered as GET is, wherever there is GET; the server leaves out the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for the same with GET."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope["method"], scope["head"] = "GET", True
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Puts `HEADERS` on every HTTP response, whoever made it, but for those it has of its own.

    hsts: what Strict-Transport-Security says where the visitor came by HTTPS; "" for none.
    """

    def __init__(self, app: ASGIApp, hsts: str = "") -> None:
        self.app = app
        if hsts and not HSTS.fullmatch(hsts):
            raise BadSetting(f"FAULTWALK_HSTS is {hsts!r}; it should be as max-age=31536000")
        self.plain = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
        self.secure = [*self.plain, *([(b"strict-transport-security", hsts.encode())] * bool(hsts))]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers as the response starts."""
        added = self.secure if scope.get("scheme") == "https" else self.plain

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", [])
                names = {name for name, _ in own}
                rest = [header for header in added if header[0] not in names]
                message = {**message, "headers": [*own, *rest]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyLimit:
    """Stops a request whose body has more than `limit` bytes, or takes more than `seconds`."""

    def __init__(self, app: ASGIApp, limit: int, seconds: float) -> None:
        self.app = app
        self.limit = limit
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the body as it is read; refuse at once when Content-Length says too much."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise self.packed()  # nothing is unpacked, so no small body becomes a large one
        said = headers.get("content-length", "")
        if said.isdecimal() and (len(said) > 18 or int(said) > self.limit):
            raise self.too_large()
        size, whole = 0, False
        deadline = anyio.current_time() + self.seconds

        async def receive_counted() -> Message:
            nonlocal size, whole
            try:
                with anyio.fail_after(None if whole else deadline - anyio.current_time()):
                    message = await receive()
            except TimeoutError:
                raise self.too_slow() from None
            whole = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > self.limit:
                raise self.too_large()
            return message

        await self.app(scope, receive_counted, send)

    def too_large(self) -> Problem:
        """The problem that says what the limit is."""
        sentence = f"the body is larger than {self.limit} bytes, the most that is read"
        return Problem(413, "Content Too Large", sentence, kind="too-large")

    def packed(self) -> Problem:
        """The problem that says that bodies are taken as they are."""
        sentence = "send the body as it is, without a Content-Encoding"
        headers = {"accept-encoding": "identity"}
        title = "Unsupported Media Type"
        return Problem(415, title, sentence, kind="content-encoding", headers=headers)

    def too_slow(self) -> Problem:
        """The problem that says how long a body may take."""
        sentence = f"the body took longer than {self.seconds:g} seconds to arrive"
        headers = {"connection": "close"}
        return Problem(408, "Request Timeout", sentence, kind="too-slow", headers=headers)
