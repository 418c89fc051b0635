"""In which order must pieces of two threads run, so that nothing is lost? Each order is run."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from engine.gallery import scenario_of
from engine.kernel import short_name
from engine.scenario import Scenario
from engine.share import encode_link
from engine.sheets.dice import Dice
from engine.sheets.exercise import Exercise, setup
from engine.sheets.scenes import DEVICE, RIGHTS, SHARED, Scene
from engine.trace import Trace, run

CUTS = ("read_pte#1", "nopfn_call#1", "nopfn_ret#1")
"""Where a thread's first piece ends: all before it takes the lock."""

RULES = {"lost_dirty": "dirty", "overwrite": "overwrite", "tlb_agrees": "stale"}
KERNELS = ("nopfn-v1", "nopfn-v2")
"""The kernels in which an order matters here; from v3 on the handler looks again."""

PIECES = (("A", 0), ("A", 1), ("B", 0), ("B", 1))


def exercise(dice: Dice, language: str) -> Exercise | None:
    """Four pieces to be put in an order; None if every order does, or none does."""
    rule, cut = dice.pick(tuple(RULES)), dice.pick(CUTS)
    scenario, place = _scenario(dice, rule)
    shuffled = dice.shuffled(PIECES)
    runs = {order: _run(scenario, order, cut, language) for order in _orders()}
    kept = {order for order, trace in runs.items() if rule not in broken(trace)}
    if not kept or len(kept) == len(runs):
        return None
    shown = runs[sorted(kept)[dice.below(len(kept))]]
    lost = next(trace for order, trace in sorted(runs.items()) if order not in kept)
    orders = tuple(
        tuple(shuffled.index(piece) for piece in order)
        for order in sorted(kept, key=lambda order: runs[order] is not shown)
    )
    say = shown.words.say
    made = Exercise(
        kind="order",
        kernel=shown.kernel.id,
        setup=setup(Scene(scenario, "device_shared", place), shown),
        so_far=(),
        ask=say(f"sheet.order.{RULES[rule]}", place=f"`{place}`"),
        answers=(),
        threads=("A", "B"),
        link=encode_link(shown.scenario, shown.witness),
        step=len(shown.steps),
        pieces=tuple(
            say(f"sheet.piece.{'rest' if part else cut.partition('#')[0]}", who=f"@{who}")
            for who, part in shuffled
        ),
        orders=orders,
        possible=len(runs),
    )
    return replace(made, because=_because(lost, rule))


def broken(trace: Trace) -> set[str]:
    """The rules that a run breaks."""
    return {rule["id"] for rule in trace.invariants if not rule["holds"]}


def _because(lost: Trace, rule: str) -> str:
    """How it goes wrong in another order."""
    text = next(found["text"] for found in lost.invariants if found["id"] == rule)
    return lost.words.say("sheet.order.because", kernel=short_name(lost.kernel.id), text=text)


Order = tuple[tuple[str, int], ...]


def _orders() -> list[Order]:
    """Every order in which each thread's pieces come one after the other."""
    return [
        order
        for order in permutations(PIECES)
        if all(order.index((who, 0)) < order.index((who, 1)) for who in "AB")
    ]


def _run(scenario: Scenario, order: Order, cut: str, language: str) -> Trace:
    schedule = "; ".join(f"{who} until {'end' if part else cut}" for who, part in order)
    return run(scenario, None, schedule, language)


def _scenario(dice: Dice, rule: str) -> tuple[Scenario, str]:
    """A device's page and two threads, so that the rule is at stake."""
    page, writer = dice.below(8), dice.pick(("A", "B"))
    place, dirty = f"dev[{page}]", rule == "lost_dirty"
    frames = [{"value": "0x7000a"}, {"value": "0x7000b"}]

    def does(who: str) -> list[dict[str, str]]:
        verb = ("write" if who == writer else "read") if dirty else dice.pick(("read", "write"))
        return [{verb: place}]

    data = {
        "schema": 1,
        "title": "Exercise: an order of turns",
        "kernel": dice.pick(KERNELS),
        "drivers": {"dev": {"nopfn": [{}] if dirty else frames}},
        "processes": [
            {
                "name": "P",
                "vmas": [
                    {"name": "dev", "start": "0x40000000", "pages": 8, "driver": "dev",
                     "flags": [*RIGHTS, *SHARED, *DEVICE]}
                ],
                "threads": [{"name": who, "do": does(who)} for who in ("A", "B")],
            }
        ],
    }  # fmt: skip
    return scenario_of(data, "exercise"), place
