"""Serve Faultwalk: python -m app [--host HOST] [--port PORT]."""

from __future__ import annotations

import argparse
import socket
import sys
from contextlib import suppress

import uvicorn

from app.main import create_app
from app.settings import BadSetting
from engine import EngineError


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop; 2 when the settings or the address cannot be used."""
    parser = argparse.ArgumentParser(prog="faultwalk serve", description="Serve Faultwalk.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=8000, type=int, help="port; 0 for any that is free")
    args = parser.parse_args(argv)
    try:
        app = create_app()
        listener = listen(args.host, args.port)
    except (BadSetting, EngineError, OSError, OverflowError) as error:
        print(f"faultwalk: cannot serve on {args.host}:{args.port}: {error}", file=sys.stderr)
        return 2
    print(f"Faultwalk is at {url(listener)}", flush=True)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(configure(app)).run(sockets=[listener])
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    # asyncio sets it only on sockets that name their protocol; without it answers wait 40 ms
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def url(listener: socket.socket) -> str:
    """Where a browser finds `listener`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def configure(app: object) -> uvicorn.Config:
    """One worker, quiet, gone within seconds when told to stop."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the application believes the proxies of its settings, no others
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    sys.exit(main())
