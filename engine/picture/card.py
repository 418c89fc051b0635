"""A run as a card of 1200 by 630: what a link shows where it is pasted.

The title; a lane a thread, with what it does in words; the pte below; how it ended. Whoever is
asked to predict sees the run as far as the link's step, and the question in place of the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from engine.content import content
from engine.ending import ending, undone
from engine.model.pte import pte_none, pte_present, pte_write
from engine.picture.measure import fits, width
from engine.picture.phases import Phase, phases
from engine.picture.prose import Prose
from engine.picture.reading import (
    OCTAGONS,
    Span,
    Value,
    bad_steps,
    holds,
    ptes,
    turns,
    values,
    waits,
    words,
)
from engine.picture.style import CARD_STYLE, CARD_STYLE_DARK, PATTERNS
from engine.text import plain
from engine.trace import Trace

WIDTH, HEIGHT = 1200, 630
MARGIN = 56
LEFT, RIGHT = 232, WIDTH - MARGIN
ROOM = WIDTH - 2 * MARGIN
TITLES = ((54, 62, 1), (44, 52, 2))
"""Size, height of a line, lines: the first that the title fits in."""

LANES = ((2, 74, 24, 48), (3, 58, 20, 40), (4, 46, 16, 36), (9, 34, 14, 30))
"""Up to so many lanes: the height of a thread's, the gap below it, the height of a pte's."""

MOST = 1.25
"""How much larger than that they grow where there is room."""

SHOWN, CELLS = 4, 2
WORD = 18
OCTAGON = "M6.4 0h9.2L22 6.4v9.2L15.6 22H6.4L0 15.6V6.4z"
LOGO = (
    f'<g transform="translate({MARGIN} 36)"><rect y="2" width="7" height="22" rx="2.5" class="f0"/>'
    '<rect x="10.5" y="2" width="7" height="22" rx="2.5" class="gap"/>'
    '<rect x="21" y="2" width="7" height="22" rx="2.5" class="f1"/></g>'
)


def card(trace: Trace, at: int = 0, ask: str | None = None, both: bool = True) -> str:
    """The card as an SVG document. at: the step of the link, 0 for none.

    ask: the question that hides what comes after that step. both: whether it has colours for dark
    as well, which not every program that draws it understands.
    """
    return _Card(trace, at, ask).svg(CARD_STYLE_DARK if both else CARD_STYLE)


class _Card:
    """Lays a run out on a card and writes it down."""

    def __init__(self, trace: Trace, at: int, ask: str | None) -> None:
        self.trace, self.ask = trace, ask
        self.total = max(1, len(trace.steps))
        self.at = min(max(at, 0), len(trace.steps))
        self.last = self.total if ask is None else self.at
        self.threads = list(trace.sim.threads)[:SHOWN]
        self.cells = list(ptes(trace))[:CELLS]
        self.bad = [n for n in bad_steps(trace) if n <= self.last]
        self.say = trace.words.say

    def x(self, step: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * step / self.total, 1)

    def room(self, span: Span) -> float:
        return self.x(span.end) - self.x(span.start) - 4

    def shown(self, spans: list[Span]) -> list[Span]:
        """What of these may be seen."""
        return [Span(s.start, min(s.end, self.last)) for s in spans if s.start < self.last]

    def svg(self, style: str) -> str:
        title = content(self.trace.words.language).say(self.trace.scenario.title)
        head, top = self.head(title)
        foot, bottom = self.foot()
        label = escape(plain(f"{title}. {self.ask or words(self.trace)}"))
        size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
            f"<style>{style}</style><defs>{PATTERNS}</defs>"
            f'<rect width="{WIDTH}" height="{HEIGHT}" class="paper"/>'
            f"{head}{self.middle(top, bottom)}{foot}</svg>"
        )

    # --- above: whose picture it is, and of what

    def head(self, title: str) -> tuple[str, float]:
        """The name, the kernel, the title; and where they end."""
        tried = (t for t in TITLES if len(Prose(title, t[0], ROOM, "bold").lines) <= t[2])
        size, line, most = next(tried, TITLES[-1])
        prose = Prose(title, size, ROOM, "bold", most)
        y = 132 if most == 1 else 124
        about = f"{self.trace.kernel.id} · {self.trace.arch.id}"
        drawn = LOGO + _text(MARGIN + 40, 57, "b ink", 23, "faultwalk")
        drawn += _text(RIGHT, 57, "m soft end", 20, about) + prose.svg(MARGIN, y, line)
        return drawn, y + line * (len(prose.lines) - 1) + 22

    # --- below: how it ended, or the question

    def foot(self) -> tuple[str, float]:
        """The verdict in its colour, and where it begins."""
        cells, threads = self.trace.sim.machine, self.trace.sim.threads
        dead = any(cells.get(f"task/{thread}/signal") for thread in threads)
        kind = "bad" if self.bad else "dead" if dead or any(undone(self.trace)) else "ok"
        said = ending(self.trace)
        if self.ask is not None:
            kind, said = "quiz", self.ask
        prose = Prose(said, 27, ROOM - 106, "medium", 3, self.threads)
        tall = 36 * len(prose.lines) + 32
        top = HEIGHT - 36 - tall
        box = _rect(MARGIN, top, ROOM, tall, 14, f"foot {kind}")
        sign = self.sign(kind, MARGIN + 40, top + tall / 2)
        return f'{box}{sign}<g class="said">{prose.svg(MARGIN + 80, top + 43, 36)}</g>', top

    def sign(self, kind: str, x: float, y: float) -> str:
        """The verdict as a shape."""
        if kind == "bad":
            place = f"translate({x - 15.4:g} {y - 15.4:g}) scale(1.4)"
            return f'<path transform="{place}" d="{OCTAGON}" class="oct"/>'
        if kind == "dead":
            return f'<path d="M{x:g} {y - 17:g}l17 17-17 17-17-17z" class="diamond"/>'
        if kind == "quiz":
            return _text(x, y + 15, "b ink mid", 42, "?")
        return f'<path d="M{x - 15:g} {y:g}l11 11 20-22" class="tick"/>'

    # --- between: the lanes

    def middle(self, top: float, bottom: float) -> str:
        """Threads and ptes, the steps that break a rule, the step of the link."""
        crowd = len(self.threads) + len(self.cells)
        lane, gap, row = next(rest for most, *rest in LANES if crowd <= most)
        used = len(self.threads) * (lane + gap) + len(self.cells) * (row + 8)
        scale = min(MOST, (bottom - top - 84) / used)
        lane, gap, row = round(lane * scale), round(gap * scale), round(row * scale)
        y = first = top + 36 + max(0, (bottom - top - 84 - used * scale) / 2)
        parts = []
        for number, thread in enumerate(self.threads):
            parts.append(self.thread(number, thread, y, lane))
            y += lane + gap
        for name, cell in self.cells:
            parts.append(self.pte(name, cell, y, row))
            y += row + 8
        end = y - 8
        under = self.falls(first, end) + self.here(first, end)
        return under + "".join(parts) + self.hidden(first, end) + self.octagons(first)

    def thread(self, number: int, thread: str, y: float, lane: float) -> str:
        """One thread: its name and program; its turns, what it did in them, where it waited."""
        spec = next(t for _, t in self.trace.scenario.threads() if t.name == thread)
        acts = "; ".join(_counted(act.words() for act in spec.do))
        room, middle = LEFT - MARGIN - 18, y + lane / 2
        parts = [
            _text(MARGIN, middle + (0 if acts else 10), "b me", 30, fits(thread, 30, room, "bold")),
            _text(MARGIN, middle + 23, "m soft", 17, fits(acts, 17, room)),
        ]
        for span in self.shown(turns(self.trace, thread)):
            parts.append(self.box(span, y, lane, "turn", 9))
        for span in self.shown(waits(self.trace, thread)):
            parts.append(self.box(span, y + 3, lane - 6, "wait", 8))
            parts.append(self.word(self.say("picture.waits"), span, middle, "m soft"))
        drawn = phases(self.trace, thread, self.room, _need, self.last)
        parts += [self.phase(number, phase, y, lane) for phase in drawn]
        parts += [self.beside(drawn, n, middle) for n in range(len(drawn))]
        for span in self.shown(holds(self.trace, thread, sem=False)):
            parts.append(_rect(self.x(span.start) + 2, y + lane + 4, self.room(span), 6, 3, "lock"))
        return f'<g class="t{number % 8}">{"".join(parts)}</g>'

    def phase(self, number: int, phase: Phase, y: float, lane: float) -> str:
        """A phase: filled if it leaves something behind, with its longest word that fits."""
        drawn, room = "", self.room(phase.span)
        if phase.acts:
            left, wide = self.x(phase.span.start) + 3, max(3.0, room - 2)
            drawn = _rect(left, y + 6, wide, lane - 12, 6, "act")
            drawn += _pattern(number, left, y + lane - 18, wide, 12) if lane > 50 else ""
        word = next((w for w in phase.words if _need(w) <= room + 2), "")
        return drawn + self.word(
            word, phase.span, y + lane / 2, "m onfill" if phase.acts else "m me"
        )

    def beside(self, drawn: list[Phase], n: int, middle: float) -> str:
        """The word for a turn too short to hold it, in the free space before."""
        phase, room = drawn[n], self.x(drawn[n].span.start) - 10
        before = self.x(drawn[n - 1].span.end) if n else LEFT
        if any(_need(word) <= self.room(phase.span) + 2 for word in phase.words):
            return ""
        word = next((w for w in phase.words if before + 12 + width(w, WORD) <= room), "")
        return _text(room, middle + 6, "m me end halo", WORD, word)

    def word(self, word: str, span: Span, middle: float, kind: str) -> str:
        """A word in the middle of a span, if it has room for it."""
        if not word or width(word, WORD) + 6 > self.room(span):
            return ""
        x = (self.x(span.start) + self.x(span.end)) / 2
        return _text(x, middle + 6, f"{kind} mid", WORD, word)

    def pte(self, name: str, cell: str, y: float, row: float) -> str:
        """What one pte said, from the first step to the last that may be seen."""
        shown = [v for v in values(self.trace, cell) if v.span.start < self.last]
        label = _text(MARGIN, y + row / 2 + 7, "b soft", 21, name)
        return label + "".join(self.value(value, y, row) for value in shown)

    def value(self, value: Value, y: float, row: float) -> str:
        """One value: dotted while empty, dashed while not present, pale while read-only."""
        span = Span(value.span.start, min(value.span.end, self.last))
        left, middle = self.x(span.start), y + row / 2
        if pte_none(value.pte):
            line = f'<path d="M{left + 4:g} {middle:.5g}H{self.x(span.end) - 3:g}" class="none"/>'
            return line + self.label(self.say("picture.empty"), span, middle, "m soft halo")
        present = pte_present(value.pte)
        kind = "absent" if not present else "rw" if pte_write(value.pte) else "ro"
        said = f"{self.trace.arch.pte_pfn(value.pte):#x}" if present else self.say("picture.absent")
        box = self.box(span, y, row, kind, 8)
        if kind == "rw" and value.writer >= 0:
            box += _pattern(value.writer, left + 2, y + row - 10, max(3.0, self.room(span)), 10)
        owner = f"t{value.writer % 8}" if value.writer >= 0 else "t7"
        ink = "mono onfill" if kind == "rw" else "mono ink"
        told = self.say("picture.frame_read_only", frame=said) if kind == "ro" else said
        text = self.label(told, span, middle, ink) or self.label(said, span, middle, ink)
        return f'<g class="{owner}">{box}{text}</g>'

    def label(self, word: str, span: Span, middle: float, kind: str) -> str:
        """A value at the beginning of its span, if there is room."""
        font = "mono" if kind.startswith("mono") else "medium"
        if width(word, 19, font) + 22 > self.room(span):
            return ""
        return _text(self.x(span.start) + 14, middle + 6.6, kind, 19, word)

    def box(self, span: Span, y: float, height: float, kind: str, round: float) -> str:
        wide = max(3.0, self.room(span))
        return _rect(self.x(span.start) + 2, y, wide, height, min(round, wide / 3), kind)

    def falls(self, first: float, end: float) -> str:
        """A line from each octagon down to the pte."""
        return "".join(
            f'<path d="M{self.x(n - 0.5):g} {first - 12:.5g}V{end:.5g}" class="fall"/>'
            for n in self.bad[:OCTAGONS]
        )

    def octagons(self, first: float) -> str:
        """A mark over each step that breaks a rule."""
        return "".join(
            f'<path transform="translate({self.x(n - 0.5) - 11:g} {first - 32:.5g})"'
            f' d="{OCTAGON}" class="oct"/>'
            for n in self.bad[:OCTAGONS]
        )

    def here(self, first: float, end: float) -> str:
        """The step of the link: a line behind everything, and its number below."""
        if not self.at:
            return ""
        x, said = self.x(self.at), self.say("picture.step", n=self.at)
        half = width(said, WORD, "bold") / 2
        middle = min(max(x, LEFT + half), RIGHT - half)
        line = f'<path d="M{x:g} {first - 8:.5g}V{end + 12:.5g}" class="here"/>'
        return line + _text(middle, end + 31, "b ink mid", WORD, said)

    def hidden(self, first: float, end: float) -> str:
        """What is to be predicted."""
        if self.ask is None:
            return ""
        wide = max(40.0, RIGHT - self.x(self.last) - 8)
        veil = _rect(RIGHT - wide, first, wide, end - first, 12, "veil")
        return veil + _text(RIGHT - wide / 2, (first + end) / 2 + 34, "b faint mid", 96, "?")


def _need(word: str) -> float:
    """The room that a word takes in its box."""
    return width(word, WORD) + 10


def _text(x: float, y: float, kind: str, size: int, text: str) -> str:
    if not text:
        return ""
    place = f'x="{x:.5g}" y="{y:.5g}" class="{kind}" font-size="{size}"'
    return f"<text {place}>{escape(text)}</text>"


def _rect(x: float, y: float, wide: float, tall: float, round: float, kind: str) -> str:
    place = f'x="{x:.5g}" y="{y:.5g}" width="{wide:.5g}" height="{tall:.5g}" rx="{round:.3g}"'
    return f'<rect {place} class="{kind}"/>'


def _pattern(number: int, x: float, y: float, wide: float, tall: float) -> str:
    """The second and third thread are hatched and dotted at the foot."""
    if number % 3 == 0:
        return ""
    name = "pic-hatch" if number % 3 == 1 else "pic-dots"
    place = f'x="{x:.5g}" y="{y:.5g}" width="{wide:.5g}" height="{tall}" rx="5"'
    return f'<rect {place} fill="url(#{name})"/>'


def _counted(acts: Iterable[str]) -> Iterator[str]:
    """What is done several times in a row, once: read mspec[3] ×2."""
    for act, same in groupby(acts):
        many = len(list(same))
        yield f"{act} ×{many}" if many > 1 else act
