"""What is said of each move: rules of the machine, and of the revision; and of the end.

A move is held against what the revision's own handler does in the same scene: as its next move, as
one of its moves in an order that nobody could tell, or as a departure that names the line.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.byhand.game import Game, Made
from engine.byhand.hand import bits_of as of_letters
from engine.byhand.moves import code_name, read_move, spelled, spelled_page
from engine.byhand.order import LOOKS, STORES, dependent
from engine.byhand.reference import Event, Place, Reference, reference
from engine.encode import bits_of, cell_value, pte_words
from engine.kernel import short_name

METHODS = {"do_no_page": "nopage", "do_no_pfn": "nopfn"}
"""Which method a handler is there to call."""

GLANCES = ("read_pte", "read_truncate_count", "can_share", "check")
"""Looks that harm nobody when they come too early; but they do not count as the later ones."""

OWN_COUNT = ("memory/", "inject/", "log/")
"""Cells that only the model has, or that count what was tried."""


class Said(NamedTuple):
    """One thing said of a move. kind: refused, rule, revision or note; rule: which, by id.

    place, at: the line of the revision's handler that decides, and the one that does what is meant.
    excused: the revision breaks the rule too.
    """

    kind: str
    rule: str
    text: str
    place: Place | None = None
    at: Place | None = None
    excused: bool = False


class Verdict(NamedTuple):
    """A move and what is said of it.

    state: ok; same, accepted though the handler does otherwise; bad; off, as bad as the move before
    and for the same reason, so it is not counted again; refused.
    """

    made: Made
    state: str
    says: tuple[Said, ...]


class Grade:
    """Follows a game and judges each move; remembers which of the handler's moves are done."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.words = game.words
        self.ref: Reference = reference(game.task.id, game.kernel.id, game.words.language)
        self.left = list(self.ref.events)
        self.verdicts: list[Verdict] = []
        self.missed: Event | None = None

    @property
    def kernel(self) -> str:
        """The revision as sentences have it."""
        return short_name(self.game.kernel.id)

    def make(self, text: str) -> Verdict:
        """Make the move and judge it."""
        locked = self._locked()
        made = self.game.make(text)
        says = list(self._says(made, locked))
        verdict = Verdict(made, _state(made, says), tuple(says))
        self.verdicts.append(verdict)
        return verdict

    def next(self) -> Event | None:
        """The handler's next move that is not made yet."""
        return self.left[0] if self.left and not self.game.over else None

    @property
    def mistakes(self) -> int:
        """Moves that broke a rule, or could not be made; and the end, if it broke one."""
        end = any(not said.excused for said in self.late())
        return sum(v.state in ("bad", "refused") for v in self.verdicts) + end

    # --- a move

    def _says(self, made: Made, locked: bool) -> Any:
        if made.refused:
            yield Said("refused", "", made.refused)
            return
        for rule, text in made.broken:
            yield self._rule(rule, text)
        yield self._against(made, locked)

    def _rule(self, rule: str, text: str) -> Said:
        excused = rule in self.ref.breaks
        if excused:
            text = f"{text}. {self._say('excused')}"
        return Said("rule", rule, text, excused=excused)

    def _against(self, made: Made, locked: bool) -> Said:
        """The move against the handler's."""
        found = next((e for e in self.left if e.move == made.key), None)
        if found is None:
            return self._elsewhere(made, locked)
        before = [e for e in self.left[: self.left.index(found)] if dependent(e.move, made.key)]
        if before and made.idle and made.key.partition(".")[0] in GLANCES:
            return Said("note", "idle", self._say("idle"))
        first = found is self.left[0]
        rule = self._rule_of(before[0], made, locked) if before else None
        self._done(found, *before)
        if rule:
            return self._departs(*rule, before[0])
        if not first:
            return Said("note", "order", self._say("order"), found.place, found.at)
        return Said("note", "as", "", found.place, found.at)

    def _elsewhere(self, made: Made, locked: bool) -> Said:
        """A move that the handler does not make, or not about this."""
        name = made.key.partition(".")[0]
        if made.idle and name not in ("nopage", "nopfn"):
            return Said("note", "idle", self._say("idle"))
        kind = read_move(made.text)[0]
        near = next((e for e in self.left if _alike(e.move, made.key)), None)
        if near is None or kind.takes not in ("pte", "code"):
            event = self.left[0] if self.left else None
            key, fields = self._rule_of(event, made, locked)
            if key in ("recheck", "truncated") and event:
                self._done(event)
            return self._departs(key, fields, event)
        before = [e for e in self.left[: self.left.index(near)] if dependent(e.move, near.move)]
        rule = self._rule_of(before[0], made, locked) if before else None
        self._done(near, *before)
        if rule:
            return self._departs(*rule, before[0])
        what = near.move.split(".")
        if kind.takes == "code":
            return self._departs("code", {"code": f"`{code_name(what[1])}`"}, near)
        if what[1] != made.key.split(".")[1]:
            return self._departs(
                "frame", {"page": f"`{spelled_page(what[1], self.game.hand)}`"}, near
            )
        has, needs = set(made.key.split(".")[2]), set(what[2])
        key = "bits_more" if has - needs else "bits_less"
        wrong = bits_of(_as_pte(has - needs or needs - has))
        return self._departs(key, {"bits": self.words.all_of(f"`{bit}`" for bit in wrong)}, near)

    def _rule_of(self, event: Event | None, made: Made, locked: bool) -> tuple[str, dict[str, str]]:
        """Which rule of the revision is broken by a move in the place of this one."""
        move = made.key.partition(".")[0]
        if event is None:
            return "nothing", {}
        name, code = event.move.partition(".")[0], {"code": f"`{self.spelled(event.move)}`"}
        method = METHODS.get(event.at.function.partition("@")[0])
        if move in METHODS.values() and method and method != move and self._has(method):
            return "dispatch", {"first": f"`->{method}`", "then": f"`->{move}`"}
        if locked and name == "read_pte" and move in STORES:
            return "recheck", {}
        if locked and name == "read_truncate_count" and move in STORES:
            return "truncated", {}
        if move in ("ret", "iret") and name == "check":
            return "bug", code
        loosely = read_move(made.text)[0].takes in ("pte", "code")
        to_come = (e.move for e in self.left)
        if not any(e == made.key or (loosely and _alike(e, made.key)) for e in to_come):
            return ("again" if any(e.move == made.key for e in self.ref.events) else "never"), code
        return ("look" if name in LOOKS else "early"), code

    def _has(self, method: str) -> bool:
        vma = self.game.hand.vma
        return bool(vma and getattr(vma.vm_ops, method, False))

    def _departs(self, key: str, fields: dict[str, str], event: Event | None) -> Said:
        text = self._say(f"rule_{key}", **fields)
        if event and event is self.missed:
            return Said("off", key, text, event.place, event.at)
        self.missed = event
        return Said("revision", key, text, event and event.place, event and event.at)

    def _done(self, *events: Event) -> None:
        self.left = [e for e in self.left if all(e is not one for one in events)]

    def _locked(self) -> bool:
        """Whether the student holds ptl."""
        hand, sim = self.game.hand, self.game.sim
        lock = f"lock/ptl/{hand.mm}/{sim.world.arch.pte_page(hand.address):#x}"
        return sim.machine.get(lock) == self.game.task.thread

    def _say(self, key: str, **fields: str) -> str:
        return self.words.say(f"byhand.{key}", kernel=self.kernel, **fields)

    def spelled(self, move: str) -> str:
        """A move of the handler's, in the kernel's words."""
        return spelled(move, self.game.hand)

    # --- the end

    def late(self) -> list[Said]:
        """Rules that turned out broken at the end."""
        return [self._rule(rule, text) for rule, text in self.game.late]

    def differences(self) -> list[dict[str, str]]:
        """What differs from the end that the handler's own run comes to."""
        mine, theirs = self.game.sim.machine, self.ref.trace.sim.machine
        cells = [c for c in sorted({*mine, *theirs}) if not c.startswith(OWN_COUNT)]
        return [
            {
                "cell": c,
                "yours": self._value(c, mine.get(c)),
                "theirs": self._value(c, theirs.get(c)),
            }
            for c in cells
            if (mine.get(c) or None) != (theirs.get(c) or None)
        ]

    def _value(self, cell: str, value: Any) -> str:
        if cell.startswith("pte/"):
            return pte_words(self.game.sim.world.arch, value or 0)
        told = cell_value(cell, value)
        if isinstance(told, dict):
            parts = [", ".join(p) if isinstance(p, list) else str(p) for p in told.values() if p]
            return " ".join(parts) or "–"
        return "–" if told is None else str(told)

    @property
    def solved(self) -> bool:
        """Whether all is over, and as the handler's own run leaves it."""
        return self.game.over and not self.differences()


def _state(made: Made, says: list[Said]) -> str:
    if made.refused:
        return "refused"
    if any(said.kind in ("rule", "revision") and not said.excused for said in says):
        return "bad"
    if any(said.kind == "off" for said in says):
        return "off"
    apart = any((said.kind == "note" and said.rule != "as") or said.excused for said in says)
    return "same" if apart else "ok"


def _alike(one: str, other: str) -> bool:
    """Whether two moves do the same to something else."""
    return one.partition(".")[0] == other.partition(".")[0]


def _as_pte(letters: set[str]) -> int:
    return of_letters("".join(letters))
