"""Changes of an address space: fork, mprotect, remap."""

from __future__ import annotations

from engine.model.vma import flag_names
from engine.narrate.view import Narration, View, tells


@tells("begin_fork")
def begin_fork(v: View) -> Narration:
    """Nothing is locked yet."""
    what = f"{v.who} forks `{v.args['mm']}` into `{v.args['child']}`; nothing is locked yet."
    return v.say("", what)


@tells("new_mm")
def new_mm(v: View) -> Narration:
    """Empty."""
    return v.say("", f"{v.who} gives `{v.args['child']}` an empty address space.")


@tells("read_vmas")
def read_vmas(v: View) -> Narration:
    """All vmas."""
    names = ", ".join(f"`{vma.id}`" for vma in v.answer[:6]) + (" ..." if len(v.answer) > 6 else "")
    return v.say("", f"{v.who} goes through `{v.args['mm']}`'s vmas: {names}.")


@tells("read_vma")
def read_vma(v: View) -> Narration:
    """One vma."""
    what = f"{v.who} looks at the vma `{v.args['vma']}`."
    held = any(lock.startswith("lock/mmap_sem/") for lock in v.moment.held)
    return v.say("" if held else "unlocked", what, "" if held else "It does not hold `mmap_sem`.")


@tells("copy_vma")
def copy_vma(v: View) -> Narration:
    """The child's vma."""
    return v.say("", f"{v.who} copies the vma `{v.args['vma']}` to `{v.args['child']}`.")


@tells("set_vma_flags")
def set_vma_flags(v: View) -> Narration:
    """vm_flags and vm_page_prot."""
    cell = f"vma/{v.args['mm']}/{v.args['vma']}/flags"
    was, now = v.moment.delta.get(cell, (v.args["flags"], v.args["flags"]))
    more, less = flag_names(now & ~was), flag_names(was & ~now)
    parts = [f"adds {_names(more)}"] if more else []
    parts += [f"takes away {_names(less)}"] if less else []
    done = " and ".join(parts) or "leaves the flags as they are"
    why = "The ptes still have the old rights." if v.moment.inside("sys_mprotect") else ""
    return v.say("", f"{v.who} sets `{v.args['vma']}`'s `vm_flags`: {done}.", why)


def _names(flags: list[str]) -> str:
    return ", ".join(f"`{flag}`" for flag in flags)


@tells("set_vma_prot")
def set_vma_prot(v: View) -> Narration:
    """As if private."""
    what = f"{v.who} sets `{v.args['vma']}`'s `vm_page_prot` read-only, though writing is allowed."
    return v.say("", what, "So the first write to each page faults and is noticed.")


@tells("set_vma_pgoff")
def set_vma_pgoff(v: View) -> Narration:
    """The first pfn."""
    first = f"`{v.args['pgoff']:#x}`"
    what = f"{v.who} sets `{v.args['vma']}`'s `vm_pgoff` to the first frame, {first}."
    return v.say("", what, "This is how original frames are later told from copies.")
