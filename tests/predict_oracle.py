"""Whether a choice is true of a run, read off the JSON trace alone: a second opinion on Predict.

It knows nothing of how questions are made; it reads the words that a learner reads.
"""

from __future__ import annotations

import re
from typing import Any

from engine.explore import explore
from engine.scenario import Scenario

Trace = dict[str, Any]
CODES = {"VM_FAULT_MINOR", "VM_FAULT_MAJOR", "VM_FAULT_SIGBUS", "VM_FAULT_OOM"}


def true_of(kind: str, text: str, trace: Trace, step: int, exactly: bool = True) -> bool:
    """Whether `text` answers a question of this kind rightly at this step of the run.

    exactly: frames by their numbers, and clean is not dirty; else only what sort of thing they are.
    """
    if kind == "pte_after":
        return _pte(text, trace, step, exactly)
    return bool({"next_handler": _handler, "lock": _lock, "returns": _returns, "verdict": _verdict}[
        kind](text, trace, step))  # fmt: skip


def any_schedule(text: str, ask: str, trace: Trace) -> bool:
    """Whether "yes" or "no" is right, by a search of our own without any bound."""
    named = re.findall(r"`([^`]+)`", ask)
    rule = re.search(r"“(.+)”", ask)
    assert rule
    titles = {r["title"]: r["id"] for r in trace["outcome"]["invariants"]}
    kernel = re.sub(r"^v(?=\d)", "nopfn-v", named[0])
    found = explore(Scenario.model_validate(trace["scenario"]), kernel)
    assert found["complete"]
    broken = titles[rule[1]] in [v["invariant"] for v in found["violations"]]
    return broken == text.startswith("yes")


def _own(trace: Trace, step: int, after: bool = False) -> list[dict[str, Any]]:
    """The steps of this step's thread up to it, or after it."""
    here = trace["steps"][step - 1]
    steps = [s for s in trace["steps"] if s["thread"] == here["thread"]]
    return [s for s in steps if (s["n"] > step if after else s["n"] <= step)]


def _functions(step: dict[str, Any]) -> list[str]:
    return [frame[0].partition("@")[0] for frame in step["stack"]]


def _handler(text: str, trace: Trace, step: int) -> bool:
    here, later = trace["steps"][step - 1], _own(trace, step, after=True)
    if here["op"] != "read_pte" or not later:
        return False
    if text.startswith("it gives way"):
        return bool(later[0]["op"] == "spin_unlock" and "do_wp_page" not in _functions(later[0]))
    return text.split("`")[-2] in _functions(later[0])


def _lock(text: str, trace: Trace, step: int) -> bool:
    here = trace["steps"][step - 1]
    if text.startswith("for "):
        return bool(
            here["op"] == f"down_{text.split()[1].removesuffix('ing:').replace('writ', 'write')}"
        )
    if text.startswith("not at all"):
        return here["op"] not in ("down_read", "down_write")
    before = trace["steps"][step - 2]["waiting"] if step > 1 else {}
    waits = [t for t, w in here["waiting"].items() if before.get(t, {}).get("lock") != w["lock"]]
    if not waits:
        shared = here["op"] == "down_read" and len(_readers(here)) > 1
        return shared and text.startswith("it gets the lock too")
    moves = any(s["n"] > step and s["thread"] in waits for s in trace["steps"])
    wanted = "it waits until" if moves else "it waits, and the lock is never"
    return text.startswith(wanted)


def _readers(step: dict[str, Any]) -> list[str]:
    cell = f"lock/mmap_sem/{step['args']['mm']}"
    return next((list(now["readers"]) for c, _, now in step["delta"] if c == cell), [])


def _returns(text: str, trace: Trace, step: int) -> bool:
    here = trace["steps"][step - 1]
    oops = any(cell.endswith("/bug") for cell, _, _ in here["delta"])
    if text.startswith("the ptes are filled at once"):
        return bool(here["op"] == "set_pte_at" and "remap_pte_range" in _functions(here))
    if text.startswith("it is refused"):
        later = _own(trace, step, after=True)
        return bool(later and later[0]["op"] == "bad_mmap")
    if text.startswith("it does not return"):
        return oops
    if text.startswith("in `SIGSEGV`"):
        return bool(here["op"] == "force_sig" and here["args"]["signal"] == "SIGSEGV")
    if here["op"] == "vm_fault":
        code = str(here["args"]["ret"]).split("|")[0].strip()
        number = re.match(r"it returns (\d+)", text)
        if number:
            return code not in CODES and int(code, 16) == int(number[1])
        return f"`{code}`" in text
    if here["op"] != "access":
        return False
    if text.startswith("nothing: "):
        return str(here["answer"]).startswith("killed")
    reached = re.match(r"it reaches frame `(0x[0-9a-f]+)`", text)
    if reached:
        return str(here["answer"]).startswith(f"ok {reached[1]} ")
    return text == "it faults" and str(here["answer"]).startswith("fault")


def _verdict(text: str, trace: Trace, _: int) -> bool:
    rules = [r for r in trace["outcome"]["invariants"] if r["id"] != "one_pfn"]
    if text.startswith("none of these"):
        return all(r["holds"] for r in rules if r["id"] != "one_pfn")
    return any(r["title"] == text and not r["holds"] for r in rules)


# --- ptes


def pte_cell(trace: Trace, step: int) -> str:
    """The pte that a step is about, or else the one that its thread faulted on."""
    here = trace["steps"][step - 1]
    if here["op"] not in ("read_pte", "set_pte_at", "ptep_establish", "ptep_set_access_flags"):
        here = [s for s in _own(trace, step) if s["op"] == "access"][-1]
    return f"pte/{here['args']['mm']}/{int(here['args']['address'], 16) >> 12:#x}"


def value(trace: Trace, cell: str, step: int) -> int:
    """What a pte holds after a step."""
    now = trace["cells"].get(cell)
    for s in trace["steps"][:step]:
        for changed, _, to in s["delta"]:
            now = to if changed == cell else now
    return int(now or "0x0", 16)


def _pte(text: str, trace: Trace, step: int, exactly: bool) -> bool:
    pte = value(trace, pte_cell(trace, step), step)
    if text.startswith(("empty", "nothing")):
        return pte == 0
    if not pte & 1:
        return "no access may use" in text and pte != 0
    number = re.search(r"frame `(0x[0-9a-f]+)`", text)
    width = {"i386": 20, "i386-pae": 32, "x86-64": 34}[trace["arch"]["id"]]
    frame = pte >> 12 & (1 << width) - 1
    if number and exactly and int(number[1], 16) != frame:
        return False
    if not number and not _sort(text, trace, step, frame):
        return False
    return "no access may use" not in text and _rights(text, pte, exactly)


def _rights(text: str, pte: int, exactly: bool) -> bool:
    if "read-only" in text:
        return not pte & 2
    dirty = "writable and dirty" in text
    bits = pte & 0x42 if exactly else pte & (0x42 if dirty else 2)
    return "writable" in text and bits == (0x42 if dirty else 2)


def _sort(text: str, trace: Trace, step: int, frame: int) -> bool:
    """Whose page it is, by how the fault came to it."""
    own = _own(trace, step)
    starts = [place for place, s in enumerate(own) if s["op"] == "access"]
    fault = own[starts[-1] if starts else 0 :]
    ops, fresh = {s["op"] for s in fault}, frame >= int(trace["cells"]["memory/next_free"], 16)
    broke = any("do_wp_page" in _functions(s) for s in fault)
    zeroed = "alloc_zeroed_user_highpage" in ops
    copied = {"copy_user_highpage", "copy_from_user_inatomic"} & ops or (broke and zeroed)
    found = {
        "a copy": fresh and bool(copied),
        "the file's own page": not fresh and frame > 1 and "nopage_ret" in ops,
        "the zero page": frame == 1,
        "a new frame of zeroes": fresh and zeroed and not broke,
        "the page read back": fresh and "lookup_swap_cache" in ops and not copied,
    }
    return next((holds for start, holds in found.items() if text.startswith(start)), False)
