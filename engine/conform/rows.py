"""From an oracle row to a scenario: the row's own setup, said in our language.

Only the fields of `scenario`, `arch` and `revision` are read, and for a mapping of RAM by
remap_pfn_range the base frame, which the rows' harness took from its allocator.
"""

from __future__ import annotations

from typing import Any

from engine.scenario import Scenario

KERNEL_OF = {f"v{n}": f"nopfn-v{n}" for n in range(1, 6)}
"""The rows' names for the patch's revisions; mainline kernels keep their own."""

BASE = ("VM_READ", "VM_WRITE", "VM_MAYREAD", "VM_MAYWRITE", "VM_MAYEXEC")
SHARED = ("VM_SHARED", "VM_MAYSHARE")
RAW = ("VM_PFNMAP", "VM_IO", "VM_RESERVED")
RAM_PFN = "0x40"
"""Where a driver's own RAM page is put."""

FILE_ANSWERS = {"SIGBUS": {"value": "SIGBUS"}, "OOM": {"value": "OOM"}, "MAJOR": {"type": 3},
                "REFAULT": {"value": "REFAULT"}}  # fmt: skip
ERRNO = {"EFAULT": -14, "ENOMEM": -12, "EINVAL": -22, "SIGBUS": -1, "OOM": -2, "REFAULT": -3}

RIGHTS = {"r": "r", "w": "rw", "n": "none"}
AFTER_FORK = {
    "none": (),
    "child_writes": (("child", "write"),),
    "parent_writes": (("", "write"),),
    "child_reads": (("child", "read"),),
    "child_reads_parent_writes": (("child", "read"), ("", "write")),
    "child_then_parent_write": (("child", "write"), ("", "write")),
    "parent_then_child_write": (("", "write"), ("child", "write")),
}
PAGE = "v[3]"


MMAP_FIRST = [{"run": "T0", "until": "up_write#1"}]


class OutOfScope(Exception):
    """A row that the model does not speak about; the message is the reason."""


def to_scenario(row: dict[str, Any]) -> Scenario:
    """The scenario of a row. Raises OutOfScope with the reason."""
    s = row["scenario"]
    if s["inject"] == "dontcopy":
        raise OutOfScope(
            "VM_DONTCOPY at fork: the rows' fork wrapper skips the flush that dup_mmap always makes"
        )
    vma = vma_of(s)
    do = ([_remap(s, row)] if s["vma"].startswith("remap") else []) + _program(s)
    threads = [{"name": "T0", "cpu": 0, "do": do}, {"name": "T1", "cpu": 1, "do": _rival(s)}]
    if s["vma"] == "anon_swapped":
        vma["swapped"] = {3: {"refs": 2 if s["inject"] == "swap_shared" else 1}}
    return Scenario.model_validate(
        {
            "title": "an oracle row",
            "kernel": KERNEL_OF.get(row["revision"], row["revision"]),
            "arch": row["arch"],
            "memory": {"zeroed_mem_map": True},
            "files": {"f": _file(s)} if "file" in vma else {},
            "drivers": {"d": _driver(s, row)} if "driver" in vma else {},
            "processes": [
                {
                    "name": "mm0",
                    "vmas": [vma],
                    "threads": threads,
                    "page_tables": _has_tables(s),
                }
            ],
            "inject": _inject(s["inject"]),
            # mmap has run before any thread races
            "schedule": MMAP_FIRST if s["vma"].startswith("remap") else [],
        }
    )


def _has_tables(s: dict[str, Any]) -> bool:
    """Page tables are there at the start, but for remap_pfn_range and where the row says so."""
    if s["vma"] == "anon_swapped":
        return True
    missing = s["inject"] in ("no_ptepage", "pte_alloc_fail")
    return not missing and not s["vma"].startswith("remap")


def vma_of(s: dict[str, Any]) -> dict[str, Any]:
    """The row's mapping: its flags by name, and who provides its pages."""
    kind = s["vma"]
    flags = list(BASE)
    if "shared" in kind or kind.startswith("driver_both") or kind == "no_pfnmap_flag_nopfn":
        flags += SHARED
    if kind.startswith("pfnmap_") or kind == "driver_both_pfnmap":
        flags += RAW
    if kind in ("anon_private_ro", "pfnmap_shared_ro_nopfn", "pfnmap_private_no_maywrite_nopfn"):
        flags.remove("VM_WRITE")
    if kind in ("pfnmap_shared_ro_nopfn", "pfnmap_private_no_maywrite_nopfn"):
        flags.remove("VM_MAYWRITE")
    vma: dict[str, Any] = {"name": "v", "start": "0x40000000", "pages": 16, "flags": flags}
    if kind.startswith(("file_", "shmem_", "driver_both")):
        vma["file"] = "f"
    if "nopfn" in kind or kind.startswith(("driver_both", "remap")):
        vma["driver"] = "d"
    if kind.startswith("remap"):
        vma["pgoff"] = "0x40000"
    return vma


def _file(s: dict[str, Any]) -> dict[str, Any]:
    kind = s["vma"]
    mkwrite = "none"
    if "page_mkwrite" in kind:
        mkwrite = "refuses" if kind.endswith("_fails") else "allows"
    return {
        "pages": {3: "0xf11e"},
        "page_mkwrite": mkwrite,
        "counts_dirty": kind.startswith("file_shared"),
        "nopage": [FILE_ANSWERS.get(s["handler"], {})],
    }


def _driver(s: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    kind, handler = s["vma"], s["handler"]
    if kind.startswith("remap"):
        driver: dict[str, Any] = {}
        if kind.endswith("ram_pfn"):
            driver["ram"] = {"first": row["final"]["vm_pgoff"], "pages": 16, "contents": "0x4a00"}
        return driver
    driver = {"nopfn": _nopfn(handler)}
    if handler in ("ram", "linear"):
        driver["ram"] = {"first": RAM_PFN if handler == "ram" else "0x3", "contents": "0x4a4a"}
    return driver


def _nopfn(handler: str) -> list[dict[str, Any]]:
    """The answers of the row's ->nopfn, in order of calls."""
    if handler == "ok":
        return [{}]
    if handler == "AB":
        return [{"value": "0x7000a"}, {"value": "0x7000b"}]
    if handler == "A_then_SIGBUS":
        return [{"value": "0x7000a"}, {"value": -14}]
    if handler in ERRNO:
        return [{"value": ERRNO[handler]}]
    if handler.startswith("minus"):
        return [{"value": -int(handler[5:])}]
    if handler.startswith("pfn="):
        return [{"value": handler[4:]}]
    if handler == "ram":
        return [{"value": RAM_PFN}]
    if handler == "linear":
        return [{"value": "0x3"}]
    if handler == "MAJOR":
        return [{"type": 3}]
    if handler.startswith("type="):
        return [{"type": int(handler[5:])}]
    raise OutOfScope(f"handler {handler!r} is not known")


def _program(s: dict[str, Any]) -> list[dict[str, Any]]:
    do: list[dict[str, Any]] = []
    for letter in s["access"]:
        if letter in "RW":
            do.append({"read" if letter == "R" else "write": PAGE})
        else:
            do.append({"mprotect": "v", "rights": RIGHTS[letter]})
    if s["fork"] != "none":
        do.append({"fork": "child", "anyway": True})
        for who, verb in AFTER_FORK[s["fork"]]:
            do.append({verb: PAGE, **({"as": who} if who else {})})
    if s["race"] == "munmap_after":
        do.append({"munmap": PAGE, "anyway": True})
    return do


def _rival(s: dict[str, Any]) -> list[dict[str, Any]]:
    last = [letter for letter in s["access"] if letter in "RW"][-1]
    rivals: dict[str, list[dict[str, Any]]] = {
        "same_access": [{"write" if last == "W" else "read": PAGE}],
        "other_writes": [{"write": PAGE}],
        "other_reads": [{"read": PAGE}],
        "truncate": [{"truncate": PAGE}],
        "munmap": [{"munmap": PAGE}],
        "fork": [{"fork": "child"}],
    }
    return rivals.get(s["race"], [])


def _remap(s: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    ram = s["vma"].endswith("ram_pfn")
    return {
        "remap": "v",
        "base": row["final"]["vm_pgoff"] if ram else "0x70000",
        "pages": 15 if s["vma"].endswith("partial") else 16,
    }


def _inject(inject: str | None) -> list[dict[str, Any]]:
    data = ("alloc_page_vma", "alloc_zeroed_user_highpage", "read_swap_cache_async")
    failing = {
        "alloc_fail": data,
        "anon_vma_fail": ("anon_vma_prepare",),
        "pte_alloc_fail": ("pte_alloc_one",),
    }
    return [{"fail": op} for op in failing.get(inject or "", ())]
