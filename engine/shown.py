"""Whether a run shows what somebody says of it: statements of lessons, held against the engine.

A statement is a mapping; only what it names is compared. Keys:

step: places that the run has, "A set_pte_at#1 fill" (thread, op#occurrence, and, if given, which of
  the op's sentences is told there). never: the same, that it has not. order: places that come one
  after the other.
handlers: which functions a thread's first faults were given to. faults: how many it had.
returns, saw, pte, signals, bug, stale, stuck: as a scenario's `expect` writes them; a signal or a
  bug may be "none". after: the place after whose step `pte` is meant, instead of the end.
breaks, keeps: ids of rules that are, or are not, broken.
alike, differs: kernels under which the same scenario runs so, event for event, or otherwise.
some, none: an end that some schedule reaches, or none does (see `explore.questions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from engine.consistency import split_place
from engine.errors import EngineError
from engine.expectations import Frames, observed
from engine.explore import explore
from engine.model.pte import pte_dirty, pte_none, pte_present, pte_write
from engine.predict.past import Past
from engine.trace import Trace, run

MOST_STATES = 30_000
"""A search for a statement about all schedules stops here, and then shows nothing."""

Statement = Mapping[str, Any]


def unshown(trace: Trace, said: Statement) -> list[str]:
    """What a statement says and the run does not show, as sentences; empty if all of it is so."""
    return [why for key, value in said.items() for why in CHECKS[key](trace, value, said)]


def step_of(trace: Trace, place: str) -> int:
    """The number of the step at a place. Raises EngineError, with a place that there is."""
    found = _find(trace, place)
    if found is not None:
        return found
    words = place.split()
    same = [
        f"{told.moment.thread} {told.moment.op}#{told.moment.nth} {_case(told.narration.key)}"
        for told in trace.steps
        if len(words) > 1 and told.moment.op == words[1].partition("#")[0]
    ]
    instead = f"it has {', '.join(same[:6])}" if same else "see the run's steps as text"
    raise EngineError("at", f"the run has no step {place!r}", instead)


def _find(trace: Trace, place: str) -> int | None:
    thread, op, *case = place.split()
    for told in trace.steps:
        moment = told.moment
        if moment.thread == thread and f"{moment.op}#{moment.nth}" == op:
            same = not case or _case(told.narration.key) == case[0]
            return moment.number if same else None
    return None


def _case(key: str) -> str:
    return key.partition(".")[2]


def pte_of(trace: Trace, place: str, after: int) -> str:
    """What the pte of a page holds after so many steps: "0x7000a rw dirty", or "none"."""
    mm, _, page = place.rpartition("/")
    name, index = split_place(page)
    homes = [(p, v) for p in trace.scenario.processes for v in p.vmas if v.name == name]
    if not homes:
        raise EngineError("pte", f"there is no vma {name!r}", "name one of the scenario's")
    process, vma = homes[0]
    number = (vma.first >> 12) + (index or 0)
    pte = Past(trace).pte(f"pte/{mm or process.name}/{number:#x}", after)
    if pte_none(pte):
        return "none"
    if not pte_present(pte):
        return "not present"
    rights = "rw" if pte_write(pte) else "ro"
    return f"{_frames(trace).name(trace.arch.pte_pfn(pte))} {rights} {_dirt(pte)}"


def _dirt(pte: int) -> str:
    return "dirty" if pte_dirty(pte) else "clean"


def _frames(trace: Trace) -> Frames:
    """Names of frames, fresh ones in the order in which accesses reach them."""
    frames = Frames(trace)
    for thread in trace.sim.threads:
        for told in trace.steps:
            moment = told.moment
            if moment.thread == thread and moment.op == "access" and moment.answer[0] == "ok":
                frames.name(moment.answer[1])
    return frames


# --- the keys of a statement


def _step(trace: Trace, places: list[str], _: Statement) -> Iterator[str]:
    yield from (f"there is no step {p!r}" for p in places if _find(trace, p) is None)


def _never(trace: Trace, places: list[str], _: Statement) -> Iterator[str]:
    yield from (f"step {_find(trace, p)} is {p!r}" for p in places if _find(trace, p) is not None)


def _order(trace: Trace, places: list[str], _: Statement) -> Iterator[str]:
    steps = [_find(trace, place) for place in places]
    for (one, place), (next, after) in pairwise(zip(steps, places, strict=True)):
        if one is None or next is None or one >= next:
            yield f"{after!r} does not come after {place!r}"


def _handlers(trace: Trace, wanted: Mapping[str, Any], _: Statement) -> Iterator[str]:
    for thread, handlers in wanted.items():
        got = [f.handler for f in Past(trace).faults if f.thread == thread]
        yield from _differ(f"{thread}'s handlers", list(handlers), got[: len(handlers)])


def _faults(trace: Trace, wanted: Mapping[str, int], _: Statement) -> Iterator[str]:
    for thread, number in wanted.items():
        got = sum(f.thread == thread for f in Past(trace).faults)
        yield from _differ(f"{thread}'s faults", number, got)


def _observed(what: str) -> Callable[[Trace, Any, Statement], Iterator[str]]:
    def check(trace: Trace, wanted: Mapping[str, Any], _: Statement) -> Iterator[str]:
        got = getattr(observed(trace), what)
        for thread, value in wanted.items():
            yield from _differ(f"{what} of {thread}", tuple(value), tuple(got.get(thread, ())))

    return check


def _pte(trace: Trace, wanted: Mapping[str, str], said: Statement) -> Iterator[str]:
    after = step_of(trace, said["after"]) if said.get("after") else len(trace.steps)
    for place, value in wanted.items():
        yield from _differ(f"pte of {place}", value, pte_of(trace, place, after))


def _signals(trace: Trace, wanted: Mapping[str, str], _: Statement) -> Iterator[str]:
    got = observed(trace).signals
    for thread, value in wanted.items():
        yield from _differ(f"signal of {thread}", value, got.get(thread, "none"))


def _bug(trace: Trace, wanted: str, _: Statement) -> Iterator[str]:
    yield from _differ("bug", wanted, observed(trace).bug or "none")


def _stale(trace: Trace, wanted: list[int], _: Statement) -> Iterator[str]:
    yield from _differ("stale CPUs", sorted(wanted), list(observed(trace).stale))


def _stuck(trace: Trace, wanted: list[str], _: Statement) -> Iterator[str]:
    yield from _differ("stuck threads", sorted(wanted), sorted(observed(trace).stuck))


def _breaks(trace: Trace, rules: list[str], _: Statement) -> Iterator[str]:
    broken = observed(trace).broken
    yield from (f"rule {rule} holds" for rule in rules if rule not in broken)


def _keeps(trace: Trace, rules: list[str], _: Statement) -> Iterator[str]:
    broken = observed(trace).broken
    yield from (f"rule {rule} is broken" for rule in rules if rule in broken)


def _alike(trace: Trace, kernels: list[str], _: Statement) -> Iterator[str]:
    for kernel in kernels:
        if run(trace.scenario, kernel).check != trace.check:
            yield f"{kernel} runs it otherwise than {trace.kernel.id}"


def _unlike(trace: Trace, kernels: list[str], _: Statement) -> Iterator[str]:
    for kernel in kernels:
        if run(trace.scenario, kernel).check == trace.check:
            yield f"{kernel} runs it as {trace.kernel.id} does"


def _some(trace: Trace, question: str, _: Statement) -> Iterator[str]:
    if not _search(trace, question)["exists"]["holds"]:
        yield f"no schedule was found that ends with {question}"


def _none(trace: Trace, question: str, _: Statement) -> Iterator[str]:
    found = _search(trace, question)
    if found["exists"]["holds"]:
        yield f"some schedule ends with {question}"
    elif not found["complete"]:
        yield f"the search for {question} was cut, which proves nothing"


def _search(trace: Trace, question: str) -> dict[str, Any]:
    return explore(
        trace.scenario, trace.kernel.id, exists=question, max_states=MOST_STATES, because=False
    )


def _differ(what: str, wanted: object, got: object) -> Iterator[str]:
    if wanted != got:
        yield f"{what}: said to be {_plain(wanted)}, is {_plain(got)}"


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _silent(_: Trace, __: str, ___: Statement) -> Iterator[str]:
    """`after` says only where `pte` is meant."""
    return iter(())


CHECKS: dict[str, Callable[[Trace, Any, Statement], Iterator[str]]] = {
    "step": _step,
    "never": _never,
    "order": _order,
    "handlers": _handlers,
    "faults": _faults,
    "returns": _observed("returns"),
    "saw": _observed("saw"),
    "pte": _pte,
    "after": _silent,
    "signals": _signals,
    "bug": _bug,
    "stale": _stale,
    "stuck": _stuck,
    "breaks": _breaks,
    "keeps": _keeps,
    "alike": _alike,
    "differs": _unlike,
    "some": _some,
    "none": _none,
}
