"""What a scenario may not say, and how it is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError
from scenes import GALLERY

from engine import BadSchedule, BudgetExceeded, Scenario, run

BASE = GALLERY["two-threads-one-page"].content()
Change = Callable[[dict[str, Any]], Any]


def mspec(s: dict[str, Any]) -> dict[str, Any]:
    return next(v for v in s["processes"][0]["vmas"] if v["name"] == "mspec")


def do(*acts: dict[str, Any]) -> Change:
    return lambda s: s["processes"][0]["threads"][0].update(do=list(acts))


def file(**fields: Any) -> Change:
    return lambda s: (s.update(files={"f": fields}), mspec(s).update(file="f"))


def nopfn(value: str) -> Change:
    return lambda s: s["drivers"]["mspec"].update(nopfn=[{"value": value}])


def ask(**fields: Any) -> dict[str, Any]:
    plain = {"thread": "A", "op": "access", "ask": "?", "choices": ["x", "y"], "answer": 0}
    return {**plain, **fields}


REFUSED: dict[str, tuple[Change, str]] = {
    "two children of one name": (do({"fork": "c"}, {"fork": "c"}), "needs a name"),
    "a child named like its parent": (do({"fork": "P"}), "needs a name"),
    "a file and a driver of one name": (
        lambda s: s.update(files={"mspec": {"pages": {3: "0x1"}}}),
        "different names",
    ),
    "a page that has no struct page": (file(nopage=[{"value": "0x70000"}]), "no struct page"),
    "an errno from nopage": (file(nopage=[{"value": "EFAULT"}]), "none of SIGBUS"),
    "a number from nopage": (file(nopage=[{"value": -14}]), "none of SIGBUS"),
    "a remap beyond the vma": (
        do({"remap": "mspec", "base": "0x70000", "pages": 17}),
        "has only 16 pages",
    ),
    "a swapped page beyond the vma": (
        lambda s: mspec(s).update(swapped={16: {}}),
        "none beyond",
    ),
    "a driver with no answer": (
        lambda s: s["drivers"]["mspec"].update(nopfn=[]),
        "at least 1 item",
    ),
    "a pfn that is no number": (nopfn("0xzz"), "hex pfn or one of"),
    "a pfn of no digits": (nopfn("0x"), "hex pfn or one of"),
    "a pfn of too many digits": (nopfn("0x" + "f" * 17), "hex pfn or one of"),
    "digits of another script": (do({"read": "mspec[\u0663]"}), "should match pattern"),
    "an act in a child before its fork": (
        do({"read": "mspec[3]", "as": "c"}, {"fork": "c"}),
        "not forked by then",
    ),
    "an act that is surer than its fork": (
        do({"fork": "c"}, {"read": "mspec[3]", "as": "c", "anyway": True}),
        "must be forked anyway",
    ),
    "an mprotect where fork copies nothing": (
        lambda s: (
            mspec(s)["flags"].append("VM_DONTCOPY"),
            do({"fork": "c"}, {"mprotect": "mspec", "rights": "r", "as": "c"})(s),
        ),
        "may leave 'c' without it",
    ),
    "an mprotect where fork may stop half-way": (
        lambda s: (
            s["processes"][0]["vmas"].append({"name": "z", "start": "0x70000000", "flags": []}),
            s.update(inject=[{"fail": "pte_alloc_one"}]),
            do({"fork": "c"}, {"mprotect": "z[0]", "rights": "r", "as": "c"})(s),
        ),
        "may leave 'c' without it",
    ),
    "an expectation of no page": (
        lambda s: s.update(expect={"nopfn-v3": {"source": "?", "pte": {"nothing[0]": "none"}}}),
        "no vma in 'nothing[0]'",
    ),
    "a note far beyond the last step": (
        lambda s: s.update(notes=[{"thread": "A", "op": "access", "nth": 10**30, "text": "?"}]),
        "less than or equal",
    ),
    "a question without a right choice": (lambda s: s.update(questions=[ask(answer=2)]), "0 to 1"),
    "a question at no op": (lambda s: s.update(questions=[ask(op="x")]), "questions: there is no"),
    "a command to the terminal": (lambda s: s.update(story="\x9b2J"), "cannot be seen"),
    "text that cannot be seen": (lambda s: s.update(title="a\u202eb"), "cannot be seen"),
    "a question with one choice": (
        lambda s: s.update(
            questions=[{"thread": "A", "op": "read_pte", "ask": "?", "choices": ["x"], "answer": 0}]
        ),
        "at least 2 items",
    ),
    "a mapping beyond the address space": (
        lambda s: mspec(s).update(start="0xFFFFFFFFFFFFF000"),
        "beyond the i386 address space",
    ),
    "two verbs in one operation": (do({"read": "mspec[3]", "write": "mspec[3]"}), "exactly one"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_a_sentence(name: str) -> None:
    change, words = REFUSED[name]
    scenario = copy.deepcopy(BASE)
    change(scenario)
    with pytest.raises(ValidationError) as refusal:
        Scenario.model_validate(scenario)
    assert words in str(refusal.value)


def test_the_unchanged_one_is_accepted() -> None:
    Scenario.model_validate(BASE)


def test_acting_in_a_child_before_it_is_forked_is_refused() -> None:
    scenario = copy.deepcopy(BASE)
    do({"read": "mspec[3]", "as": "c"}, {"fork": "c"})(scenario)
    with pytest.raises(ValidationError, match="has not forked by then"):
        Scenario.model_validate(scenario)


def test_a_run_beyond_the_budget_is_refused() -> None:
    scenario = copy.deepcopy(BASE)
    mspec(scenario)["pages"] = 4096
    do(*[{"munmap": "mspec"}] * 64)(scenario)
    scenario["notes"] = []
    with pytest.raises(BudgetExceeded, match="20000"):
        run(Scenario.model_validate(scenario))


def test_a_schedule_has_a_bounded_number_of_switches() -> None:
    with pytest.raises(BadSchedule, match="at most 4000"):
        run(Scenario.model_validate(BASE), schedule="A;" * 4001)
