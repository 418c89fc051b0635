"""The bits of a pte that all modelled x86 layouts share, and the tests that handlers make.

Layout: include/asm-i386/pgtable.h and include/asm-x86_64/pgtable.h, Linux 2.6.17.
"""

from __future__ import annotations

PAGE_SHIFT = 12
PAGE_SIZE = 1 << PAGE_SHIFT
PAGE_MASK = ~(PAGE_SIZE - 1)

_PAGE_PRESENT = 1 << 0
_PAGE_RW = 1 << 1
_PAGE_USER = 1 << 2
_PAGE_ACCESSED = 1 << 5
_PAGE_DIRTY = 1 << 6
_PAGE_FILE = 1 << 6  # in a pte that is not present
_PAGE_PROTNONE = 1 << 7
_PAGE_NX = 1 << 63

LOW_BITS = (
    (0, "P"),
    (1, "RW"),
    (2, "US"),
    (3, "WT"),
    (4, "CD"),
    (5, "A"),
    (6, "D"),
    (7, "PSE"),
    (8, "G"),
)
"""(bit, short name) of the low bits of a pte."""


def pte_none(pte: int) -> bool:
    """Whether nothing was ever stored here: every bit is clear."""
    return pte == 0


def pte_present(pte: int) -> bool:
    """Whether a frame is mapped, PROT_NONE included."""
    return bool(pte & (_PAGE_PRESENT | _PAGE_PROTNONE))


def pte_file(pte: int) -> bool:
    """Whether a pte that is not present holds the offset of a nonlinear file page."""
    return bool(pte & _PAGE_FILE)


def pte_write(pte: int) -> bool:
    """Whether the hardware lets a write through."""
    return bool(pte & _PAGE_RW)


def pte_dirty(pte: int) -> bool:
    """Whether the frame was written through this pte."""
    return bool(pte & _PAGE_DIRTY)


def pte_young(pte: int) -> bool:
    """Whether the frame was used through this pte."""
    return bool(pte & _PAGE_ACCESSED)


def pte_mkdirty(pte: int) -> int:
    """The same pte, dirty."""
    return pte | _PAGE_DIRTY


def pte_mkclean(pte: int) -> int:
    """The same pte, clean."""
    return pte & ~_PAGE_DIRTY


def pte_mkyoung(pte: int) -> int:
    """The same pte, accessed."""
    return pte | _PAGE_ACCESSED


def pte_mkold(pte: int) -> int:
    """The same pte, not accessed."""
    return pte & ~_PAGE_ACCESSED


def pte_mkwrite(pte: int) -> int:
    """The same pte, writable."""
    return pte | _PAGE_RW


def pte_wrprotect(pte: int) -> int:
    """The same pte, read-only."""
    return pte & ~_PAGE_RW


def pte_same(one: int, other: int) -> bool:
    """Whether two ptes are equal bit for bit."""
    return one == other
