"""The architectures: how an address is split, and how a pte is packed.

Sources: include/asm-i386/pgtable-2level.h, pgtable-3level.h and
include/asm-x86_64/pgtable.h, Linux 2.6.17.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model import pte as bits


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the page-table tree: the address bits `low`..`high` index it."""

    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Arch:
    """An architecture's page-table format.

    long_bits: width of C's long. pte_width: bits of a pte. pfn_high: the highest pte bit that
    pte_pfn() keeps. two_stores: a pte is stored in two halves (PAE), seen by others in between.
    """

    id: str
    levels: tuple[Level, ...]
    long_bits: int
    pte_width: int
    pfn_high: int
    nx: bool
    two_stores: bool = False

    def pfn_pte(self, pfn: int, prot: int) -> int:
        """Pack a pfn and protection bits, losing what the C expression loses.

        i386 shifts in 32 bits, so pfn bits from 20 up vanish; x86-64 masks nothing.
        """
        pfn &= (1 << self.long_bits) - 1
        packed = (pfn << bits.PAGE_SHIFT | prot) & ((1 << self.pte_width) - 1)
        return packed

    def pte_pfn(self, pte: int) -> int:
        """The frame number in a pte, as pte_pfn() reads it."""
        return (pte >> bits.PAGE_SHIFT) & ((1 << (self.pfn_high - 11)) - 1)

    def pte_modify(self, pte: int, prot: int) -> int:
        """The pte with new protection, keeping frame, accessed and dirty (_PAGE_CHG_MASK)."""
        low_12 = bits._PAGE_ACCESSED | bits._PAGE_DIRTY
        width = 46 if self.long_bits == 64 else self.pte_width  # __PHYSICAL_MASK on x86-64
        frame = pte & ((1 << width) - 1) & bits.PAGE_MASK & ~bits._PAGE_NX
        return frame | (pte & low_12) | prot

    def swp_entry(self, slot: int) -> int:
        """The pte that stands for swap slot `slot` of swap area 1."""
        if self.two_stores:
            return (1 | slot << 5) << 32
        return 1 << 1 | slot << 8

    def swp_slot(self, pte: int) -> int:
        """The swap slot that a swap pte names."""
        return pte >> 37 if self.two_stores else pte >> 8

    def as_long(self, value: int) -> int:
        """The value as C's signed long holds it."""
        value = self.as_unsigned_long(value)
        return value - (1 << self.long_bits) if value >> (self.long_bits - 1) else value

    def as_unsigned_long(self, value: int) -> int:
        """The value as C's unsigned long holds it."""
        return value & ((1 << self.long_bits) - 1)

    def index(self, level: Level, address: int) -> int:
        """Which entry of a table of this level the address uses."""
        return address >> level.low & ((1 << (level.high - level.low + 1)) - 1)

    def pte_page(self, address: int) -> int:
        """Number of the page-table page that maps the address, counted through the whole space."""
        return address >> (self.levels[-1].high + 1)

    def next_table(self, address: int) -> int:
        """The first address that the next page-table page maps (pmd_addr_end)."""
        return (self.pte_page(address) + 1) << (self.levels[-1].high + 1)

    def protection_map(self, flags: int) -> int:
        """vm_page_prot for the VM_READ, WRITE, EXEC and SHARED bits (protection_map, mm/mmap.c)."""
        read, write, run, shared = (flags >> bit & 1 for bit in range(4))
        if not (read or write or run):
            return bits._PAGE_PROTNONE | bits._PAGE_ACCESSED
        prot = bits._PAGE_PRESENT | bits._PAGE_USER | bits._PAGE_ACCESSED
        if write and shared:
            prot |= bits._PAGE_RW
        if self.nx and not run:
            prot |= bits._PAGE_NX
        return prot


I386 = Arch("i386", (Level("pgd", 22, 31), Level("pte", 12, 21)), 32, 32, 31, nx=False)
I386_PAE = Arch(
    "i386-pae",
    (Level("pgd", 30, 31), Level("pmd", 21, 29), Level("pte", 12, 20)),
    32,
    64,
    43,
    nx=True,
    two_stores=True,
)
X86_64 = Arch(
    "x86-64",
    (Level("pgd", 39, 47), Level("pud", 30, 38), Level("pmd", 21, 29), Level("pte", 12, 20)),
    64,
    64,
    45,
    nx=True,
)
ARCHES = {arch.id: arch for arch in (I386, I386_PAE, X86_64)}
