"""The command `faultwalk`, as it is installed: the engine's words, and those of the server."""

from __future__ import annotations

import sys
from importlib import import_module

from engine import cli
from engine.home import HOME

SERVER = {"serve": "app.__main__", "links": "app.store.__main__"}
MORE = """\
  serve [--host HOST] [--port PORT]   the page, on http://127.0.0.1:8000 unless told otherwise
  links WORD                          the short links that a server keeps
"""


def main(arguments: list[str] | None = None) -> int:
    """Do what one command line says; answers the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    word = given[0] if given else ""
    if word in SERVER:
        sys.path.insert(0, str(HOME))  # where app/ lies, so that no other package meets it
        code: int = import_module(SERVER[word]).main(given[1:])
        return code
    code = cli.main(given) if word not in ("", "-h", "--help", "help") else _help(word)
    return code


def _help(word: str) -> int:
    out = sys.stdout if word else sys.stderr
    print(cli.parser().format_help() + MORE, end="", file=out)
    return cli.FINE if word else cli.BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
