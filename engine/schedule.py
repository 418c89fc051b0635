"""Who moves when: switch points that survive a richer model, and the players that follow them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from engine.errors import BadSchedule, BudgetExceeded
from engine.ops import OPS
from engine.scenario import Switch
from engine.simulation import Simulation, Step

T = TypeVar("T")
MAX_STEPS = 20_000
MAX_SWITCHES = 4_000
"""What a scenario can hold, so that every run has a link that opens."""


def parse_schedule(text: str, threads: Iterable[str]) -> tuple[Switch, ...] | str:
    """A schedule from text: "A until set_pte_at#2; B until end", or letters and counts "8A4B".

    Letters come back as they are: only a run can expand them (see `play`). Raises BadSchedule.
    """
    known = list(threads)
    compact = text.replace(" ", "")
    if re.fullmatch(r"(?:[0-9]{1,5}[A-Za-z][A-Za-z_-]*)+", compact) and "until" not in text:
        return compact
    switches = []
    for number, part in enumerate(filter(None, (p.strip() for p in re.split(r"[;,]", text))), 1):
        match = re.fullmatch(r"(\w[\w-]*)(?:\s+until\s+(end|\w+#[0-9]{1,5}))?", part)
        if match is None:
            raise BadSchedule(f"schedule, part {number}", f"cannot read {part[:60]!r}",
                              'write "A until set_pte_at#1; B until end"')  # fmt: skip
        thread, until = match[1], match[2] or "end"
        if thread not in known:
            raise BadSchedule(f"schedule, part {number}", f"there is no thread {thread[:60]!r}",
                              f"there are {', '.join(known)}")  # fmt: skip
        if until != "end" and until.partition("#")[0] not in OPS:
            raise BadSchedule(f"schedule, part {number}", f"there is no op in {until[:60]!r}",
                              "use the name of an op, like set_pte_at#1")  # fmt: skip
        switches.append(Switch(run=thread, until=until))
    return within_bounds(switches)


def within_bounds(switches: Iterable[T]) -> tuple[T, ...]:
    """These switches, if a scenario can hold so many. Raises BadSchedule."""
    found = tuple(switches)
    if len(found) > MAX_SWITCHES:
        raise BadSchedule("schedule", f"it has {len(found)} switches",
                          f"a schedule has at most {MAX_SWITCHES}")  # fmt: skip
    return found


def rehearse(sim: Simulation, schedule: tuple[Switch, ...] | str) -> tuple[Switch, ...]:
    """Follow a schedule and go back to the start; answers it, letters expanded.

    To tell a run costs thirty times as much, so what is too long is refused here. Raises
    BudgetExceeded, or BadSchedule for letters.
    """
    steps = list(play(sim, schedule))
    for step in reversed(steps):
        sim.back(step)
    return within_bounds(switch_points(steps)) if isinstance(schedule, str) else schedule


def play(sim: Simulation, schedule: tuple[Switch, ...] | str) -> Iterator[Step]:
    """Follow a schedule, then let every thread run to its end in order. Raises BudgetExceeded."""
    steps = _letters(sim, schedule) if isinstance(schedule, str) else _switches(sim, schedule)
    for count, step in enumerate(steps, 1):
        if count > MAX_STEPS:
            raise BudgetExceeded("run", f"more than {MAX_STEPS} steps", "make the programs shorter")
        yield step


def text_of(switches: Iterable[Switch]) -> str:
    """A schedule as people write it: "A until nopfn_ret#1; B until end"."""
    return "; ".join(f"{switch.run} until {switch.until}" for switch in switches)


def switch_points(steps: Iterable[Step]) -> tuple[Switch, ...]:
    """The schedule that repeats these steps: a switch each time the running thread changes."""
    switches: list[Switch] = []
    done: Counter[tuple[str, str]] = Counter()
    last: tuple[str, str] | None = None
    for step in steps:
        assert step.node.op is not None
        if last is not None and last[0] != step.thread:
            switches.append(Switch(run=last[0], until=last[1]))
        done[step.thread, step.node.op.name] += 1
        last = step.thread, f"{step.node.op.name}#{done[step.thread, step.node.op.name]}"
    if last is not None:
        switches.append(Switch(run=last[0]))
    return tuple(switches)


def _switches(sim: Simulation, schedule: tuple[Switch, ...]) -> Iterator[Step]:
    yield from follow(sim, schedule)
    yield from _to_the_end(sim)


def follow(sim: Simulation, schedule: tuple[Switch, ...]) -> Iterator[Step]:
    """Follow a schedule and stop where it stops."""
    done: Counter[tuple[str, str]] = Counter()
    for switch in schedule:
        name, _, nth = switch.until.partition("#")
        while sim.can_move(switch.run) and (not nth or done[switch.run, name] < int(nth)):
            step = sim.step(switch.run)
            assert step.node.op is not None
            done[step.thread, step.node.op.name] += 1
            yield step


def _letters(sim: Simulation, text: str) -> Iterator[Step]:
    for count, thread in re.findall(r"([0-9]{1,5})([A-Za-z][A-Za-z_-]*)", text):
        if thread not in sim.threads:
            raise BadSchedule("schedule", f"there is no thread {thread[:60]!r}",
                              f"there are {', '.join(sim.threads)}")  # fmt: skip
        for _ in range(min(int(count), MAX_STEPS + 1)):
            if not sim.can_move(thread):
                break
            yield sim.step(thread)
    yield from _to_the_end(sim)


def _to_the_end(sim: Simulation) -> Iterator[Step]:
    while ready := sim.runnable():
        while sim.can_move(ready[0]):
            yield sim.step(ready[0])
