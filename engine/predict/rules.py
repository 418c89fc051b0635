"""Whether a run breaks a rule, and which."""

from __future__ import annotations

from collections.abc import Iterator

from engine.predict.fact import Fact, Option, distinct
from engine.predict.past import Past
from engine.verdicts import INFO

WEIGHTS = {"tlb_agrees": 85, "cow_isolation": 82, "zero_page": 82, "lost_dirty": 75,
           "no_deadlock": 78, "freed_page": 80, "overwrite": 70, "no_bug": 10}  # fmt: skip
USUAL, NONE = 60, 40

TEMPTING = ("tlb_agrees", "cow_isolation", "counts", "lost_dirty", "no_deadlock", "overwrite",
            "locks", "freed_page", "zero_page")  # fmt: skip
"""Rules that one may think are broken when they are not, the most instructive first."""


def broken(past: Past) -> dict[str, tuple[int, str]]:
    """The kernel's rules that this run breaks: the step, and how in words."""
    return {
        rule["id"]: (rule["step"], rule["text"])
        for rule in past.trace.invariants
        if not rule["holds"] and rule["id"] not in INFO and rule["step"]
    }


def facts(past: Past) -> Iterator[Fact]:
    """A fact for each broken rule, or one that all of them hold."""
    found = broken(past)
    for rule, (step, text) in found.items():
        yield _fact(past, rule, step, WEIGHTS.get(rule, USUAL), past.say("rule.broken", text=text))
    if not found and past.last:
        yield _fact(past, "none", past.last, NONE, past.say("rule.none.right"))


def _fact(past: Past, key: str, step: int, weight: int, because: str) -> Fact:
    titles = {"none": past.say("rule.none"), **titled(past)}
    options = [Option(key, titles[key], because)]
    if key != "none":
        options.append(Option("none", titles["none"], past.say("rule.none.wrong", step=f"#{step}")))
    held = [rule["id"] for rule in past.trace.invariants if rule["holds"]]
    suited = [rule for rule in TEMPTING if rule in held and _suits(past, rule)]
    options += [Option(rule, titles[rule], past.say(f"rule.{rule}.held")) for rule in suited]
    return Fact("verdict", "rule", "", 0, step - 1, step, weight, past.say("rule.ask"),
                distinct(options))  # fmt: skip


def titled(past: Past) -> dict[str, str]:
    """Each rule as a sentence."""
    return {rule["id"]: rule["title"] for rule in past.trace.invariants}


def _suits(past: Past, rule: str) -> bool:
    """Whether the rule could be in question at all: some need two threads, or a private mapping."""
    if rule in ("no_deadlock", "lost_dirty", "overwrite", "locks"):
        return True
    if rule == "cow_isolation":
        return any(fault.private for fault in past.faults)
    if rule == "zero_page":
        return any(fault.handler == "do_anonymous_page" for fault in past.faults)
    return True
