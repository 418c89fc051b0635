"""The sentences of What if, in caption markup."""

from __future__ import annotations


def runs_next(thread: str) -> str:
    """Another turn."""
    return f"@{thread} runs now"


def ended(thread: str) -> str:
    """Nothing left to do."""
    return f"@{thread} has come to its end."


def waits(thread: str, lock: str, holders: tuple[str, ...]) -> str:
    """It stands at a lock."""
    kind = lock.removeprefix("lock/").partition("/")[0]
    by = " and ".join("itself" if t == thread else f"@{t}" for t in holders)
    return f"@{thread} waits for `{kind}`, which {by} holds."


def no_call() -> str:
    """Nobody asks."""
    return "a driver or file answers otherwise"


def no_call_why(at: int) -> str:
    """None is to come."""
    return (
        f"After #{at} nobody calls ->nopfn or ->nopage in this run." if at else "Nobody calls one."
    )


def no_struct_page(name: str) -> str:
    """->nopage of a driver follows its base."""
    return f"What `{name}`'s ->nopage answers follows from its pages; scenarios set only ->nopfn's."


def too_many_answers(name: str, most: int) -> str:
    """A scenario's bound."""
    return f"A scenario holds {most} answers of `{name}`; this call comes after them."


def answers(name: str, method: str, thread: str) -> str:
    """Another answer."""
    return f"`{name}` answers @{thread}'s ->{method} with"


def frame(pfn: str) -> str:
    """Another frame."""
    return f"frame `{pfn}`"


def fails(op: str, thread: str) -> str:
    """An allocation fails."""
    return f"@{thread}'s `{op}` fails"


def fails_any() -> str:
    """None to fail."""
    return "an allocation fails"


def fails_already(op: str) -> str:
    """The scenario says so."""
    return f"In this scenario `{op}` always fails."


def no_allocation(at: int) -> str:
    """None is to come."""
    return f"After #{at} nobody allocates in this run." if at else "Nobody allocates in this run."


def killed(thread: str) -> str:
    """A signal comes."""
    return f"@{thread} is sent SIGKILL"


def calls_the_system(thread: str) -> str:
    """Only faults end in a signal here."""
    return f"@{thread} makes system calls; a signal on the way out of one is not modelled."


def no_room(most: int) -> str:
    """One thread more is too many."""
    return f"Somebody must send it, and a scenario has at most {most} threads."


def vma(name: str) -> str:
    """Which mapping."""
    return f"from the start, `{name}` has"


def flag(name: str, on: bool) -> str:
    """A flag the other way round."""
    return f"`{name}`" if on else f"no `{name}`"


def impossible(title: str) -> str:
    """It is offered, but cannot be."""
    return f"{title}: that cannot happen here"


def title(before: str) -> str:
    """The fork's title."""
    return before if before.endswith(", what if") else f"{before[:110]}, what if"


def said_run(thread: str, at: int) -> str:
    """What was changed."""
    return f"After #{at} @{thread} runs, to its end." if at else f"@{thread} runs first."


def said_answer(name: str, value: str, at: int) -> str:
    """What was changed."""
    shown = f"frame `{value}`" if value.startswith("0x") else value
    return (
        f"After #{at} `{name}` answers with {shown}." if at else f"`{name}` answers with {shown}."
    )


def said_fail(op: str, at: int) -> str:
    """What was changed."""
    return f"After #{at} the next `{op}` fails." if at else f"The first `{op}` fails."


def said_kill(victim: str, at: int) -> str:
    """What was changed."""
    return f"After #{at} somebody sends @{victim} SIGKILL." if at else f"@{victim} is sent SIGKILL."


def said_flag(vma: str, name: str, on: bool) -> str:
    """What was changed, and why from the start."""
    has = "has" if on else "has no"
    return (
        f"`{vma}` {has} `{name}` from the start: vm_flags change only under `mmap_sem` held for "
        "writing, which no fault allows half-way."
    )
