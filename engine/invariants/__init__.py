"""What must always hold: the rules by name, and the watcher that checks them along a run.

Make a Watcher with `watch(sim)` before the first step, give each step to `after`, and call `finish`
when nothing moves any more; both answer the violations they find.
"""

from __future__ import annotations

from engine.invariants import order, pages, tables
from engine.invariants.account import Account, Accounts
from engine.invariants.base import End, Invariant, View, Violation
from engine.ops import OPS
from engine.simulation import Simulation, Step

INVARIANTS: dict[str, Invariant] = {
    rule.id: rule
    for rule in (
        Invariant(
            "overwrite",
            tables.overwrite,
        ),
        Invariant(
            "tlb_agrees",
            tables.stale_after,
            finish=tables.stale_at_end,
        ),
        Invariant(
            "lost_dirty",
            tables.lost_dirty,
        ),
        Invariant(
            "cow_isolation",
            pages.cow_isolation,
            frozenset({"access"}),
        ),
        Invariant(
            "zero_page",
            pages.zero_page,
            frozenset({"access"}),
        ),
        Invariant(
            "counts",
            pages.counts,
            finish=pages.counts_at_end,
        ),
        Invariant("mapcount", pages.mapcount),
        Invariant(
            "freed_page",
            pages.freed_page,
            frozenset({"access", "free_page"}),
            pages.freed_at_end,
        ),
        Invariant(
            "locks",
            order.locks,
        ),
        Invariant(
            "no_sleep",
            order.no_sleep,
            order.SLEEPS,
        ),
        Invariant("no_bug", order.no_bug),
        Invariant("no_deadlock", finish=order.no_deadlock),
        Invariant(
            "one_pfn",
            order.one_pfn,
            frozenset({"nopfn_ret"}),
        ),
    )
}

PROMISES = ("one_pfn",)
"""Rules that bind the driver, not the kernel."""

__all__ = [
    "INVARIANTS",
    "PROMISES",
    "Invariant",
    "Violation",
    "Watcher",
    "judge",
    "judge_end",
    "watch",
]

_CHECKS = {
    op: tuple(r for r in INVARIANTS.values() if r.after and (r.ops is None or op in r.ops))
    for op in OPS
}


def judge(view: View) -> list[Violation]:
    """What a step has just broken."""
    return [
        Violation(rule.id, *found)
        for rule in _CHECKS[view.op.name]
        if rule.after
        for found in rule.after(view)
    ]


def judge_end(end: End) -> list[Violation]:
    """What does not hold at the end of a run, when no thread can move any more."""
    return [
        Violation(rule.id, *found)
        for rule in INVARIANTS.values()
        if rule.finish
        for found in rule.finish(end)
    ]


class Watcher:
    """Checks a simulation as it runs. Remembers nothing but accounts, which follow from nodes."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.accounts = Accounts()

    def after(self, step: Step) -> list[Violation]:
        """What the step has just broken. Call it before the next step."""
        assert step.node.op is not None
        before = self.accounts.of(step.node)
        return judge(View(self.sim, self._account, step, step.node.op, before))

    def finish(self) -> list[Violation]:
        """What does not hold at the end of a run, when no thread can move any more."""
        return judge_end(End(self.sim, self._account))

    def _account(self, thread: str) -> Account:
        return self.accounts.of(self.sim.position[thread])


def watch(sim: Simulation) -> Watcher:
    """A watcher of this simulation."""
    return Watcher(sim)
