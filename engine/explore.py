"""Every schedule at once: all states that the threads can reach together, and what breaks in them.

Breadth-first over states. A state is the values of the cells that ever change, and each thread's
node; nodes are told apart by answers alone, so two equal states have the same future on any Python.
Invariants are functions of a state and a step (engine.invariants.base), so nothing that a check
needs is lost when schedules meet.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple

from engine.errors import EngineError
from engine.invariants import Watcher, watch
from engine.layout import simulate
from engine.messages import ENGLISH, Message, Messages, messages
from engine.model.cells import Change, Machine, Value
from engine.outcomes import Outcomes
from engine.scenario import Scenario, Switch
from engine.schedule import switch_points
from engine.simulation import Simulation, Step
from engine.unfold import Node

Values = tuple[Value, ...]
NEVER = 0xFFFF
"""More switches than any path has: no path ends with this thread."""


class State(NamedTuple):
    """Where everything stands. running, preemptions: only in a bounded search, else -1 and 0."""

    values: Values
    nodes: tuple[Node, ...]
    running: int = -1
    preemptions: int = 0


class Broken(NamedTuple):
    """The best way found to break an invariant: to `state`, then a step of `thread` (if not -1)."""

    steps: int
    switches: int
    state: int
    thread: int
    text: Message


def explore(
    scenario: Scenario,
    kernel: str | None = None,
    *,
    max_states: int = 200_000,
    max_preemptions: int | None = None,
    exists: str | None = None,
    language: str = ENGLISH,
) -> dict[str, Any]:
    """All reachable states of a scenario: outcomes, and the shortest schedule to each violation.

    max_preemptions: never take the CPU more often than this from a thread that could go on (the
    bound of Musuvathi and Qadeer, PLDI 2007). `limit` in the answer says what cut the search, if
    anything did. Of two shortest schedules the one with fewer switches is taken.
    """
    if exists is not None:
        raise EngineError("exists", "questions are not built yet", "read the outcomes instead")
    began = perf_counter()
    search = Search(simulate(scenario, kernel), max_states, max_preemptions)
    search.run()
    report = Report(search, scenario, kernel, messages(language))
    return {
        "complete": search.limit is None,
        "limit": search.limit,
        "states": search.distinct(),
        "edges": search.edges,
        "stored": len(search.states),
        "outcomes": report.outcomes(),
        "violations": report.violations(),
        "seconds": round(perf_counter() - began, 4),
    }


class Packing:
    """The cells that change, in order of their first change, so that a state is a short tuple."""

    def __init__(self, machine: Machine) -> None:
        self.start = dict(machine)
        self.slots: dict[str, int] = {}
        self.initial: list[Value] = []

    def after(self, values: Values, delta: tuple[Change, ...]) -> Values:
        """The values after a delta. Trailing initial values are left out, so equal means equal."""
        if not delta:
            return values
        new = list(values)
        for cell, _, now in delta:
            slot = self.slots.get(cell)
            if slot is None:
                slot = self.slots[cell] = len(self.initial)
                self.initial.append(self.start.get(cell))
            if slot >= len(new):
                new += self.initial[len(new) : slot + 1]
            new[slot] = now
        while new and new[-1] == self.initial[len(new) - 1]:
            new.pop()
        return tuple(new)

    def load(self, machine: Machine, values: Values) -> None:
        """Put the machine into the state with these values."""
        known = len(values)
        for slot, cell in enumerate(self.slots):
            machine.put(cell, values[slot] if slot < known else self.initial[slot])
        machine.journal.clear()


class Search:
    """The breadth-first search. States are numbered in the order in which they were found.

    switches[n * threads + t]: the fewest switches on a shortest path to state n that ends with a
    step of t; came[...]: the state before that step.
    """

    def __init__(self, sim: Simulation, max_states: int, max_preemptions: int | None) -> None:
        self.sim, self.max_states, self.bound = sim, max_states, max_preemptions
        self.watcher: Watcher = watch(sim)
        self.packing = Packing(sim.machine)
        self.outcome = Outcomes(sim, self.watcher)
        self.count = len(sim.threads)
        self.states: list[State] = []
        self.known: dict[State, int] = {}
        self.depth = array("H")
        self.switches = array("H")
        self.came = array("q")
        self.edges = 0
        self.limit: str | None = None
        self.broken: dict[str, Broken] = {}
        self.ends: dict[str, tuple[int, int, dict[str, Any]]] = {}

    def run(self) -> None:
        """Find every state, or stop at the limit."""
        nodes = tuple(self.sim.position[t] for t in self.sim.threads)
        self._add(State((), nodes), 0)
        at = 0
        while at < len(self.states) and self.limit != "max_states":
            self._expand(at)
            at += 1

    def go_to(self, state: State) -> None:
        """Put the simulation into this state."""
        self.packing.load(self.sim.machine, state.values)
        self.sim.position = dict(zip(self.sim.threads, state.nodes, strict=True))

    def distinct(self) -> int:
        """How many states there are, whoever was running and however often it was pre-empted."""
        if self.bound is None:
            return len(self.states)
        return len({(state.values, state.nodes) for state in self.states})

    def fewest(self, number: int) -> tuple[int, int]:
        """(switches, last thread) of the shortest path to a state that switches least."""
        first = number * self.count
        return min((s, t) for t, s in enumerate(self.switches[first : first + self.count]))

    def path(self, number: int, last: int | None = None) -> list[int]:
        """The threads along a shortest path, switching least, to a state, ending with `last`."""
        if last is None:
            last = self.fewest(number)[1]
        steps: list[int] = []
        while number:
            steps.append(last)
            number = self.came[number * self.count + last]
            last = self.arrival(number, last)[1]
        return steps[::-1]

    def arrival(self, number: int, then: int) -> tuple[int, int]:
        """(switches, last thread) of the best path to a state after which `then` moves."""
        if not number:
            return 0, then
        best = self.fewest(number)
        stay = self.switches[number * self.count + then]
        return (stay, then) if stay <= best[0] + 1 else (best[0] + 1, best[1])

    def _expand(self, number: int) -> None:
        state, sim = self.states[number], self.sim
        self.go_to(state)
        movers = [t for t, name in enumerate(sim.threads) if sim.can_move(name)]
        if not movers:
            self._end(number)
            return
        for thread in movers:
            preemptions = state.preemptions
            if self.bound is not None and state.running in movers and state.running != thread:
                preemptions += 1
                if preemptions > self.bound:
                    self.limit = self.limit or "max_preemptions"
                    continue
            self._move(number, thread, preemptions)

    def _move(self, number: int, thread: int, preemptions: int) -> None:
        state, sim = self.states[number], self.sim
        step = sim.step(sim.threads[thread])
        self.edges += 1
        switches = self.arrival(number, thread)[0]
        for violation in self.watcher.after(step):
            found = Broken(self.depth[number] + 1, switches, number, thread, violation.text)
            self._break(violation.invariant, found)
        nodes = list(state.nodes)
        nodes[thread] = sim.position[step.thread]
        values = self.packing.after(state.values, step.delta)
        running = -1 if self.bound is None else thread
        self._reach(State(values, tuple(nodes), running, preemptions), number, thread, switches)
        sim.back(step)

    def _reach(self, state: State, before: int, thread: int, switches: int) -> None:
        number = self.known.get(state)
        if number is None:
            if len(self.states) >= self.max_states:
                self.limit = "max_states"
                return
            number = self._add(state, self.depth[before] + 1)
        slot = number * self.count + thread
        if self.depth[number] == self.depth[before] + 1 and switches < self.switches[slot]:
            self.switches[slot] = switches
            self.came[slot] = before

    def _add(self, state: State, depth: int) -> int:
        number = self.known[state] = len(self.states)
        self.states.append(state)
        self.depth.append(depth)
        self.switches.extend([NEVER if number else 0] * self.count)
        self.came.extend([0] * self.count)
        return number

    def _end(self, number: int) -> None:
        outcome = self.outcome.now()
        text = repr(outcome)
        count, first = self.ends.get(text, (0, number))[:2]
        self.ends[text] = count + 1, first, outcome
        switches = self.fewest(number)[0]
        for violation in self.watcher.finish():
            found = Broken(self.depth[number], switches, number, -1, violation.text)
            self._break(violation.invariant, found)

    def _break(self, invariant: str, found: Broken) -> None:
        if invariant not in self.broken or found[:2] < self.broken[invariant][:2]:
            self.broken[invariant] = found


class Report:
    """What a search found, with schedules that anybody can replay."""

    def __init__(
        self, search: Search, scenario: Scenario, kernel: str | None, words: Messages
    ) -> None:
        self.search, self.words = search, words
        self.scenario, self.kernel = scenario, kernel or scenario.kernel

    def outcomes(self) -> list[dict[str, Any]]:
        """The distinct outcomes, shortest way first, each with how many end states come to it."""
        return [
            {**outcome, "end_states": count, **self._schedule(self.search.path(state))}
            for count, state, outcome in self.search.ends.values()
        ]

    def violations(self) -> list[dict[str, Any]]:
        """The broken invariants, each with its shortest schedule, the shortest of all first."""
        found = sorted(self.search.broken.items(), key=lambda item: item[1][:2])
        return [
            {
                "invariant": invariant,
                "text": self.words.read(broken.text),
                **self._schedule(self._path(broken)),
            }
            for invariant, broken in found
        ]

    def _path(self, broken: Broken) -> list[int]:
        if broken.thread < 0:
            return self.search.path(broken.state)
        before = self.search.arrival(broken.state, broken.thread)[1]
        return [*self.search.path(broken.state, before), broken.thread]

    def _schedule(self, path: list[int]) -> dict[str, Any]:
        from engine.share import encode_link

        switches = switch_points(self._steps(path))
        return {
            "schedule": text_of(switches),
            "steps": len(path),
            "switches": max(len(switches) - 1, 0),
            "link": encode_link(self.scenario.as_run(self.kernel, switches)),
        }

    def _steps(self, path: list[int]) -> Iterator[Step]:
        sim = self.search.sim
        self.search.go_to(self.search.states[0])
        for thread in path:
            yield sim.step(sim.threads[thread])


def text_of(switches: tuple[Switch, ...]) -> str:
    """A schedule as people write it: "A until nopfn_ret#1; B until end"."""
    return "; ".join(f"{switch.run} until {switch.until}" for switch in switches)
