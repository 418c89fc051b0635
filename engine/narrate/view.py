"""What the tellers look at: one step, the past it follows from, and the state it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from engine.ledger import Ledger, Moment
from engine.messages import Messages
from engine.model.pte import _PAGE_ACCESSED, _PAGE_DIRTY, pte_none, pte_present, pte_write
from engine.model.vma import VM_SHARED
from engine.ops import page_table_lock, ptl_of
from engine.unfold import Node

HARDWARE = _PAGE_ACCESSED | _PAGE_DIRTY
"""Bits that the CPU sets by itself."""

LOW_WORD = (1 << 32) - 1


class Narration(NamedTuple):
    """Words for a step, with a stable template key and the parameters that filled it."""

    key: str
    params: dict[str, Any]
    what: str
    why: str


class View:
    """One step for a teller. Words that it makes use our markup: @A, `code`, #9."""

    def __init__(self, moment: Moment, ledger: Ledger) -> None:
        self.moment, self.ledger = moment, ledger
        self.machine, self.world = ledger.sim.machine, ledger.sim.world
        self.args, self.answer = moment.args, moment.answer
        self.thread, self.who = moment.thread, f"@{moment.thread}"

    def text(self, key: str, /, **fields: Any) -> str:
        """The message steps.`key`; one of its fields is `who`, this thread."""
        return self.ledger.words.say("steps." + key, who=self.who, **fields)

    def say(self, variant: str, what: str, why: str = "", **params: Any) -> Narration:
        """A narration; its key is the op and the variant."""
        key = f"{self.moment.op}.{variant}" if variant else self.moment.op
        return Narration(key, {"thread": self.thread, **params}, what, why)

    # --- the past and the future

    @property
    def next(self) -> Node:
        """What the thread will do next."""
        return self.ledger.sim.position[self.thread]

    def heads_for(self, *functions: str) -> str:
        """Which of these functions the thread is in at its next step, or ""."""
        names = [id.partition("@")[0] for id, _ in self.next.stack]
        return next((f for f in functions if f in names), "")

    def seen(self, *ops: str) -> Moment | None:
        """This thread's newest step of one of these ops, in the same fault or call."""
        found = [self.moment.seen[op] for op in ops if op in self.moment.seen]
        return max(found, key=lambda m: m.number, default=None)

    def wrote(self, cell: str) -> Moment | None:
        """The newest earlier step that wrote a cell this step touches."""
        number = self.moment.written.get(cell)
        return None if number is None else self.ledger[number]

    def deed(self, moment: Moment, cell: str, named: bool = False) -> str:
        """What a step did to a pte: "@A filled the pte at #23". named: the pte was just named."""
        was, now = (value or 0 for value in moment.delta[cell])
        done = _deed(was, now)
        if moment.inside("change_pte_range"):
            done = "rights" if pte_present(now) else "out_for_rights"
        if moment.op == "set_pte_high":
            done = "half_stored"
        own = moment.thread == self.thread
        actor = self.text("actor.it_itself") if own else f"@{moment.thread}"
        return self.text((DEEDS_AGAIN if named else DEEDS)[done], actor=actor, step=at(moment))

    def because(self, moment: Moment | None, cell: str, otherwise: str = "") -> str:
        """ "Because @A filled the pte at #23."; `otherwise` if nobody did anything."""
        return self.text("because", reason=self.deed(moment, cell)) if moment else otherwise

    def changed(self, since: int = 0) -> Moment | None:
        """The newest step, after `since`, that changed this pte in more than its A and D bits."""
        for number in reversed(self.ledger.writes.get(self.pte_cell, ())):
            if since < number < self.moment.number:
                was, now = (v or 0 for v in self.ledger[number].delta[self.pte_cell])
                if was & ~HARDWARE != now & ~HARDWARE:
                    return self.ledger[number]
        return None

    def mapped(self) -> Moment | None:
        """The newest step that gave this pte the frame it has; rights aside."""
        for number in reversed(self.ledger.writes.get(self.pte_cell, ())):
            was, now = (v or 0 for v in self.ledger[number].delta[self.pte_cell])
            if number < self.moment.number and (was & 1 != now & 1 or was >> 12 != now >> 12):
                return self.ledger[number]
        return None

    def actor(self, moment: Moment) -> str:
        """Who did a step: "it" or "@B"."""
        return self.text("actor.it") if moment.thread == self.thread else f"@{moment.thread}"

    def all_of(self, threads: Iterable[str]) -> str:
        """ "@A and @B"."""
        return self.ledger.words.all_of(f"@{thread}" for thread in threads)

    def freed(self) -> str:
        """ "; @B can go on" if this step ended somebody's waiting, else ""."""
        if self.moment.number == 1:
            return ""
        before = self.ledger[self.moment.number - 1].waiting
        woken = [t for t in before if t not in self.moment.waiting and t != self.thread]
        return self.text("go_on", others=self.all_of(woken)) if woken else ""

    def lock(self, cell: str) -> str:
        """A lock in words, from its cell."""
        return lock_name(cell, self.ledger.words)

    # --- ptes and locks

    @property
    def pte_cell(self) -> str:
        """The cell of the pte that the op is about."""
        mm = self.args.get("mm") or self.args.get("dst")
        return f"pte/{mm}/{self.args['address'] >> 12:#x}"

    @property
    def has_ptl(self) -> bool:
        """Whether the thread holds the lock of the pte that the op is about."""
        return ptl_of(self.world.arch, self.args["mm"], self.args["address"]) in self.moment.held

    @property
    def has_any_ptl(self) -> bool:
        """Whether the thread holds the lock of some page-table page."""
        return holds_ptl(self.moment)

    @property
    def has_page_table_lock(self) -> bool:
        """Whether the thread holds the mm's page_table_lock."""
        return page_table_lock(self.args["mm"]) in self.moment.held

    def change(self) -> tuple[int, int]:
        """(was, now) of the pte that the op is about; PAE's two stores count as one."""
        now = self.machine.get(self.pte_cell) or 0
        was = self.moment.delta.get(self.pte_cell, (now, now))[0] or 0
        high = self.seen("set_pte_high")
        if high and high.number == self._previous() and self.pte_cell in high.delta:
            was = high.delta[self.pte_cell][0] or 0
        return was, now

    def _previous(self) -> int:
        """The number of the thread's step before this one, in this fault."""
        return max((m.number for m in self.moment.seen.values()), default=0)

    def pfn(self, pte: int) -> str:
        """The frame in a pte, as code."""
        return f"`{self.world.arch.pte_pfn(pte):#x}`"

    def state(self, pte: int) -> str:
        """A pte in words: empty, frame `0x9`, swap slot 7."""
        if pte_none(pte):
            return self.text("state.empty")
        if self.half(pte):
            return self.text("state.half")
        if not pte_present(pte):
            return self.text("state.swap", slot=self.world.arch.swp_slot(pte))
        return self.text("state.frame", frame=self.pfn(pte))

    def half(self, pte: int) -> bool:
        """Whether this is the high half of a pte on its way in or out (PAE)."""
        if not self.world.arch.two_stores or pte_none(pte) or pte & LOW_WORD:
            return False
        return f"swap/{self.world.arch.swp_slot(pte)}/refs" not in self.machine

    def found(self, read: Moment) -> str:
        """What an earlier read_pte found: "it found the pte empty at #9 under `ptl`"."""
        where = self.text("found.under_ptl" if holds_ptl(read) else "found.unlocked")
        if self.half(read.answer):
            return self.text("found.half", step=at(read), where=where)
        if pte_none(read.answer):
            return self.text("found.empty", step=at(read), where=where)
        state = self.state(read.answer)
        return self.text("found.other", state=state, step=at(read), where=where)

    # --- vmas

    def vma_of(self, mm: str, address: int) -> str | None:
        """The vma that covers an address now."""
        for vma in self.machine.get(f"mm/{mm}/vmas", ()):
            start = self.machine[f"vma/{mm}/{vma}/start"]
            if start <= address < self.machine[f"vma/{mm}/{vma}/end"]:
                return str(vma)
        return None

    def place(self, mm: str | None = None, address: int | None = None) -> str:
        """A page by its vma: `mspec[3]`, "C's `data[0]`" where there are several processes."""
        mm = mm or self.args.get("mm")
        address = self.args["address"] if address is None else address
        vma = self.args.get("vma") if mm is None else self.vma_of(mm, address)
        if vma is None:
            return f"`{address:#x}`"
        start = self.world.vma_ranges[self.thread][vma][0]
        page = f"`{vma}[{address - start >> 12}]`"
        return self.text("place_of", mm=mm, place=page) if mm and self.several else page

    @property
    def several(self) -> bool:
        """Whether there is more than one address space."""
        return len(self.ledger.spaces) > 1

    def flags(self, mm: str, vma: str | None) -> int:
        """A vma's flags now."""
        return self.machine.get(f"vma/{mm}/{vma}/flags") or 0

    def private(self, mm: str, address: int) -> bool:
        """Whether the address lies in a private mapping."""
        vma = self.vma_of(mm, address)
        return vma is not None and not self.flags(mm, vma) & VM_SHARED


def _deed(was: int, now: int) -> str:
    if pte_none(now):
        return "emptied"
    if not pte_present(now):
        return "half_out" if pte_present(was) else "changed"
    if not was & 1:
        return "filled"
    if was >> 12 != now >> 12:
        return "reframed"
    if pte_write(was) != pte_write(now):
        return "writable" if pte_write(now) else "readonly"
    return "changed"


DEEDS = {
    "changed": "deed.changed",
    "emptied": "deed.emptied",
    "filled": "deed.filled",
    "half_out": "deed.half_out",
    "half_stored": "deed.half_stored",
    "out_for_rights": "deed.out_for_rights",
    "readonly": "deed.readonly",
    "reframed": "deed.reframed",
    "rights": "deed.rights",
    "writable": "deed.writable",
}
"""What was done to a pte, as a clause."""

DEEDS_AGAIN = {
    "changed": "deed_again.changed",
    "emptied": "deed_again.emptied",
    "filled": "deed_again.filled",
    "half_out": "deed_again.half_out",
    "half_stored": "deed_again.half_stored",
    "out_for_rights": "deed_again.out_for_rights",
    "readonly": "deed_again.readonly",
    "reframed": "deed_again.reframed",
    "rights": "deed_again.rights",
    "writable": "deed_again.writable",
}
"""The same where the sentence has named the pte already."""


def holds_ptl(moment: Moment) -> bool:
    """Whether the thread held the lock of a page-table page when it took this step."""
    return any(lock.startswith("lock/ptl/") for lock in moment.held)


def frame(pfn: int) -> str:
    """A frame number as code."""
    return f"`{pfn:#x}`"


def lock_name(cell: str, words: Messages) -> str:
    """A lock in words, from its cell."""
    kind, _, rest = cell.removeprefix("lock/").partition("/")
    return words.say("steps.page_lock", page=f"`{rest}`") if kind == "page" else f"`{kind}`"


def at(moment: Moment) -> str:
    """A step, as a reference to it: #9."""
    return f"#{moment.number}"


Teller = Callable[[View], Narration]
TELLERS: dict[str, Teller] = {}


def tells(*ops: str) -> Callable[[Teller], Teller]:
    """Register the teller of these ops."""

    def register(teller: Teller) -> Teller:
        TELLERS.update(dict.fromkeys(ops, teller))
        return teller

    return register
