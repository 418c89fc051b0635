"""What holds for any scenario and any schedule: steps undo, runs repeat, schedules survive."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch
from scenes import DEVICE, READ_WRITE, SHARED, START, fickle, read, write

from engine import ops
from engine.explore import explore
from engine.invariants import watch
from engine.kernel import Handler, Kernel
from engine.kernels import HISTORY, KERNELS
from engine.kernels.linux_2_6_17 import fault
from engine.layout import simulate
from engine.scenario import Scenario
from engine.schedule import play, switch_points
from engine.simulation import Simulation, Step

MAX_STEPS = 2000

KERNEL_IDS = st.sampled_from([kernel.id for kernel in HISTORY])
ARCHES = st.sampled_from(["i386", "i386-pae", "x86-64"])
PAGES = st.integers(0, 1)

PRIVATE_DEVICE = [*READ_WRITE, "VM_PFNMAP", "VM_IO", "VM_RESERVED"]
MAPPINGS: list[dict[str, Any]] = [
    {"flags": READ_WRITE},
    {"flags": ["VM_READ", "VM_MAYREAD", "VM_MAYWRITE"]},
    {"flags": READ_WRITE, "swapped": {0: {"refs": 2}}},
    {"flags": READ_WRITE, "file": "f"},
    {"flags": SHARED, "file": "f"},
    {"flags": DEVICE, "driver": "d"},
    {"flags": PRIVATE_DEVICE, "driver": "d"},
    {"flags": SHARED, "driver": "d"},
    {"flags": SHARED, "file": "f", "driver": "d"},
    {"flags": DEVICE, "file": "f", "driver": "d"},
]


@st.composite
def acts(draw: st.DrawFn, vma: str, forked: str | None) -> dict[str, Any]:
    """One operation of a thread; in the child if it has forked one, perhaps."""
    page = f"{vma}[{draw(PAGES)}]"
    who = draw(st.sampled_from([None, forked]))
    act: dict[str, Any] = draw(
        st.one_of(
            st.just({"read": page}),
            st.just({"write": page}),
            st.just({"munmap": page}),
            st.just({"truncate": page}),
            st.builds(
                lambda rights: {"mprotect": vma, "rights": rights},
                st.sampled_from(["none", "r", "rw"]),
            ),
        )
    )
    return {**act, "as": who}


@st.composite
def programs(draw: st.DrawFn, vma: str, name: str) -> list[dict[str, Any]]:
    """What a thread does: a few operations, perhaps a fork among them."""
    program: list[dict[str, Any]] = [draw(acts(vma, None)) for _ in range(draw(st.integers(1, 2)))]
    if draw(st.integers(0, 3)) == 0:
        child = f"child-{name}"
        program.append({"fork": child})
        program.append(draw(acts(vma, child)))
    return program


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A process with one mapping and two or three threads."""
    mapping = draw(st.sampled_from(MAPPINGS))
    names = "ABC"[: draw(st.integers(2, 3))]
    pfns = ["0x7000a", "0x7000b", "0x300", "SIGBUS", "OOM", "EFAULT", "ENOMEM", None]
    answer = st.builds(lambda v, t: {"value": v, "type": t}, st.sampled_from(pfns),
                       st.sampled_from([None, None, 3, 77]))  # fmt: skip
    fails = st.sampled_from(["alloc_page_vma", "anon_vma_prepare", "pte_alloc_one"])
    return Scenario.model_validate({
        "arch": draw(ARCHES),
        "files": {"f": {
            "pages": {0: "0x11", 1: "0x22"},
            "page_mkwrite": draw(st.sampled_from(["none", "allows", "refuses"])),
            "counts_dirty": draw(st.booleans()),
        }},
        "drivers": {"d": {"nopfn": draw(st.lists(answer, min_size=1, max_size=3))}},
        "processes": [{
            "name": "P",
            "page_tables": "swapped" in mapping or draw(st.booleans()),
            "vmas": [{"name": "v", "start": hex(START), "pages": 2, **mapping}],
            "threads": [{"name": n, "do": draw(programs("v", n))} for n in names],
        }],
        "inject": [{"fail": draw(fails), "nth": [1]}] if draw(st.booleans()) else [],
    })  # fmt: skip


PREFERENCES = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 12)), max_size=12)
"""A schedule for any scenario: (which runnable thread, for how many steps), then in order."""


def run(sim: Simulation, preferences: list[tuple[int, int]]) -> list[Step]:
    """Move the preferred threads, as far as they can move, and then the rest to the end."""
    steps: list[Step] = []
    for which, count in [*preferences, *[(0, MAX_STEPS)] * (3 * MAX_STEPS)]:
        ready = sim.runnable()
        if not ready:
            return steps
        thread = ready[which % len(ready)]
        while count and sim.can_move(thread):
            steps.append(sim.step(thread))
            count -= 1
        assert len(steps) < MAX_STEPS, "the programs never end"
    raise AssertionError("unreachable")


def told(steps: list[Step]) -> list[tuple[Any, ...]]:
    """Steps as comparable values: nodes belong to one simulation and differ in the next."""
    return [(s.thread, s.node.op, s.node.stack, s.answer, s.delta, s.reads) for s in steps]


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@given(scenarios(), KERNEL_IDS, PREFERENCES)
@quick
def test_undoing_everything_leads_back(
    scenario: Scenario, kernel: str, preferences: list[tuple[int, int]]
) -> None:
    sim = simulate(scenario, kernel)
    cells, position = dict(sim.machine), dict(sim.position)
    steps = run(sim, preferences)
    end = dict(sim.machine)
    for step in reversed(steps):
        sim.back(step)
    assert (dict(sim.machine), sim.position, sim.machine.journal) == (cells, position, [])
    assert told([sim.step(step.thread) for step in steps]) == told(steps)
    assert dict(sim.machine) == end


@given(scenarios(), KERNEL_IDS, PREFERENCES)
@quick
def test_the_same_scenario_and_schedule_are_the_same_run(
    scenario: Scenario, kernel: str, preferences: list[tuple[int, int]]
) -> None:
    first, second = (run(simulate(scenario, kernel), preferences) for _ in range(2))
    assert told(first) == told(second)


@given(scenarios(), KERNEL_IDS, PREFERENCES)
@quick
def test_the_switch_points_of_a_run_repeat_it(
    scenario: Scenario, kernel: str, preferences: list[tuple[int, int]]
) -> None:
    steps = run(simulate(scenario, kernel), preferences)
    again = list(play(simulate(scenario, kernel), switch_points(steps)))
    assert told(again) == told(steps)


@given(scenarios(), KERNEL_IDS, PREFERENCES)
@settings(quick, max_examples=150)
def test_no_run_makes_the_engine_stumble(
    scenario: Scenario, kernel: str, preferences: list[tuple[int, int]]
) -> None:
    """Handlers and checks never raise; and every delta says what the cells were and became."""
    sim = simulate(scenario, kernel)
    watcher, cells = watch(sim), dict(sim.machine)
    for step in run_watched(sim, preferences, watcher):
        for cell, was, now in step.delta:
            assert cells.get(cell) == was != now
            cells[cell] = now
    assert {cell: value for cell, value in cells.items() if value is not None} == sim.machine
    watcher.finish()


def run_watched(sim: Simulation, preferences: list[tuple[int, int]], watcher: Any) -> list[Step]:
    """A run that is checked after every step, by walking it a second time."""
    steps = run(sim, preferences)
    for step in reversed(steps):
        sim.back(step)
    for step in steps:
        for violation in watcher.after(sim.step(step.thread)):
            assert violation.text and violation.cells
    return steps


ORDINARY = st.sampled_from(MAPPINGS[:5])


@given(scenarios(), ORDINARY, PREFERENCES, st.sampled_from(["2.6.17", "2.6.18", "2.6.19"]))
@quick
def test_what_no_schedule_may_break_in_ordinary_memory(
    scenario: Scenario, mapping: dict[str, Any], preferences: list[tuple[int, int]], kernel: str
) -> None:
    """Files and anonymous memory keep every invariant, but for the race that 2.6.26 fixed."""
    data = scenario.content()
    data["processes"][0]["vmas"][0] = {"name": "v", "start": hex(START), "pages": 2, **mapping}
    data["processes"][0]["page_tables"] = True
    sim = simulate(Scenario.model_validate(data), kernel)
    watcher = watch(sim)
    steps = run(sim, preferences)
    for step in reversed(steps):
        sim.back(step)
    broken = {v.invariant for step in steps for v in watcher.after(sim.step(step.thread))}
    broken |= {v.invariant for v in watcher.finish()}
    assert broken <= {"cow_isolation"}


def handle_pte_fault(k: Any, mm: str, vma: Any, address: int, write_access: bool) -> Handler:
    """The kernel's own, with one more read before it: a richer model."""
    yield ops.read_pmd(mm, address)
    return (yield from RICHER[k.kernel.parent](k, mm, vma, address, write_access))


RICHER: dict[str, Any] = {
    kernel.id: kernel.functions["handle_pte_fault"].code for kernel in HISTORY
}


def richer(kernel: Kernel) -> Kernel:
    """The kernel with a harmless op more in each fault."""
    return kernel.revise(f"{kernel.id}-richer", kernel.date, kernel.title, handle_pte_fault)


def coarse(steps: list[Step]) -> list[tuple[Any, ...]]:
    """What an old link must still show: stores to ptes, and the codes that faults return."""
    shown = ("set_pte", "ptep", "vm_fault")
    done = [(s.thread, s.node.op) for s in steps if s.node.op]
    return [(thread, op) for thread, op in done if op.name.startswith(shown)]


@given(scenarios(), KERNEL_IDS, PREFERENCES)
@quick
def test_a_schedule_means_the_same_when_the_model_grows(
    scenario: Scenario, kernel: str, preferences: list[tuple[int, int]]
) -> None:
    """An op more in a handler moves no switch point, unless the point is that very op."""
    steps = run(simulate(scenario, kernel), preferences)
    schedule = switch_points(steps)
    if any(switch.until.startswith("read_pmd#") for switch in schedule):
        return
    child = richer(KERNELS[kernel])
    with MonkeyPatch.context() as patch:
        patch.setitem(KERNELS, child.id, child)
        again = list(play(simulate(scenario, child.id), schedule))
    assert coarse(again) == coarse(steps)
    assert len(again) >= len(steps)


def test_the_extra_op_is_there_and_the_race_is_still_found() -> None:
    child = richer(KERNELS["nopfn-v2"])
    with MonkeyPatch.context() as patch:
        patch.setitem(KERNELS, child.id, child)
        found = explore(fickle([read()], [write()]), child.id)
    plain = explore(fickle([read()], [write()]), "nopfn-v2")
    old, new = ({v["invariant"]: v["schedule"] for v in f["violations"]} for f in (plain, found))
    assert old == new
    assert found["states"] > plain["states"]
    assert fault.handle_pte_fault.__name__ in child.functions
