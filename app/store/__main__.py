"""The operator's word: ./faultwalk links list | reports | hide | unhide | dump | load."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from sqlalchemy import select

from app.settings import BadSetting, Settings
from app.store import Links, StoreAway, StoreFull, UnknownLink, address_of
from app.store.dump import dump, load
from app.store.tables import links, reports
from engine.link_id import tidy

FINE, WRONG, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Do what one command line says; 1 when part of it could not be done, 2 when none could."""
    options = parser().parse_args(arguments)
    try:
        settings = Settings.from_env()
        store = Links(address_of(settings.links_url, settings.data), settings.links_most)
        code: int = options.act(store, options)
        return code
    except UnknownLink:
        print(f"faultwalk: there is no link {options.id!r}", file=sys.stderr)
    except (BadSetting, ValueError, OSError, StoreAway, StoreFull) as error:
        print(f"faultwalk: {error}", file=sys.stderr)
    return BAD_INPUT


def parser() -> argparse.ArgumentParser:
    """The words and their options."""
    top = argparse.ArgumentParser(prog="faultwalk links", description="Short links kept here.")
    words = top.add_subparsers(dest="word", required=True, metavar="WORD")
    _word(words, "list", listed, "every link: id, day, title, and why it is hidden")
    _word(words, "reports", reported, "what visitors said about links")
    one = _word(words, "hide", hide, "show a link to nobody; it answers 410 with the reason")
    one.add_argument("id", metavar="ID")
    one.add_argument("--reason", required=True, help="which every visitor is told")
    other = _word(words, "unhide", unhide, "show it again")
    other.add_argument("id", metavar="ID")
    out = _word(words, "dump", dumped, "every link that can be opened, as JSON Lines")
    out.add_argument("--all", action="store_true", help="hidden ones and token hashes too")
    into = _word(words, "load", loaded, "take in a dump")
    into.add_argument("file", metavar="FILE", help="- for stdin")
    return top


def _word(words: Any, name: str, act: Any, help: str) -> argparse.ArgumentParser:
    word: argparse.ArgumentParser = words.add_parser(name, help=help, description=help)
    word.set_defaults(act=act)
    return word


def listed(store: Links, _: Any) -> int:
    """Every link."""
    wanted = select(links).order_by(links.c.created_day, links.c.id)
    for row in store.database.read(lambda c: c.execute(wanted).all()):
        state = f"  [hidden: {row.reason}]" if row.hidden else ""
        state = state or ("  [deleted]" if row.content is None else "")
        print(f"{row.id:<12} {row.created_day}  {row.title}{state}")
    return FINE


def reported(store: Links, _: Any) -> int:
    """What was reported, the newest last."""
    wanted = select(reports).order_by(reports.c.number)
    for row in store.database.read(lambda c: c.execute(wanted).all()):
        print(f"{row.link_id:<12} {row.day}  {row.reason}")
    return FINE


def hide(store: Links, options: Any) -> int:
    """Take a link down."""
    store.hide(tidy(options.id), options.reason[:500])
    return FINE


def unhide(store: Links, options: Any) -> int:
    """Put it back."""
    store.hide(tidy(options.id), None)
    return FINE


def dumped(store: Links, options: Any) -> int:
    """Write the dump."""
    for line in dump(store.database, options.all):
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    return FINE


def loaded(store: Links, options: Any) -> int:
    """Read one."""
    source = sys.stdin if options.file == "-" else open(options.file, encoding="utf-8")  # noqa: SIM115
    with source:
        new, known, wrong = load(store.database, source)
    print(f"{new} new, {known} there already, {len(wrong)} refused")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return WRONG if wrong else FINE


if __name__ == "__main__":
    sys.exit(main())
