"""Which orders decide an outcome: "A sets the pte before B reads it", true of all its runs.

An event is what one thread does at one line of one handler. "x before y" can be on the way to an
outcome if some run there comes to y's first time after x, and to x while y was not yet. An order
decides an outcome if both events come on every run there and no run has them the other way round,
while other outcomes do not need it so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from engine.explore.automaton import Place
from engine.explore.fates import Fates
from engine.explore.moves import Entry
from engine.explore.search import Exact
from engine.kernels.parts import real_name
from engine.messages import Message
from engine.model.pte import PAGE_MASK, PAGE_SHIFT
from engine.ops import OPS
from engine.scenario import Scenario

TOLD_STATES, MANY_OUTCOMES = 20_000, 100
"""Of larger searches no orders are told: each event takes a pass over all steps."""

MANY = 3
"""Orders told of one outcome."""

SHARED = ("pte/", "pmd/", "vma/", "mm/", "driver/", "page/", "frame/", "swap/", "file/",
          "task/", "lock/mmap_sem/")  # fmt: skip
"""Cells by which threads meet."""

TOLD = ("set_pte_at", "nopfn_ret", "nopage_ret", "read_pte", "ptep_establish", "ptep_clear_flush",
        "ptep_set_access_flags", "ptep_set_wrprotect", "ptep_get_and_clear", "set_pte_high",
        "pte_clear_high", "touch", "read", "write", "read_truncate_count", "bump_truncate_count",
        "can_share_swap_page", "trylock_page", "copy_user_highpage", "find_vma", "set_vma_flags",
        "read_pmd", "pmd_populate", "send_sig", "down_write",
        "down_read")  # fmt: skip
"""Events that there are words for, messages orders.*; those first that say most."""

ACCESSES = ("touch", "read", "write")


class Event(NamedTuple):
    """What a thread does. op: one of TOLD. place: (mm, address), or None.

    function: the kernel's function it is done in, "" in user code. An access is a thread's first
    touch of a page, unless it dies there; or a read or write that comes through: its `nth` there,
    or its only one, which is 0.
    """

    thread: str
    op: str
    place: tuple[str, int] | None
    function: str
    nth: int = 0


class Order(NamedTuple):
    """One event, and another that comes later."""

    first: Event
    then: Event


class Decisions:
    """The orders that decide each outcome of a search that came to its end.

    outcome_of: end state -> the number of its outcome. fates: state -> outcomes that can come.
    """

    def __init__(self, search: Exact, outcome_of: dict[int, int], fates: Fates) -> None:
        self.search = search
        self.many = max(outcome_of.values(), default=-1) + 1
        self.every = (1 << self.many) - 1
        self.events: list[Event] = []
        self.uses: list[tuple[set[str], set[str]]] = []
        self._edges(fates)
        self.ends = {self.number[state]: 1 << n for state, n in outcome_of.items()}
        self.can: dict[tuple[int, int], int] = defaultdict(int)
        self.must = [self._without(event) for event in range(len(self.events))]

    def _edges(self, fates: Fates) -> None:
        """All steps as numbers: events, state reached, outcomes that it leaves."""
        search = self.search
        states = [state for level in search.levels for state in level]
        self.number = {state: n for n, state in enumerate(states)}
        self.after: list[list[tuple[tuple[int, ...], int, int]]] = []
        self.known: dict[Event, int] = {}
        self.steps: dict[tuple[int, int, int, str | None], tuple[int, ...]] = {}
        for state in states:
            steps = []
            for thread, reached in search.after(state):
                events = self._made(thread, state, reached)
                steps.append((events, self.number[reached], fates[reached] & self.every))
            self.after.append(steps)

    def _made(self, thread: int, state: int, reached: int) -> tuple[int, ...]:
        """The events that a step is."""
        shift, mask = self.search.packing.shifts[thread], self.search.packing.place_mask
        entry = self.search.moves.entry(thread, state >> shift & mask)
        came = entry.came.get(state & entry.mask)
        step = thread, entry.place.number, reached >> shift & mask, came
        if step not in self.steps:
            now = self.search.system.programs[entry.thread].places[step[2]]
            self.steps[step] = tuple(
                self._event(entry, event) for event in _events(entry, now, came)
            )
        return self.steps[step]

    def _event(self, entry: Entry, event: Event) -> int:
        """The number of an event; notes which cells it meets others in."""
        number = self.known.get(event)
        if number is None:
            number = self.known[event] = len(self.events)
            self.events.append(event)
            self.uses.append((set(), set()))
        reads, writes = self.uses[number]
        reads.update(c for c in entry.use.reads if c.startswith(SHARED))
        writes.update(c for c in entry.use.writes | entry.use.adds if c.startswith(SHARED))
        return number

    def _without(self, event: int) -> int:
        """Walk wherever runs come before this event; answers the outcomes that cannot do without.

        Whatever happens there can come before it, on the way to what is left then.
        """
        seen, todo = {0}, [0]
        spared = 0
        while todo:
            state = todo.pop()
            spared |= self.ends.get(state, 0)
            for events, reached, fate in self.after[state]:
                if event in events:
                    continue
                for other in events:
                    self.can[other, event] |= fate
                if reached not in seen:
                    seen.add(reached)
                    todo.append(reached)
        return self.every & ~spared

    def _meet(self, one: int, other: int) -> bool:
        (reads, writes), (others, written) = self.uses[one], self.uses[other]
        return bool(writes & (others | written) or reads & written)

    def orders(self) -> list[tuple[Order, int]]:
        """Orders of events that meet in some cell, each with the outcomes that need it so."""
        found = []
        names = self._names()
        for x, one in names.items():
            for y, other in names.items():
                if one.thread == other.thread or not self._meet(x, y):
                    continue
                needed = self.must[x] & self.must[y] & ~self.can[y, x]
                if needed and needed != self.every:
                    found.append((Order(one, other), needed))
        return found

    def _names(self) -> dict[int, Event]:
        """The events by number, accesses counted; those that cannot be told apart are left out."""
        groups: dict[Event, list[int]] = defaultdict(list)
        for number, event in enumerate(self.events):
            groups[event._replace(nth=0)].append(number)
        named = {}
        for event, numbers in groups.items():
            if len(numbers) == 1:
                named[numbers[0]] = event
                continue
            in_order = sorted(numbers, key=lambda n: sum(bool(self.can[m, n]) for m in numbers))
            if all(self.can[a, b] and not self.can[b, a] for a, b in combinations(in_order, 2)):
                named |= {n: event._replace(nth=i) for i, n in enumerate(in_order, 1)}
        return named

    def of_outcomes(self) -> list[list[Order]]:
        """For each outcome, a few orders that tell it from as many others as can be."""
        orders = self.orders()
        return [self._few(n, orders) for n in range(self.many)]

    def _few(self, outcome: int, orders: list[tuple[Order, int]]) -> list[Order]:
        own = [(order, needed) for order, needed in orders if needed >> outcome & 1]
        others, chosen = self.every & ~(1 << outcome), list[Order]()
        while others and len(chosen) < MANY:
            best = max(
                own, key=lambda o: ((others & ~o[1]).bit_count(), _plain(o[0])), default=None
            )
            if best is None or not others & ~best[1]:
                break
            chosen.append(best[0])
            others &= best[1]
        return chosen


def _events(entry: Entry, reached: Place, came: str | None) -> Iterator[Event]:
    """What a step is, as far as there are words for it. came: how an access came out."""
    op, thread = entry.place.op, entry.thread
    assert op is not None
    if op.name == "access":
        mm, address, write = op.args
        place = mm, address & PAGE_MASK
        if came != "killed":
            yield Event(thread, "touch", place, "")
        if came == "ok":
            yield Event(thread, "write" if write else "read", place, "", reached.number)
    elif op.name in TOLD:
        callers = [real_name(id.partition("@")[0]) for id, _ in entry.place.stack]
        function = next((name for name in reversed(callers) if name != op.name), "")
        mm_and_address = op.args[:2] if OPS[op.name].params[:2] == ("mm", "address") else None
        yield Event(thread, op.name, mm_and_address, function)


def _plain(order: Order) -> int:
    """How readily an order is understood: ptes stored and answers of drivers say most."""
    return -sum(TOLD.index(event.op) for event in order)


def told(order: Order, scenario: Scenario, whole: bool) -> Message:
    """An order in words. whole: name pages, for there are several."""
    first, then = (_event_told(event, scenario, whole) for event in order)
    return Message("orders.before", {"first": first, "then": then})


def _event_told(event: Event, scenario: Scenario, whole: bool) -> Message:
    place = page_name(event.place, scenario) if event.place else ""
    pte = Message("orders.pte_of", {"place": place}) if whole else Message("orders.pte", {})
    told = Message(
        f"orders.{event.op}_nth" if event.nth else f"orders.{event.op}",
        {
            "who": f"@{event.thread}",
            "nth": event.nth,
            "pte": pte,
            "function": f"`{event.function}`",
        },
    )
    if whole and event.op in ACCESSES:
        return Message("orders.of", {"event": told, "place": place})
    return told


def page_name(place: tuple[str, int], scenario: Scenario) -> str:
    """`mspec[3]`; a forked child has its parent's mappings: `child/mspec[3]`."""
    mm, address = place
    own = [process for process in scenario.processes if process.name == mm]
    for process in own or scenario.processes:
        for vma in process.vmas:
            page = address - int(vma.start, 16) >> PAGE_SHIFT
            if 0 <= page < vma.pages:
                return f"`{vma.name}[{page}]`" if own else f"`{mm}/{vma.name}[{page}]`"
    return f"`{address:#x}`"
