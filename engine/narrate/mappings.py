"""Changes of an address space: fork, mprotect, remap."""

from __future__ import annotations

from engine.model.vma import flag_names
from engine.narrate.view import Narration, View, at, tells


@tells("begin_fork")
def begin_fork(v: View) -> Narration:
    """Nothing is locked yet."""
    return v.say("", v.text("begin_fork", mm=v.args["mm"], child=v.args["child"]))


@tells("new_mm")
def new_mm(v: View) -> Narration:
    """Empty."""
    return v.say("", v.text("new_mm", child=v.args["child"]))


@tells("read_vmas")
def read_vmas(v: View) -> Narration:
    """All vmas."""
    names = v.ledger.words.listed(f"`{vma.id}`" for vma in v.answer[:6])
    more = " ..." if len(v.answer) > 6 else ""
    why = v.text("read_vmas.why_exit") if v.moment.inside("exit_mmap") else ""
    return v.say("", v.text("read_vmas", mm=v.args["mm"], vmas=names + more), why)


@tells("read_vma")
def read_vma(v: View) -> Narration:
    """One vma."""
    what = v.text("read_vma", vma=v.args["vma"])
    if any(lock.startswith("lock/mmap_sem/") for lock in v.moment.held):
        return v.say("", what)
    return v.say("unlocked", what, v.text("read_vma.why_unlocked"))


@tells("copy_vma")
def copy_vma(v: View) -> Narration:
    """The child's vma."""
    return v.say("", v.text("copy_vma", vma=v.args["vma"], child=v.args["child"]))


@tells("set_vma_flags")
def set_vma_flags(v: View) -> Narration:
    """vm_flags and vm_page_prot."""
    cell = f"vma/{v.args['mm']}/{v.args['vma']}/flags"
    was, now = v.moment.delta.get(cell, (v.args["flags"], v.args["flags"]))
    more, less = flag_names(now & ~was), flag_names(was & ~now)
    parts = [v.text("set_vma_flags.adds", flags=_names(v, more))] if more else []
    parts += [v.text("set_vma_flags.takes", flags=_names(v, less))] if less else []
    done = v.ledger.words.all_of(parts) if parts else v.text("set_vma_flags.leaves")
    why = v.text("set_vma_flags.why") if v.moment.inside("sys_mprotect") else ""
    return v.say("", v.text("set_vma_flags", vma=v.args["vma"], done=done), why)


@tells("bad_fork")
def bad_fork(v: View) -> Narration:
    """ENOMEM."""
    child, failed = v.args["child"], v.seen("pte_alloc_one")
    why = v.text("bad_fork.why", step=at(failed)) if failed else ""
    what = v.text("bad_fork", child=child, error=v.args["error"])
    return v.say("", what, why, error=v.args["error"])


@tells("bad_mprotect")
def bad_mprotect(v: View) -> Narration:
    """EACCES."""
    what = v.text("bad_mprotect", vma=v.args["vma"], error=v.args["error"])
    return v.say("", what, v.text("bad_mprotect.why"), error=v.args["error"])


def _names(v: View, flags: list[str]) -> str:
    return v.ledger.words.listed(f"`{flag}`" for flag in flags)


@tells("set_vma_prot")
def set_vma_prot(v: View) -> Narration:
    """As if private. 2.6.18 gives no dirty page its right back."""
    early = any(function == "sys_mprotect@2.6.18" for function, _ in v.moment.stack)
    why = v.text("set_vma_prot.why_each" if early else "set_vma_prot.why")
    return v.say("", v.text("set_vma_prot", vma=v.args["vma"]), why)


@tells("set_vma_pgoff")
def set_vma_pgoff(v: View) -> Narration:
    """The first pfn."""
    what = v.text("set_vma_pgoff", vma=v.args["vma"], frame=f"`{v.args['pgoff']:#x}`")
    return v.say("", what, v.text("set_vma_pgoff.why"))
