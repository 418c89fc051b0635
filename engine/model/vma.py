"""A vm_area_struct as a fault handler sees it: a snapshot, which mmap_sem keeps true.

Flag values: include/linux/mm.h, Linux 2.6.17.
"""

from __future__ import annotations

from typing import NamedTuple

VM_READ = 0x1
VM_WRITE = 0x2
VM_EXEC = 0x4
VM_SHARED = 0x8
VM_MAYREAD = 0x10
VM_MAYWRITE = 0x20
VM_MAYEXEC = 0x40
VM_MAYSHARE = 0x80
VM_PFNMAP = 0x400
VM_LOCKED = 0x2000
VM_IO = 0x4000
VM_DONTCOPY = 0x20000
VM_RESERVED = 0x80000
VM_HUGETLB = 0x400000
VM_NONLINEAR = 0x800000
VM_INSERTPAGE = 0x2000000

FLAGS = {name: value for name, value in globals().items() if name.startswith("VM_")}
"""Every flag by its name."""


class VmOps(NamedTuple):
    """Which operations the mapping's owner provides (struct vm_operations_struct)."""

    nopage: bool = False
    nopfn: bool = False
    page_mkwrite: bool = False
    populate: bool = False


class Vma(NamedTuple):
    """One mapping. Addresses in bytes; `prot` is vm_page_prot, the bits a new pte starts with."""

    id: str
    start: int
    end: int
    flags: int
    prot: int
    pgoff: int
    vm_ops: VmOps | None
    file: str | None
    driver: str | None


def is_cow_mapping(flags: int) -> bool:
    """Private and able to become writable: the first write copies (mm/memory.c, 2.6.15 on)."""
    return (flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE


def flag_names(flags: int) -> list[str]:
    """The names of the flags that are set, lowest bit first."""
    return [name for name, value in FLAGS.items() if flags & value]
