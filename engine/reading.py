"""A run to be read: who did what and why, step by step, as plain text and as Markdown.

The same list is on the page of a short link; `text` has the terse form for terminals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from engine.content import content
from engine.ending import ending
from engine.text import plain
from engine.trace import Trace

CODE = re.compile(r"`([^`]*)`")
WHO = re.compile(r"(?<![\w@])@([A-Za-z][\w-]*)")
SPECIAL = re.compile(r"([\\*_\[\]<>#|!&])")


@dataclass(frozen=True)
class Line:
    """One step to be read: its number, who moved, what happened, why, and the rules that broke."""

    n: int
    thread: str
    what: str
    why: str
    rules: tuple[str, ...]
    notes: tuple[str, ...]


def title_of(trace: Trace) -> str:
    """The scenario's title in the language that the run is told in."""
    return content(trace.words.language).say(trace.scenario.title)


def verdict_of(trace: Trace) -> str:
    """How the run ended, in a sentence or two, with the markup of captions."""
    return ending(trace)


def reading(trace: Trace) -> Iterator[Line]:
    """Every step, from the first to the last."""
    known = content(trace.words.language)
    remarks = {(n.thread, n.op, n.nth): n for n in trace.scenario.notes if n.holds(trace.kernel.id)}
    for told in trace.steps:
        moment = told.moment
        verdicts = trace.verdicts.get(moment.number, ())
        rules = tuple(verdict.text for verdict in verdicts if verdict.level == "bad")
        note = remarks.get((moment.thread, moment.op, moment.nth))
        notes = (known.say(note.text),) if note else ()
        words = told.narration
        yield Line(moment.number, moment.thread, words.what, words.why, rules, notes)


def as_text(trace: Trace, at: int = 0, hide: bool = False) -> Iterator[str]:
    """The run as plain text. at: the step to point at. hide: nothing after it is told."""
    say = trace.words.say
    yield title_of(trace)
    yield say("reading.under", kernel=trace.kernel.id, arch=trace.arch.id)
    yield say("reading.hidden") if hide else plain(verdict_of(trace))
    yield ""
    for line in _told(trace, at, hide):
        mark = ">" if line.n == at else " "
        yield f"{mark}{line.n:>4}  {_flat(line.what)}"
        if line.why:
            yield f"       {_flat(line.why)}"
        yield from (f"       ! {_flat(rule)}" for rule in line.rules)
        yield from (f"       “{_flat(note)}”" for note in line.notes)


def as_markdown(trace: Trace, at: int = 0, hide: bool = False, url: str = "") -> Iterator[str]:
    """The run as Markdown, to paste into an issue. url: where it is stepped through."""
    say = trace.words.say
    yield f"# {_escaped(title_of(trace))}"
    yield ""
    yield say("reading.under", kernel=f"`{trace.kernel.id}`", arch=f"`{trace.arch.id}`")
    yield ""
    yield f"> {say('reading.hidden') if hide else _marked(verdict_of(trace))}"
    yield ""
    if url:
        yield f"[{say('reading.step_through')}]({url})"
        yield ""
    for line in _told(trace, at, hide):
        here = " ←" if line.n == at else ""
        yield f"{line.n}. {_marked(line.what)}{here}"
        if line.why:
            yield f"   {_marked(line.why)}"
        yield from (f"   ⬣ {_marked(rule)}" for rule in line.rules)
        yield from (f"   > {_marked(note)}" for note in line.notes)


def _told(trace: Trace, at: int, hide: bool) -> Iterator[Line]:
    """The lines that may be told."""
    return takewhile(lambda line: not hide or line.n <= at, reading(trace))


def _flat(text: str) -> str:
    """One line without markup."""
    return " ".join(plain(text).split())


def _marked(text: str) -> str:
    """Captions' markup as Markdown's: code stays code, threads are bold, all else is text."""
    parts = CODE.split(" ".join(text.split()))
    return "".join(f"`{p}`" if n % 2 else _bold(_escaped(p)) for n, p in enumerate(parts))


def _bold(text: str) -> str:
    return WHO.sub(r"**\1**", text)


def _escaped(text: str) -> str:
    return SPECIAL.sub(r"\\\1", text)
