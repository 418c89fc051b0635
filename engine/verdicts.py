"""What a run comes to, step by step: rules broken, stale TLB entries, signals, the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.invariants import INVARIANTS, watch
from engine.ledger import Moment
from engine.model.pte import pte_write
from engine.simulation import Simulation

OWN_WORDS = ("no_bug", "tlb_agrees", "no_deadlock")
"""Invariants whose breaking a verdict of ours tells at the step itself: bug, stale, deadlock."""

INFO = ("one_pfn",)
"""The driver's promise, not the kernel's."""


class Verdict(NamedTuple):
    """Something worth a chip. level: "bad" if a rule is broken, "info" if it is only news."""

    id: str
    level: str
    text: str


class Stale(NamedTuple):
    """A TLB entry that the page table no longer agrees with."""

    cell: str
    pfn: int
    says: str

    @property
    def cpu(self) -> str:
        """The number of the CPU."""
        return self.cell.split("/")[1]


class Judge:
    """Watches a simulation and says what is new at each step."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.watcher = watch(sim)
        self.verdicts: dict[int, list[Verdict]] = {}
        self.broken: dict[str, tuple[int | None, str]] = {}
        self.stale: dict[str, tuple[int, Stale]] = {}

    def after(self, moment: Moment) -> list[Verdict]:
        """The verdicts of the step just taken."""
        found = [*self._violations(moment), *_happened(moment)]
        found += _used(self.sim, moment)
        found += self._stale_entries(moment)
        if found:
            self.verdicts[moment.number] = found
        return found

    def finish(self, last: int) -> list[Verdict]:
        """The run is over: what never came right. Answers the verdicts that are new."""
        for rule, text, _ in self.watcher.finish():
            self.broken.setdefault(rule, (last or None, text))
        for number, stale in self.stale.values():
            self._worsen(number, stale)
        stuck = list(_stuck(self.sim))
        if stuck:
            self.verdicts.setdefault(last, []).extend(stuck)
        return stuck

    def invariants(self) -> list[dict[str, Any]]:
        """Every invariant: whether it held, and where it first did not."""
        return [
            {
                "id": rule.id,
                "title": rule.title,
                "holds": rule.id not in self.broken,
                "step": self.broken.get(rule.id, (None, ""))[0],
                "text": self.broken.get(rule.id, (None, ""))[1],
            }
            for rule in INVARIANTS.values()
        ]

    def _violations(self, moment: Moment) -> Iterator[Verdict]:
        for rule, text, _ in self.watcher.after(moment.step):
            words = _named(text, moment.thread)
            self.broken.setdefault(rule, (moment.number, words))
            if rule not in OWN_WORDS:
                yield Verdict(rule, "info" if rule in INFO else "bad", words)

    def _stale_entries(self, moment: Moment) -> list[Verdict]:
        """Entries that this step made stale. They are news until it is clear that none flushes."""
        if not any(cell.startswith(("pte/", "tlb/")) for cell in moment.delta):
            return []
        now = {stale.cell: stale for stale in stale_entries(self.sim)}
        fresh = [now[cell] for cell in now if cell not in self.stale]
        self.stale = {c: self.stale.get(c, (moment.number, s)) for c, s in now.items()}
        return [
            Verdict("stale", "info", f"cpu{s.cpu}'s TLB still says `{s.pfn:#x}`, {s.says}")
            for s in fresh
        ]

    def _worsen(self, number: int, stale: Stale) -> None:
        cpu, pfn = f"cpu{stale.cpu}'s", f"`{stale.pfn:#x}`"
        text = f"{cpu} TLB keeps {pfn} to the end, {stale.says}: nobody flushes"
        kept = self.verdicts.get(number, [])
        for place, verdict in enumerate(kept):
            if verdict.id == "stale" and verdict.text.startswith(cpu):
                kept[place] = Verdict("stale", "bad", text)


def stale_entries(sim: Simulation) -> Iterator[Stale]:
    """Every TLB entry that its pte does not bear out."""
    for cell, entry in sim.machine.tlb.items():
        mm, pfn, writable = entry
        pte = sim.machine.get(f"pte/{mm}/{cell.rpartition('/')[2]}") or 0
        says = disagreement(sim, pte, pfn, bool(writable))
        if says:
            yield Stale(cell, pfn, says)


def disagreement(sim: Simulation, pte: int, pfn: int, writable: bool) -> str:
    """How the pte contradicts a TLB entry, or ""."""
    if not pte & 1:
        return "the pte is empty" if not pte else "the pte is not present"
    frame = sim.world.arch.pte_pfn(pte)
    if frame != pfn:
        return f"the pte says `{frame:#x}`"
    return "the pte is read-only" if writable and not pte_write(pte) else ""


def used_tlb(moment: Moment) -> bool:
    """Whether an access went through its TLB entry, without a look at the page table."""
    hit = moment.op == "access" and moment.answer[0] == "ok"
    return hit and not any(cell.startswith("pte/") for cell in moment.step.reads)


def _used(sim: Simulation, moment: Moment) -> Iterator[Verdict]:
    if not used_tlb(moment):
        return
    mm, address, write = moment.step.node.op.args  # type: ignore[union-attr]
    pte = sim.machine.get(f"pte/{mm}/{address >> 12:#x}") or 0
    says = disagreement(sim, pte, moment.answer[1], write)
    if says:
        does = "writes" if write else "reads"
        text = f"@{moment.thread} {does} frame `{moment.answer[1]:#x}` by a stale TLB entry: {says}"
        yield Verdict("stale_used", "bad", text)


def _happened(moment: Moment) -> Iterator[Verdict]:
    who, args = f"@{moment.thread}", moment.args
    bug = next((now for cell, (_, now) in moment.delta.items() if cell.endswith("/bug")), None)
    if bug:
        yield Verdict("bug", "bad", f"{who} oopses: {bug}")
    elif moment.op == "access" and moment.answer[0] == "killed":
        yield Verdict("sigkill", "info", f"{who} is killed")
    elif moment.op == "force_sig":
        yield Verdict(args["signal"].lower(), "info", f"{who} gets {args['signal']}")
    elif moment.op == "do_exit":
        yield Verdict("oom", "info", f"{who} is killed: out of memory")
    elif moment.op == "livelock":
        yield Verdict("livelock", "bad", f"{who} faults again and again and gets nowhere")
    elif moment.op == "print_bad_pte":
        yield Verdict("bad_pte", "bad", f"{who} finds a pte that makes no sense in this vma")
    elif moment.op == "bad_mmap":
        yield Verdict("mmap_failed", "info", f"{who}'s mmap fails with {args['error']}")


def _stuck(sim: Simulation) -> Iterator[Verdict]:
    for thread in sim.threads:
        blocked = None if sim.finished(thread) else sim.blocked(thread)
        if blocked:
            by = " and ".join("itself" if t == thread else f"@{t}" for t in blocked[1])
            lock = blocked[0].removeprefix("lock/")
            text = f"@{thread} waits for ever for `{lock}`, held by {by}"
            yield Verdict("deadlock", "bad", text)


def _named(text: str, thread: str) -> str:
    """An invariant's words with our markup."""
    marked = re.sub(r"\b0x[0-9a-f]+\b", r"`\g<0>`", text)
    return f"@{marked}" if marked.startswith(f"{thread} ") else marked
