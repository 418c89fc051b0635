"""Copies of each revision, spoilt in one place: the explorer catches all of them."""

from __future__ import annotations

import pytest
from mutants import MUTATIONS, Mutation, NothingToSpoil, mutant

from engine.explore.atlas import Atlas
from engine.explore.reduced import Reduced
from engine.explore.scene import Scene
from engine.explore.search import Budget
from engine.kernel import Kernel
from engine.kernels import KERNELS
from engine.scenario import Scenario


def spoilt(kernel: Kernel) -> dict[str, tuple[Mutation, Kernel]]:
    """The mutations that this kernel's code can suffer."""
    found = {}
    for mutation in MUTATIONS:
        if kernel.id not in mutation.unless:
            try:
                found[mutation.id] = mutation, mutant(kernel, mutation.function, mutation.spoil)
            except NothingToSpoil:
                continue
    return found


CASES = {
    f"{kernel.id}, {name}": (kernel, *case)
    for kernel in tuple(KERNELS.values())
    for name, case in spoilt(kernel).items()
}


def broken(scenario: Scenario, kernel: Kernel) -> set[str]:
    search = Reduced(Atlas(Scene(scenario, kernel.id)))
    search.run(Budget(100_000))
    assert search.limit is None
    return set(search.broken)


SOUND: dict[tuple[int, str], set[str]] = {}


def broken_when_sound(scenario: Scenario, kernel: Kernel) -> set[str]:
    """The same for a kernel as it is, searched once for all mutations that share the scene."""
    key = id(scenario), kernel.id
    if key not in SOUND:
        SOUND[key] = broken(scenario, kernel)
    return SOUND[key]


@pytest.mark.parametrize("case", CASES)
def test_a_spoilt_kernel_is_caught_where_the_sound_one_passes(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, mutation, wrong = CASES[case]
    allowed = broken_when_sound(mutation.scene, sound)
    monkeypatch.setitem(KERNELS, wrong.id, wrong)
    assert not mutation.caught_by & allowed
    assert mutation.caught_by <= broken(mutation.scene, wrong)


def test_every_revision_is_spoilt_in_every_manner() -> None:
    for kernel in KERNELS.values():
        manners = {mutation.what for mutation, _ in spoilt(kernel).values()}
        assert manners == {mutation.what for mutation in MUTATIONS}
    for revision in ("nopfn-v3", "nopfn-v4", "nopfn-v5", "2.6.19", "2.6.20"):
        own = [m.what for m, _ in spoilt(KERNELS[revision]).values() if m.function == "do_no_pfn"]
        assert own == ["no second look", "lock dropped early", "lock kept"]
