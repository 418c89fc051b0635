"""The sentences of What if, in caption markup."""

from __future__ import annotations

import re


def runs_next(thread: str) -> str:
    """Another turn."""
    return f"@{thread} runs now"


def runs_on(thread: str) -> str:
    """The same turn, longer."""
    return f"@{thread} runs on as far as it can"


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


def no_more_calls(at: int) -> str:
    """None is to come."""
    after = f"After #{at} nobody" if at else "Nobody"
    return f"{after} calls ->nopfn or ->nopage in this run."


def nobody_to_ask() -> str:
    """Anonymous memory only."""
    return "No vma here is of a file or a driver, so nobody is asked."


def has_no_nopfn(name: str) -> str:
    """The method is missing."""
    return f"`{name}` has no ->nopfn to answer with."


def knows_no_nopfn(kernel: str) -> str:
    """The kernel lacks the method."""
    return f"{kernel} knows no ->nopfn, so it asks no driver."


def page(pfn: str) -> str:
    """Another page of the file."""
    return f"page `{pfn}`"


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


def fails_here(op: str, nth: int) -> str:
    """The scenario says so of this call."""
    return f"In this scenario the call to come, number {nth} of `{op}`, fails anyway."


def too_late_to_fail(op: str, nth: int, last: int) -> str:
    """A scenario's bound."""
    return f"A scenario counts {last} calls of `{op}`; this would be number {nth}."


def too_many_failures(op: str, most: int) -> str:
    """A scenario's bound."""
    return f"A scenario holds {most} failures of `{op}`, and has them already."


def no_allocation(at: int) -> str:
    """None is to come."""
    return f"After #{at} nobody allocates in this run." if at else "Nobody allocates in this run."


def killed(threads: list[str]) -> str:
    """A signal comes, to every thread of a process."""
    return f"{names(threads)} {'is' if len(threads) == 1 else 'are'} sent SIGKILL"


def names(threads: list[str]) -> str:
    """@A, @B and @C."""
    *most, last = [f"@{t}" for t in threads]
    return f"{', '.join(most)} and {last}" if most else last


def all_ended(process: str) -> str:
    """Nobody is left."""
    return f"All threads of `{process}` have come to their end."


def pending(threads: list[str]) -> str:
    """Once is enough."""
    has = "has" if len(threads) == 1 else "have"
    return f"{names(threads)} {has} been sent it already; a second one changes nothing."


def calls_the_system(thread: str) -> str:
    """Only faults end in a signal here."""
    return f"@{thread} makes system calls; a signal on the way out of one is not modelled yet."


def no_room(most: int) -> str:
    """One thread more is too many."""
    return f"Somebody must send it, and a scenario has at most {most} threads."


def no_right(vma: str, flag: str, needs: str) -> str:
    """mmap and mprotect would not do it."""
    return f"`{vma}` has no `{needs}`, so neither mmap nor mprotect gives it `{flag}`."


def no_scenario(problem: str) -> str:
    """What the scenario's own rules say."""
    return f"The scenario would not add up: {problem}."


def vma(name: str) -> str:
    """Which mapping."""
    return f"from the start, `{name}` has"


def flag(name: str, on: bool) -> str:
    """A flag the other way round."""
    return f"`{name}`" if on else f"no `{name}`"


def impossible(title: str, why_not: str) -> str:
    """It is shown, but cannot be."""
    return plain(f"“{title}” cannot happen here: {why_not.removesuffix('.')}")


def unknown(offer: str) -> str:
    """No such edit."""
    return f"{offer!r} is not offered here"


def title(before: str) -> str:
    """The fork's title."""
    return before if before.endswith(", what if") else f"{before[:110]}, what if"


def story(title: str, before: str, said: str) -> str:
    """The fork's story, in plain words: what was changed, newest first, and in which run."""
    start = before if title.endswith(", what if") else f"A fork of “{title}”."
    return f"{plain(said)} {start}"[:1200]


def plain(text: str) -> str:
    """A sentence without the markup of captions."""
    return re.sub(r"#(\d+)", r"step \1", re.sub(r"`|@(?=[A-Za-z])", "", text))


def no_effect(said: str) -> str:
    """The fork runs as before."""
    return f"{said} No step of this run changes by it."


def said_run(thread: str, at: int) -> str:
    """What was changed."""
    after = f"After #{at} @{thread} runs" if at else f"@{thread} runs first"
    return f"{after}, as far as it can."


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
    after = f"After #{at} somebody" if at else "Somebody"
    return f"{after} sends SIGKILL to the process of @{victim}."


def said_flag(vma: str, name: str, also: str | None, on: bool) -> str:
    """What was changed, and why from the start. also: the flag that goes with it."""
    has, nor = ("has", "and") if on else ("has no", "and no")
    both = f"`{name}` {nor} `{also}`" if also else f"`{name}`"
    return (
        f"`{vma}` {has} {both} from the start: vm_flags change only under `mmap_sem` held for "
        "writing, which no fault allows half-way."
    )
