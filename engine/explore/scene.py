"""A scenario under a kernel, as the explorer sees it."""

# Methods keep the signatures of System.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.explore.automaton import Place
from engine.explore.system import Move, Places, System
from engine.invariants import judge, judge_end
from engine.invariants.account import Account, after
from engine.invariants.base import End, View, Violation
from engine.layout import simulate
from engine.model.cells import Change, Machine, Value
from engine.ops import Op
from engine.outcomes import Heard, Outcomes, hear
from engine.scenario import Scenario
from engine.simulation import Step
from engine.verbs import VERBS, blockers
from engine.verbs.hardware import SIGNED

DEBTS, PFNS, HEARD = "ghost/debts/", "ghost/pfns/", "ghost/heard/"
BROKEN = "broken/rules"
"""The rules broken so far; kept only where somebody asks (`remember`)."""


class Scene(System):
    """A scenario under a kernel. The machine's own verbs and invariants do the work."""

    def __init__(
        self,
        scenario: Scenario,
        kernel: str | None = None,
        *,
        merge: bool = True,
        remember: bool = False,
    ) -> None:
        self.sim, self.remember = simulate(scenario, kernel), remember
        starts = {t: program.start for t, program in self.sim.programs.items()}
        super().__init__(self.sim.machine, starts, kin(scenario, self.sim), merge)
        self.world = self.sim.world
        self.runs_on = {cpu: thread for thread, cpu in self.world.cpu_of.items()}
        self.ends = Outcomes(self.world, self.threads, self.sim.machine["memory/next_free"])

    def blocked(self, m: Machine, thread: str, op: Op) -> bool:
        return blockers(m, thread, op) is not None

    def act(self, m: Machine, thread: str, op: Op) -> Any:
        return VERBS[op.name](m, self.world, thread, *op.args)

    def died(self, m: Machine, thread: str, delta: tuple[Change, ...]) -> bool:
        return any(cell == f"task/{thread}/bug" for cell, _, _ in delta)

    def judge(self, m: Machine, move: Move) -> list[Violation]:
        thread, place, op = move.thread, move.place, move.place.op
        assert op is not None
        before = Accounts(m, {**move.places, thread: place}).of(thread)
        moment = Moment(m, self, move.places)
        self._settle(m, move, before)
        step = Step(thread, place, move.answer, move.delta, ())  # type: ignore[arg-type]
        found = judge(Glance(moment, step, op, before))
        if found and self.remember:
            broken = {violation.invariant for violation in found}
            m.put(BROKEN, tuple(sorted(broken.union(m.get(BROKEN) or ()))))
        return found

    def _settle(self, m: Machine, move: Move, before: Account) -> None:
        thread, now = move.thread, move.places[move.thread]
        account = after(before, move.place, move.answer)  # type: ignore[arg-type]
        debts = account.debts if now.stack else {}
        for name, was, is_now in ((DEBTS, before.debts, debts), (PFNS, before.pfns, account.pfns)):
            if was != is_now:
                m.put(name + thread, tuple(sorted(is_now.items())) or None)
        own = SIGNED + self.world.cpu_of[thread]
        news = hear(move.place.op, move.answer, own)
        if news:
            heard: Heard = m.get(HEARD + thread) or ((), ())
            m.put(HEARD + thread, (heard[0] + news[0], heard[1] + news[1]))

    def judge_end(self, m: Machine, places: Places) -> list[Violation]:
        moment = Moment(m, self, places)
        return judge_end(End(moment, moment.accounts.of))  # type: ignore[arg-type]

    def outcome(self, m: Machine, places: Places) -> dict[str, Any]:
        moment = Moment(m, self, places)
        heard = {t: m.get(HEARD + t) or ((), ()) for t in self.threads}
        return self.ends.of(moment, heard, self.judge_end(m, places))

    # --- symmetry: which cells and values are one thread's

    def role(self, cell: str) -> tuple[str, str] | None:
        kind, _, rest = cell.partition("/")
        if kind == "ghost":
            name, _, thread = rest.partition("/")
            return thread, f"ghost/{name}"
        if kind == "task":
            thread, _, what = rest.partition("/")
            return thread, f"task/{what}"
        if kind == "tlb":
            cpu, _, page = rest.partition("/")
            return self.runs_on[int(cpu)], f"tlb/{page}"
        return None

    def cell_of(self, thread: str, role: str) -> str:
        kind, _, what = role.partition("/")
        owner = self.world.cpu_of[thread] if kind == "tlb" else thread
        return f"{kind}/{what}/{owner}" if kind == "ghost" else f"{kind}/{owner}/{what}"

    def names_threads(self, cell: str) -> bool:
        return cell.startswith(("frame/", HEARD)) or cell.endswith("/contents")

    def renamed(self, cell: str, value: Value, names: Mapping[str, str]) -> Value:
        """Contents say who wrote them; the frames and codes that a thread was told do not."""
        cpu = self.world.cpu_of
        signed = {SIGNED + cpu[a]: SIGNED + cpu[b] for a, b in names.items()}
        if cell.startswith(HEARD) and value:
            codes, seen = value
            return codes, tuple((write, pfn, signed.get(c, c)) for write, pfn, c in seen)
        return signed.get(value, value)


def kin(scenario: Scenario, sim: Any) -> dict[str, Any]:
    """Which threads are alike: one process, one program, a CPU of their own, killed together.

    A scenario in which some frame holds at the start what a thread would write has none: the value
    could not be told from the thread's.
    """
    cpus = list(sim.world.cpu_of.values())
    written = {SIGNED + cpu for cpu in cpus}
    signed = any(v in written for c, v in sim.machine.items() if c.startswith(("frame/", "swap/")))
    keys = {}
    for process, thread in scenario.threads():
        name = thread.name
        alone = cpus.count(sim.world.cpu_of[name]) == 1 and not signed
        own = None if alone else name
        keys[name] = process.name, tuple(map(repr, thread.do)), name in sim.world.victims, own
    return keys


class Accounts:
    """The accounts of all threads, read from their places and their ghosts when asked for."""

    def __init__(self, m: Machine, places: Mapping[str, Place]) -> None:
        self.m, self.places = m, places

    def of(self, thread: str) -> Account:
        """One thread's account."""
        debts = dict(self.m.get(DEBTS + thread) or ())
        return Account(dict(self.places[thread].held), debts, dict(self.m.get(PFNS + thread) or ()))


class Moment:
    """A state in the shape of a Simulation, as far as checks and outcomes look at one."""

    def __init__(self, m: Machine, scene: Scene, places: Places) -> None:
        self.machine, self.world, self.threads = m, scene.world, scene.threads
        self.position, self.accounts = places, Accounts(m, places)

    def finished(self, thread: str) -> bool:
        """Whether the thread has reached its end, or died on the way."""
        return self.position[thread].op is None

    def blocked(self, thread: str) -> tuple[str, tuple[str, ...]] | None:
        """(lock, holders) if the thread waits for a lock."""
        op = self.position[thread].op
        return None if op is None else blockers(self.machine, thread, op)

    def runnable(self) -> tuple[str, ...]:
        """The threads that could take a step now."""
        return tuple(t for t in self.threads if not self.finished(t) and self.blocked(t) is None)


class Glance(View):
    """A view that reads other threads' ghosts one by one, so that a spy sees which."""

    def __init__(self, moment: Moment, step: Step, op: Op, before: Account) -> None:
        super().__init__(moment, moment.accounts.of, step, op, before)  # type: ignore[arg-type]

    def owed(self, mm: str, page: int) -> bool:
        ghosts = (self.machine.get(DEBTS + thread) or () for thread in self.sim.threads)
        return any((mm, page) == place for debts in ghosts for place, _ in debts)
