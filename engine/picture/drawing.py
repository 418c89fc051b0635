"""Writing a run down as SVG."""

from __future__ import annotations

from html import escape

from engine.model.pte import pte_none, pte_present, pte_write
from engine.picture.reading import (
    OCTAGONS,
    Span,
    Value,
    acts,
    bad_steps,
    holds,
    marks,
    ptes,
    turns,
    values,
    waits,
    words,
)
from engine.picture.style import PATTERNS, STYLE
from engine.trace import Trace

WIDTH, HEIGHT = 360, 120
LEFT, RIGHT, TOP = 38, 8, 18
FOOT = 4
"""How much of a value its pattern takes: the number stands on plain colour."""

SHOWN = 4
"""The threads that there is room for."""

SIZES = ((2, 24, 9, 20), (3, 20, 7, 17), (4, 16, 3, 13), (5, 11, 2, 12), (9, 9, 1, 10))
"""Up to so many lanes: the height of a thread's, the gap after it, the height of a pte's."""


def picture(trace: Trace) -> str:
    """The run as an <svg> for a page that styles it and has PATTERNS in it once."""
    return _Drawing(trace).svg("")


def standalone(trace: Trace) -> str:
    """The run as an SVG document with a style of its own, for light and for dark."""
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" class="pic-ground"/>'
    return _Drawing(trace).svg(f"<style>{STYLE}</style><defs>{PATTERNS}</defs>{ground}")


class _Drawing:
    """Lays a run out and writes it down."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.threads = list(trace.sim.threads)[:SHOWN]
        self.cells = list(ptes(trace))
        self.total = max(1, len(trace.steps))
        crowd = len(self.threads) + len(self.cells)
        self.lane, self.gap, self.row = next(s for most, *s in SIZES if crowd <= most)
        used = len(self.threads) * (self.lane + 7 + self.gap) + len(self.cells) * (self.row + 3)
        self.alone = len(self.threads) == 1
        self.top = TOP + max(0, (HEIGHT - TOP - 4 - used) // 2) + (5 if self.alone else 0)

    def x(self, step: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / self.total, 1)

    def svg(self, head: str) -> str:
        """The whole drawing."""
        y, parts = self.top, []
        for number, thread in enumerate(self.threads):
            parts.append(self.thread(number, thread, y))
            y += self.lane + 7 + self.gap
        for name, cell in self.cells:
            parts.append(self.pte(name, cell, y))
            y += self.row + 3
        parts = [self.falls(y - 3), *parts, self.octagons()]
        size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        label = f'role="img" aria-label="{escape(words(self.trace))}"'
        xmlns = "http://www.w3.org/2000/svg"
        return f'<svg xmlns="{xmlns}" {size} class="pic" {label}>{head}{"".join(parts)}</svg>'

    def thread(self, number: int, thread: str, y: int) -> str:
        """One thread: its turns, what it did in them, what it held."""
        bars = self.path(acts(self.trace, thread), y + 4, self.lane - 8)
        under = y + self.lane
        middle = y + self.lane / 2 + 4.5
        return (
            f'<g class="t{number % 8}">'
            f'<text x="6" y="{middle:g}" class="pic-name">{escape(thread[:4])}</text>'
            + self.boxes(turns(self.trace, thread), y, self.lane, "pic-turn")
            + self.boxes(waits(self.trace, thread), y + 2, self.lane - 4, "pic-wait")
            + _path(bars, "pic-act")
            + self.pattern(number, bars)
            + _path(self.path(holds(self.trace, thread, True), under + 2, 1.2), "pic-sem")
            + _path(self.path(holds(self.trace, thread, False), under + 1.2, 3.2), "pic-lock")
            + (self.said(thread, y) if self.alone else self.letters(thread, y))
            + "</g>"
        )

    def letters(self, thread: str, y: float) -> str:
        """R and W where an access came through, ✕ where the thread ends."""
        found, room = [], -9.0
        for mark in marks(self.trace, thread):
            turn = next(t for t in turns(self.trace, thread) if t.start < mark.step <= t.end)
            at = (self.x(mark.step - 1) + self.x(mark.step)) / 2
            if self.x(turn.end) - self.x(turn.start) > 11:
                at = min(at, self.x(turn.end) - 7)
            if mark.letter and at - room >= 8:
                room = at
                kind = "pic-end" if mark.letter == "✕" else "pic-letter"
                place = f'x="{at:.4g}" y="{y + self.lane / 2 + 3.6:g}"'
                found.append(f'<text {place} class="{kind}">{mark.letter}</text>')
        return "".join(found)

    def said(self, thread: str, y: float) -> str:
        """The same in words above the lane; where they would touch, the weightier stay."""
        taken: list[tuple[float, float]] = []
        found = []
        for mark in sorted(marks(self.trace, thread), key=lambda m: -m.weight):
            wide = len(mark.word) * 5.9
            at = (self.x(mark.step - 1) + self.x(mark.step)) / 2
            left = min(max(LEFT, at - wide / 2), WIDTH - 4 - wide)
            if any(left < end + 5 and start < left + wide + 5 for start, end in taken):
                continue
            taken.append((left, left + wide))
            place = f'x="{left + wide / 2:.4g}" y="{y - 7:g}"'
            tick = _path(f"M{at:.4g} {y - 4:g}V{y:g}", "pic-tick")
            found.append(f'{tick}<text {place} class="pic-word">{escape(mark.word)}</text>')
        return "".join(found)

    def pte(self, name: str, cell: str, y: int) -> str:
        """What one pte said, from the first step to the last."""
        middle = y + self.row / 2
        parts = [f'<text x="6" y="{middle + 3.5:g}" class="pic-cell">{escape(name[:5])}</text>']
        for value in values(self.trace, cell):
            parts.append(self.value(value, y))
        return "".join(parts)

    def value(self, value: Value, y: int) -> str:
        left, right, middle = self.x(value.span.start), self.x(value.span.end), y + self.row / 2
        if pte_none(value.pte):
            return _path(f"M{left + 2:g} {middle:g}H{right:g}", "pic-none")
        present, writable = pte_present(value.pte), pte_write(value.pte)
        kind = "pic-absent" if not present else "pic-rw" if writable else "pic-ro"
        said = (
            f"{self.trace.arch.pte_pfn(value.pte):#x}"
            if present
            else self.trace.words.say("picture.absent")
        )
        box = self.boxes([value.span], y, self.row, kind)
        fill = self.path([value.span], y + self.row - FOOT, FOOT)
        marks = self.pattern(value.writer, fill) if kind == "pic-rw" else ""
        owner = f"t{value.writer % 8}" if value.writer >= 0 else "t7"
        ink = " pic-rw-text" if kind == "pic-rw" else ""
        text = ""
        if len(said) * 6.4 + 7 <= right - left:
            text = (
                f'<text x="{left + 5:g}" y="{middle + 3.7:g}" class="pic-value{ink}">{said}</text>'
            )
        return f'<g class="{owner}">{box}{marks}{text}</g>'

    def falls(self, bottom: float) -> str:
        """A line from each octagon down to what it is about."""
        bad = bad_steps(self.trace)[:OCTAGONS]
        return _path("".join(f"M{self.x(n):g} {TOP - 3}V{bottom:g}" for n in bad), "pic-fall")

    def octagons(self) -> str:
        """A mark over each step that breaks a rule."""
        shape = "M4 0h4l4 4v4l-4 4H4L0 8V4z"
        return "".join(
            f'<path class="pic-bad" transform="translate({self.x(n) - 6:g} 3)" d="{shape}"/>'
            for n in bad_steps(self.trace)[:OCTAGONS]
        )

    def boxes(self, spans: list[Span], y: float, height: float, kind: str) -> str:
        """A rounded box for each span."""
        found = []
        for start, end in spans:
            width = max(1.5, self.x(end) - self.x(start) - 1.2)
            found.append(
                f'<rect x="{self.x(start) + 0.6:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
                f' rx="{min(3.5, width / 3):.2g}" class="{kind}"/>'
            )
        return "".join(found)

    def path(self, spans: list[Span], y: float, height: float) -> str:
        """All spans as one path of plain boxes."""
        found = []
        for start, end in spans:
            left, right = self.x(start) + 1.2, max(self.x(start) + 2, self.x(end) - 1.2)
            found.append(f"M{left:g} {y:g}H{right:g}v{height:g}H{left:g}z")
        return "".join(found)

    def pattern(self, number: int, shape: str) -> str:
        """The second and third thread are hatched and dotted."""
        if not shape or number % 3 < 1:
            return ""
        name = "pic-hatch" if number % 3 == 1 else "pic-dots"
        return f'<path d="{shape}" fill="url(#{name})"/>'


def _path(shape: str, kind: str) -> str:
    return f'<path d="{shape}" class="{kind}"/>' if shape else ""
