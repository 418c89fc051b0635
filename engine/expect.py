"""Whether a run came out as its scenario says it must."""

from __future__ import annotations

from collections.abc import Iterator

from engine.scenario import Expect
from engine.trace import Trace
from engine.trace_form import thread_outcome


def differences(trace: Trace) -> list[str]:
    """What differs from the scenario's expectations for this kernel, as sentences."""
    wanted = trace.scenario.expect.get(trace.kernel.id)
    return [] if wanted is None else list(_differences(trace, wanted))


def _differences(trace: Trace, wanted: Expect) -> Iterator[str]:
    ends = {thread: thread_outcome(trace, thread) for thread in trace.sim.threads}
    for thread, returns in wanted.returns.items():
        yield from _differs(f"{thread} returns", list(returns), ends[thread]["returns"])
    for thread, saw in wanted.saw.items():
        yield from _differs(f"{thread} sees", list(saw), ends[thread]["saw"])
    for thread, signal in wanted.signals.items():
        got = ends[thread]["signal"] or ""
        if signal not in (got, got.partition("/")[0]):
            yield f"{thread} should get {signal or 'no signal'}, but gets {got or 'none'}"
    bugs = "; ".join(end["bug"] for end in ends.values() if end["bug"])
    if "bug" in wanted.model_fields_set and (wanted.bug or "") not in bugs:
        yield f"there should be the bug {wanted.bug!r}, but there is {bugs or 'none'}"
    if "bug" in wanted.model_fields_set and not wanted.bug and bugs:
        yield f"there should be no bug, but there is {bugs}"
    if "broken" in wanted.model_fields_set:
        broken = sorted(rule["id"] for rule in trace.invariants if not rule["holds"])
        yield from _differs("broken invariants", sorted(wanted.broken), broken)
    if "stale" in wanted.model_fields_set:
        stale = sorted(int(number) for number in trace.stale_cpus)
        yield from _differs("CPUs with a stale TLB", sorted(wanted.stale), stale)


def _differs(what: str, wanted: list[str] | list[int], got: list[str] | list[int]) -> Iterator[str]:
    if wanted != got:
        yield f"{what}: should be {wanted}, but is {got}"
