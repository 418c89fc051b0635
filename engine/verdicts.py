"""What a run comes to, step by step: rules broken, stale TLB entries, signals, the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.invariants import INVARIANTS, PROMISES, watch
from engine.invariants.order import bug_message
from engine.ledger import Moment
from engine.messages import Message, Messages
from engine.model.pte import pte_write
from engine.simulation import Simulation
from engine.verbs.world import tlb_cell

OWN_WORDS = ("no_bug", "tlb_agrees", "no_deadlock")
"""Invariants whose breaking a verdict of ours tells at the step itself: bug, stale, deadlock."""

INFO = PROMISES
"""The driver's promise, not the kernel's."""


HEX = re.compile(r"\b0x[0-9a-f]+\b")

ENDS = {
    "do_exit": ("oom", "info", "verdicts.oom"),
    "livelock": ("livelock", "info", "verdicts.livelock"),
    "print_bad_pte": ("bad_pte", "info", "verdicts.bad_pte"),
}
"""Ops that are verdicts by themselves: id, level, message. None of them breaks a rule."""


class Verdict(NamedTuple):
    """Something worth a chip. level: "bad" if a rule is broken, "info" if it is only news."""

    id: str
    level: str
    text: str


class Stale(NamedTuple):
    """A TLB entry that the page table no longer agrees with."""

    cell: str
    pfn: int
    says: Message

    @property
    def cpu(self) -> str:
        """The number of the CPU."""
        return self.cell.split("/")[1]


class Judge:
    """Watches a simulation and says, in these words, what is new at each step."""

    def __init__(self, sim: Simulation, words: Messages) -> None:
        self.sim, self.words = sim, words
        self.watcher = watch(sim)
        self.verdicts: dict[int, list[Verdict]] = {}
        self.broken: dict[str, tuple[int | None, str]] = {}
        self.stale: dict[str, tuple[int, Stale]] = {}
        self.unflushed: set[str] = set()
        """Cells of TLB entries that break tlb_agrees: they are stale, and no flush is owed."""

    def after(self, moment: Moment) -> list[Verdict]:
        """The verdicts of the step just taken."""
        found = [*self._violations(moment), *self._happened(moment)]
        found += self._stale_entries(moment)
        if found:
            self.verdicts[moment.number] = found
        return found

    def finish(self, last: int) -> list[Verdict]:
        """The run is over: what never came right. Answers the verdicts that are new."""
        for rule, text, cells in self.watcher.finish():
            self._note(rule, cells)
            self.broken.setdefault(rule, (last or None, self.words.read(text)))
        for number, stale in self.stale.values():
            self._worsen(number, stale)
        stuck = list(self._stuck())
        if stuck:
            self.verdicts.setdefault(last, []).extend(stuck)
        return stuck

    def invariants(self) -> list[dict[str, Any]]:
        """Every invariant: whether it held, where it first did not; news: it binds the driver."""
        return [
            {
                "id": rule.id,
                "title": self.words.say(rule.title),
                "holds": rule.id not in self.broken,
                "news": rule.id in INFO,
                "step": self.broken.get(rule.id, (None, ""))[0],
                "text": self.broken.get(rule.id, (None, ""))[1],
            }
            for rule in INVARIANTS.values()
        ]

    def _violations(self, moment: Moment) -> Iterator[Verdict]:
        for rule, text, cells in self.watcher.after(moment.step):
            self._note(rule, cells)
            words = self.words.read(_marked(text))
            self.broken.setdefault(rule, (moment.number, words))
            if rule not in OWN_WORDS:
                yield Verdict(rule, "info" if rule in INFO else "bad", words)

    def _note(self, rule: str, cells: tuple[str, ...]) -> None:
        if rule == "tlb_agrees":
            self.unflushed.add(cells[0])

    def _stale_entries(self, moment: Moment) -> list[Verdict]:
        """Entries that this step made stale. They are news until it is clear that none flushes."""
        if not any(cell.startswith(("pte/", "tlb/")) for cell in moment.delta):
            return []
        now = {stale.cell: stale for stale in stale_entries(self.sim)}
        fresh = [now[cell] for cell in now if cell not in self.stale]
        self.stale = {c: self.stale.get(c, (moment.number, s)) for c, s in now.items()}
        self.unflushed &= set(now)
        return [Verdict("stale", "info", self._tlb("verdicts.stale", s)) for s in fresh]

    def _worsen(self, number: int, stale: Stale) -> None:
        before = self._tlb("verdicts.stale", stale)
        text = self._tlb("verdicts.stale_for_ever", stale)
        kept = self.verdicts.get(number, [])
        for place, verdict in enumerate(kept):
            if verdict.id == "stale" and verdict.text == before:
                kept[place] = Verdict("stale", self._level(stale.cell), text)

    def _level(self, cell: str) -> str:
        """While a flush of the entry is owed, that it is stale breaks no rule."""
        return "bad" if cell in self.unflushed else "info"

    def _tlb(self, key: str, stale: Stale) -> str:
        says = self.words.read(stale.says)
        return self.words.say(key, cpu=stale.cpu, frame=f"`{stale.pfn:#x}`", says=says)

    def _happened(self, moment: Moment) -> Iterator[Verdict]:
        """What is worth a chip by itself."""
        who = {"who": f"@{moment.thread}"}
        bug = next((now for cell, (_, now) in moment.delta.items() if cell.endswith("/bug")), None)
        if bug:
            oops = self.words.read(Message("verdicts.bug", {**who, "bug": bug_message(bug)}))
            yield Verdict("bug", "bad", oops)
        elif moment.op == "force_sig":
            signal = moment.args["signal"]
            text = self.words.say("verdicts.signal", signal=signal, **who)
            yield Verdict(signal.lower(), "info", text)
        elif moment.op == "bad_mmap":
            text = self.words.say("verdicts.mmap_failed", error=moment.args["error"], **who)
            yield Verdict("mmap_failed", "info", text)
        elif moment.op == "bad_fork":
            text = self.words.say("verdicts.fork_failed", error=moment.args["error"], **who)
            yield Verdict("fork_failed", "info", text)
        elif moment.op == "access" and moment.answer[0] == "killed":
            yield Verdict("sigkill", "info", self.words.say("verdicts.sigkill", **who))
        elif moment.op in ENDS:
            id, level, key = ENDS[moment.op]
            yield Verdict(id, level, self.words.say(key, **who))
        elif used_tlb(moment):
            yield from self._used(moment)

    def _used(self, moment: Moment) -> Iterator[Verdict]:
        mm, address, write = moment.step.node.op.args  # type: ignore[union-attr]
        pte = self.sim.machine.get(f"pte/{mm}/{address >> 12:#x}") or 0
        says = disagreement(self.sim, pte, moment.answer[1], write)
        if says:
            key = "verdicts.stale_written" if write else "verdicts.stale_read"
            frame = f"`{moment.answer[1]:#x}`"
            fields = {"who": f"@{moment.thread}", "frame": frame, "says": says}
            cell = tlb_cell(self.sim.world.cpu_of[moment.thread], address)
            yield Verdict("stale_used", self._level(cell), self.words.read(Message(key, fields)))

    def _stuck(self) -> Iterator[Verdict]:
        for thread in self.sim.threads:
            blocked = None if self.sim.finished(thread) else self.sim.blocked(thread)
            if blocked:
                lock, holders = blocked
                itself = self.words.say("verdicts.itself")
                by = self.words.all_of(itself if t == thread else f"@{t}" for t in holders)
                fields = {"lock": lock.removeprefix("lock/"), "holders": by}
                text = self.words.say("verdicts.deadlock", who=f"@{thread}", **fields)
                yield Verdict("deadlock", "bad", text)


def stale_entries(sim: Simulation) -> Iterator[Stale]:
    """Every TLB entry that its pte does not bear out."""
    for cell, entry in sim.machine.tlb.items():
        mm, pfn, writable = entry
        pte = sim.machine.get(f"pte/{mm}/{cell.rpartition('/')[2]}") or 0
        says = disagreement(sim, pte, pfn, bool(writable))
        if says:
            yield Stale(cell, pfn, says)


def disagreement(sim: Simulation, pte: int, pfn: int, writable: bool) -> Message | None:
    """How the pte contradicts a TLB entry, if it does."""
    if not pte & 1:
        return Message("verdicts.pte_absent" if pte else "verdicts.pte_empty", {})
    frame = sim.world.arch.pte_pfn(pte)
    if frame != pfn:
        return Message("verdicts.pte_says", {"frame": f"`{frame:#x}`"})
    return Message("verdicts.pte_read_only", {}) if writable and not pte_write(pte) else None


def used_tlb(moment: Moment) -> bool:
    """Whether an access went through its TLB entry, without a look at the page table."""
    hit = moment.op == "access" and moment.answer[0] == "ok"
    return hit and not any(cell.startswith("pte/") for cell in moment.step.reads)


def _marked(text: Message) -> Message:
    """An invariant's message with our markup in its fields."""
    fields = {name: _marked_field(value) for name, value in text.fields.items()}
    if "who" in fields:
        fields["who"] = f"@{fields['who']}"
    return Message(text.key, fields)


def _marked_field(value: Any) -> Any:
    if isinstance(value, Message):
        return _marked(value)
    return HEX.sub(r"`\g<0>`", value) if isinstance(value, str) else value
