"""What a scenario may not say, and how it is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from engine import Scenario, gallery

BASE = dict(gallery())["two-threads-one-page"].content()
Change = Callable[[dict[str, Any]], Any]


def mspec(s: dict[str, Any]) -> dict[str, Any]:
    return next(v for v in s["processes"][0]["vmas"] if v["name"] == "mspec")


def do(*acts: dict[str, Any]) -> Change:
    return lambda s: s["processes"][0]["threads"][0].update(do=list(acts))


def file(**fields: Any) -> Change:
    return lambda s: (s.update(files={"f": fields}), mspec(s).update(file="f"))


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
