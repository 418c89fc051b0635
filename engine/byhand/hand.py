"""What a handler holds in a fault: found by what the machine answered it so far.

The same reading of ops and answers for the student and for the revision's own handler, so that
their moves can be compared: pages are named by where they came from, not by their numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.kernels.linux_2_6_17.codes import ZERO_PAGE
from engine.model.pte import LOW_BITS, pte_present
from engine.model.vma import Vma
from engine.ops import Op

PAGES = ("zero", "new", "told", "old")
"""ZERO_PAGE, the page allocated last, what the driver or file answered, what the pte named."""

BITS = {"P": 0, "W": 1, "U": 2, "A": 5, "D": 6}
"""The bits of a pte that a move chooses, by the letters that a link has for them."""

NAMES = {letter: dict(LOW_BITS)[bit] for letter, bit in BITS.items()}


@dataclass
class Hand:
    """mm, address, write: of the fault. pte: as it was read last. held: locks by name of move."""

    mm: str
    address: int
    write: bool
    arch: Any
    vma: Vma | None = None
    looked: bool = False
    pte: int | None = None
    code: int | None = None
    pages: dict[str, int] = field(default_factory=lambda: {"zero": ZERO_PAGE})
    asked: str = ""

    def note(self, op: Op, answer: Any) -> None:
        """An op of this thread was answered so."""
        if op.name == "find_vma":
            self.vma, self.looked = answer, True
        elif op.name == "read_pte":
            self.pte = answer
            if pte_present(answer):
                self.pages["old"] = self.arch.pte_pfn(answer)
        elif op.name in ("nopage_ret", "nopfn_ret"):
            self.pages["told"], self.asked = answer[0], op.name.removesuffix("_ret")
        elif op.name in ("alloc_page_vma", "alloc_zeroed_user_highpage"):
            if answer is not None:
                self.pages["new"] = answer
        elif op.name == "vm_fault":
            self.code = op.args[0]

    def origin(self, page: int) -> str:
        """Where a page or frame came from; its number if from nowhere."""
        return next((name for name in PAGES if self.pages.get(name) == page), f"{page:#x}")

    def store(self, pte: int) -> str:
        """A pte as a move has it: new.PWUAD."""
        return f"{self.origin(self.arch.pte_pfn(pte))}.{letters(pte)}"


def letters(pte: int) -> str:
    """The bits that are set, by letter."""
    return "".join(letter for letter, bit in BITS.items() if pte >> bit & 1)


def bits_of(text: str) -> int:
    """The bits that these letters stand for."""
    return sum(1 << BITS[letter] for letter in set(text))
