"""What every thread can do in every state, learned once and looked up ever after.

A step reads some cells; in every state in which these hold the same values it does the same. So
for each thread and place the table keeps which bits of a state the step depends on, and for each
pattern of these bits the number to add to the state. A step that must wait adds nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.errors import EngineError
from engine.explore.automaton import Place
from engine.explore.packing import Field, Packing
from engine.explore.spy import Spy
from engine.explore.system import Move, System
from engine.invariants.base import Violation
from engine.model.cells import Value, Which, every

MANY = 8
"""Choices of cells that one step may look through; of more, it is taken to look through all."""

OWN, TWIN = "own", "twin"


Names = frozenset[Any]


class Use(NamedTuple):
    """What a step was seen to depend on: names read, written, and added to in any order."""

    reads: Names
    writes: Names
    adds: Names

    def __or__(self, other: Use) -> Use:
        return Use(self.reads | other.reads, self.writes | other.writes, self.adds | other.adds)


NOTHING = Use(frozenset(), frozenset(), frozenset())


class Entry:
    """One thread's step at one place.

    mask: the bits it depends on. moves: pattern of these bits -> what to add to the state.
    broken: pattern -> what the step breaks. came: pattern -> how an access came out. use: the cells
    it was ever seen to depend on.
    """

    __slots__ = ("broken", "came", "mask", "moves", "place", "scans", "thread", "use")

    def __init__(self, thread: str, place: Place) -> None:
        self.thread, self.place = thread, place
        self.mask = 0
        self.moves: dict[int, int] = {}
        self.broken: dict[int, list[Violation]] = {}
        self.came: dict[int, str] = {}
        self.use = NOTHING
        self.scans: list[tuple[str, Which]] = []

    def scanned(self, cell: str) -> bool:
        """Whether the step would have looked at this cell, had it been there."""
        return any(cell.startswith(prefix) and which(cell) for prefix, which in self.scans)

    def scan(self, scans: list[tuple[str, Which]]) -> None:
        """The step looks at all cells of these names. Of many choices, all is taken."""
        self.scans += scans
        if len(self.scans) > MANY:
            self.scans = [(prefix, every) for prefix in dict(self.scans)]


class Moves:
    """The steps of a system. rows[t][place] is the entry of thread t there.

    uses: (program, place) -> what the step there depends on, whichever twin makes it: a cell of its
    own is (OWN, role), one of another twin's (TWIN, role). news: how often something was learned
    that a choice of `persistent` may rest on.
    """

    def __init__(self, system: System, packing: Packing) -> None:
        self.system, self.packing = system, packing
        self.rows: list[dict[int, Entry]] = [{} for _ in system.threads]
        self.uses: dict[tuple[Any, int], Use] = {}
        self.news = 0

    def entry(self, thread: int, number: int) -> Entry:
        """The entry of a thread at a place, made when first asked for."""
        entry = self.rows[thread].get(number)
        if entry is None:
            name = self.system.threads[thread]
            place = self.system.programs[name].places[number]
            entry = self.rows[thread][number] = Entry(name, place)
            if place.op is None:
                entry.moves[0] = 0
        return entry

    def add(self, state: int, thread: int) -> int:
        """What to add to the state when the thread moves; 0 if it cannot."""
        shift = self.packing.shifts[thread]
        entry = self.entry(thread, state >> shift & self.packing.place_mask)
        known = entry.moves.get(state & entry.mask)
        return self.learn(state, thread, entry) if known is None else known

    def broken(self, state: int, thread: int) -> list[Violation]:
        """What that step breaks."""
        shift = self.packing.shifts[thread]
        entry = self.entry(thread, state >> shift & self.packing.place_mask)
        return entry.broken.get(state & entry.mask, [])

    def breaks(self, state: int, thread: int) -> list[Violation]:
        """What the thread's step breaks in this state, if the step is known."""
        number = state >> self.packing.shifts[thread] & self.packing.place_mask
        entry = self.entry(thread, number)
        return entry.broken.get(state & entry.mask, [])

    def learn(self, state: int, thread: int, entry: Entry) -> int:
        """Make the step on a machine, and note what it did and what it depends on."""
        system, packing, place = self.system, self.packing, entry.place
        assert place.op is not None
        places = packing.places(state)
        spy = Spy(packing.cells(state, places))
        if system.blocked(spy, entry.thread, place.op):
            self._note(entry, spy)
            entry.moves[state & entry.mask] = 0
            return 0
        answer = system.act(spy, entry.thread, place.op)
        delta = tuple(spy.journal)
        program = system.programs[entry.thread]
        edges = program.edges
        reached = program.after(place, answer)
        if system.died(spy, entry.thread, delta):
            reached = program.dead(reached)
        self.news += program.edges - edges
        places[entry.thread] = reached
        broken = system.judge(spy, Move(entry.thread, place, answer, delta, places))
        changes = self._changes(spy, places)
        self._note(entry, spy)
        shift = packing.shifts[thread]
        if reached.number > packing.place_mask:
            raise EngineError(f"thread {entry.thread}", "too many places to explore", "shorten it")
        moved = (reached.number - place.number << shift) + sum(
            field.place(now) - field.place(field.read(state)) for field, now in changes
        )
        pattern = state & entry.mask
        entry.moves[pattern] = moved
        if place.op.name == "access":
            entry.came[pattern] = answer[0]
        if broken:
            entry.broken[pattern] = broken
        return moved

    def _changes(self, spy: Spy, places: dict[str, Place]) -> list[tuple[Field, int]]:
        """Which fields the step changes, and the number of the value that each then has."""
        final: dict[str, Value] = {cell: now for cell, _, now in spy.journal}
        changes = []
        for cell, value in final.items():
            field, made = self.packing.field(cell)
            for one in made:
                self.depend(one)
            code = field.table.code(self.packing.coded(cell, value, places))
            for one in self.packing.make_room(field):
                self.depend(one)
            changes.append((field, code))
        return changes

    def depend(self, field: Field) -> None:
        """A cell has got more bits: who depends on it, depends on them."""
        for row in self.rows:
            for entry in row.values():
                if entry.scanned(field.cell):
                    self._use(entry, Use(frozenset((field.cell,)), frozenset(), frozenset()))
                if any(field.cell in names for names in entry.use):
                    entry.mask |= field.mask

    def _note(self, entry: Entry, spy: Spy) -> None:
        scanned = frozenset(
            field.cell
            for field in self.packing.fields.values()
            for prefix, which in spy.scans
            if field.cell.startswith(prefix) and which(field.cell)
        )
        entry.scan(spy.scans)
        self._use(entry, _use(entry.place, spy) | Use(scanned, frozenset(), frozenset()))

    def _use(self, entry: Entry, use: Use) -> None:
        """A step was seen to depend on these cells."""
        now = entry.use | use
        if now == entry.use:
            return
        entry.use = now
        for cell in frozenset().union(*now):
            field = self.packing.fields.get(cell)
            if field:
                entry.mask |= field.mask
        key = self.system.kin[entry.thread], entry.place.number
        known = self.uses.get(key, NOTHING)
        whole = known | Use(*(self._relative(entry.thread, cells) for cells in now))
        if whole != known:
            self.uses[key] = whole
            self.news += 1

    def _relative(self, thread: str, cells: Names) -> Names:
        """The same cells, as any twin of the thread would call them."""
        names: set[Any] = set()
        for cell in cells:
            role = self.system.role(cell)
            if role is None or role[0] not in self.packing.twins[thread]:
                names.add(cell)
            else:
                names.add((OWN if role[0] == thread else TWIN, role[1]))
        return frozenset(names)


def _use(place: Place, spy: Spy) -> Use:
    """Sorts what a step did to its cells. Adding commutes if nobody looks at the sum."""
    assert place.op is not None
    reads, writes = frozenset(spy.reads), frozenset(spy.writes)
    if place.op.name in ("down_read", "up_read"):
        sem = frozenset(cell for cell in writes if cell.startswith("lock/"))
        return Use(reads - sem, writes - sem, sem)
    adds = frozenset(
        cell
        for cell, least in spy.adds.items()
        if place.deaf and cell not in reads and cell not in writes and (least > 0 or _free(cell))
    )
    sums = frozenset(spy.adds) - adds
    return Use(reads | sums, writes | sums, adds)


def _free(cell: str) -> bool:
    """Whether no rule asks if the counter falls below zero on the way."""
    return cell.startswith("rss/")
