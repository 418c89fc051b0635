"""Whether a run comes to what its scenario expects.

How an Expect is written:

returns: what each fault returned, in order: "MINOR", "MINOR|WRITE", "?77".
saw: what each access reached, in order: "read 0x7000a". A frame with a struct page has a name:
  zero, pagecache, driver (the driver's own RAM), or fresh1, fresh2... for pages handed out during
  the run, numbered in the order in which `saw`, thread by thread, and then `pte` mention them.
pte: what the page tables say in the end: "none", "0x70003 rw dirty", "fresh1 ro clean".
signals: "SIGBUS/ADRERR". bug: the failed assertion, without the place in parentheses.
broken: ids of invariants. stale: CPUs whose TLB disagrees in the end. stuck: threads that wait for
  ever.

Of returns, saw and pte only what is named is compared. The rest is compared as a whole, so leaving
it out says that there is none of it.
"""

from __future__ import annotations

from typing import Any

from engine.consistency import split_place
from engine.errors import EngineError
from engine.ledger import Moment
from engine.model.pte import pte_dirty, pte_none, pte_present, pte_write
from engine.outcomes import return_name
from engine.scenario import Expect, Scenario
from engine.trace import Trace, run
from engine.verdicts import INFO, stale_entries

ENDS = {"SIGKILL/OOM": "oom", "MMAP_FAILED": "refused"}
"""Ends that are no signals, though they are kept as such: what a scenario with one comes to."""

NAMED = ("zero", "pagecache", "driver")


def unmet(scenario: Scenario, kernel: str, trace: Trace | None = None) -> list[str]:
    """Every expectation for this kernel that a run does not meet, as a sentence.

    trace: that run, if there is one already. Raises EngineError if nothing is expected.
    """
    expect = scenario.expect.get(kernel)
    if expect is None:
        known = ", ".join(scenario.expect) or "none"
        raise EngineError("expect", f"nothing is expected of {kernel}", f"kernels: {known}")
    got = observed(trace or run(scenario, kernel), tuple(expect.pte))
    return [f"{what}: expected {a}, got {b}" for what, a, b in _pairs(expect, got) if a != b]


def comes_to(expect: Expect) -> str:
    """What is expected, in a word: "breaks" a rule; "signal", "oom", "refused" mmap; or "holds".

    A driver that breaks its own promise breaks no rule of the kernel's.
    """
    if expect.stuck or set(expect.broken) - set(INFO):
        return "breaks"
    ends = {ENDS.get(signal, "signal") for signal in expect.signals.values()}
    return next((end for end in ("signal", "oom", "refused") if end in ends), "holds")


def observed(trace: Trace, ptes: tuple[str, ...] = ()) -> Expect:
    """What a run came to, written as an expectation. ptes: the pages whose ptes are wanted."""
    m, threads = trace.sim.machine, trace.sim.threads
    frames = Frames(trace)
    own = {t: [told.moment for told in trace.steps if told.moment.thread == t] for t in threads}
    bugs = [str(m[f"task/{t}/bug"]) for t in threads if f"task/{t}/bug" in m]
    return Expect(
        source="the run",
        returns={t: tuple(_returns(own[t])) for t in threads},
        signals={t: m[f"task/{t}/signal"] for t in threads if f"task/{t}/signal" in m},
        saw={t: tuple(_saw(own[t], frames)) for t in threads},
        pte={place: _pte(trace, place, frames) for place in ptes},
        bug=_kind(bugs[0]) if bugs else None,
        broken=tuple(sorted(rule["id"] for rule in trace.invariants if not rule["holds"])),
        stale=tuple(sorted({int(entry.cpu) for entry in stale_entries(trace.sim)})),
        stuck=tuple(t for t in threads if not trace.sim.finished(t)),
    )


def _pairs(expect: Expect, got: Expect) -> list[tuple[str, Any, Any]]:
    """(what, expected, got) of everything that is compared."""
    found: list[tuple[str, Any, Any]] = []
    for thread, codes in expect.returns.items():
        found.append((f"{thread}'s faults return", codes, got.returns.get(thread)))
    for thread, frames in expect.saw.items():
        found.append((f"{thread} saw", frames, got.saw.get(thread)))
    for place, words in expect.pte.items():
        found.append((f"pte of {place}", words, got.pte[place]))
    return [
        *found,
        ("signals", expect.signals, got.signals),
        ("bug", _kind(expect.bug), got.bug),
        ("broken invariants", tuple(sorted(expect.broken)), got.broken),
        ("CPUs with a stale TLB", tuple(sorted(expect.stale)), got.stale),
        ("stuck threads", tuple(sorted(expect.stuck)), tuple(sorted(got.stuck))),
    ]


def _kind(bug: str | None) -> str | None:
    return bug and bug.partition(" (")[0]


def _returns(moments: list[Moment]) -> list[str]:
    return [return_name(m.args["ret"]) for m in moments if m.op == "vm_fault"]


def _saw(moments: list[Moment], frames: Frames) -> list[str]:
    return [
        f"{'write' if m.args['write'] else 'read'} {frames.name(m.answer[1])}"
        for m in moments
        if m.op == "access" and m.answer[0] == "ok"
    ]


def _pte(trace: Trace, place: str, frames: Frames) -> str:
    mm, _, page = place.rpartition("/")
    name, index = split_place(page)
    process, vma = next((p, v) for p in trace.scenario.processes for v in p.vmas if v.name == name)
    number = (vma.first >> 12) + (index or 0)
    pte = trace.sim.machine.get(f"pte/{mm or process.name}/{number:#x}") or 0
    if pte_none(pte):
        return "none"
    if not pte_present(pte):
        return "not present"
    rights = "rw" if pte_write(pte) else "ro"
    dirt = "dirty" if pte_dirty(pte) else "clean"
    return f"{frames.name(trace.arch.pte_pfn(pte))} {rights} {dirt}"


class Frames:
    """Names for frames, the same whatever else lies in memory."""

    def __init__(self, trace: Trace) -> None:
        self.fresh: dict[int, str] = {}
        first: int = trace.cells["memory/next_free"]
        self.handed_out = range(first, trace.scenario.memory.ram_pages)
        self.kinds = {
            pfn: kind
            for pfn in range(first)
            if (kind := trace.cells.get(f"page/{pfn:#x}/kind")) in NAMED
        }

    def name(self, pfn: int) -> str:
        """A frame by what it is."""
        if pfn in self.handed_out:
            return self.fresh.setdefault(pfn, f"fresh{len(self.fresh) + 1}")
        return str(self.kinds.get(pfn, f"{pfn:#x}"))
