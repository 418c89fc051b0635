"""Serve Faultwalk: python -m app [--host HOST] [--port PORT]."""

from __future__ import annotations

import argparse
import socket
import sys

from app.main import create_app
from app.server import serve
from app.settings import BadSetting, Settings
from engine import EngineError


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop, and end with 0; 2 when settings or address cannot be used."""
    parser = argparse.ArgumentParser(prog="faultwalk serve", description="Serve Faultwalk.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=8000, type=int, help="port; 0 for any that is free")
    args = parser.parse_args(argv)
    try:
        settings = Settings.from_env()
        app = create_app(settings)
        listener = listen(args.host, args.port)
    except (BadSetting, EngineError, OSError, OverflowError) as error:
        print(f"faultwalk: cannot serve on {args.host}:{args.port}: {error}", file=sys.stderr)
        return 2
    print(f"Faultwalk is at {url(listener)}", flush=True)
    serve(app, settings, listener)


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


if __name__ == "__main__":
    sys.exit(main())
