"""What could be otherwise at a step of a run, and what could not, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.consistency import NOPAGE_ERRORS, calls_the_system
from engine.kernel import short_name
from engine.ledger import Moment
from engine.scenario import ERRORS, FAILABLE, Process
from engine.trace import Trace
from engine.verbs.mappings import page_index
from engine.whatif import flags
from engine.whatif.moment import ANSWERS, Cut, allocates, cut

TOP_FRAME = (1 << 64) - 1
NOPFN_ERRORS = {name: ERRORS[name] for name in ("SIGBUS", "OOM", "EFAULT")}
"""What a ->nopfn may say instead of a frame, and an errno, which it may not."""

MOST_ANSWERS = 16
MOST_THREADS = 8
MOST_FAILURES, LAST_FAILURE = 16, 1000
"""What a scenario can hold of each (engine/scenario.py)."""


@dataclass(frozen=True)
class Offer:
    """Something else that could happen. id: names it to `fork`; texts are caption markup.

    kind: run_next, answer, fail, flag or signal. lead and label together are the sentence; offers
    of one kind and lead are alternatives. why_not: "" if it is possible.
    """

    id: str
    kind: str
    lead: str
    label: str
    why_not: str = ""

    @property
    def title(self) -> str:
        """The sentence."""
        return f"{self.lead} {self.label}".strip()

    @property
    def possible(self) -> bool:
        """Whether it can be taken."""
        return not self.why_not


def offers(trace: Trace, at: int) -> list[Offer]:
    """Everything that could be otherwise after `at` steps. Raises EngineError for no such step."""
    here = cut(trace, at)
    return [*_turns(here), *_answers(here), *_failures(here), *_signals(here), *_flags(here)]


def _turns(here: Cut) -> Iterator[Offer]:
    """Who runs now, to its end. Who would anyway, and without a pause, is not offered."""
    order = [moment.thread for moment in here.future]
    for thread in here.sim.threads:
        mine = order.count(thread)
        if mine and order[:mine] == [thread] * mine:
            continue
        blocked = None if here.sim.finished(thread) else here.sim.blocked(thread)
        why_not = ""
        if here.sim.finished(thread):
            why_not = here.say("run.ended", who=f"@{thread}")
        elif blocked:
            why_not = _waits(here, thread, *blocked)
        label = here.say("run.on" if order[:1] == [thread] else "run.next", who=f"@{thread}")
        yield Offer(f"run:{thread}", "run_next", "", label, why_not)


def _waits(here: Cut, thread: str, lock: str, holders: tuple[str, ...]) -> str:
    """It stands at a lock."""
    words, kind = here.trace.words, lock.removeprefix("lock/").partition("/")[0]
    by = (words.say("verdicts.itself") if t == thread else f"@{t}" for t in holders)
    return here.say("run.waits", who=f"@{thread}", lock=kind, holders=words.all_of(by))


def next_answer(here: Cut) -> Moment | None:
    """The next answer of a driver or file that is still to come in this run."""
    return next((m for m in here.future if m.op in ANSWERS), None)


def owner(moment: Moment) -> str:
    """The driver or file that answers."""
    return str(moment.args["driver" if moment.op == "nopfn_ret" else "source"])


def calls_before(here: Cut, name: str) -> int:
    """How many calls a driver or file has answered by now."""
    return sum(m.op in ANSWERS and owner(m) == name for m in here.past)


def _answers(here: Cut) -> Iterator[Offer]:
    moment = next_answer(here)
    if moment is None:
        yield Offer("answer:none", "answer", "", here.say("answer.any"), _nobody_asks(here))
        return
    name, nopfn = owner(moment), moment.op == "nopfn_ret"
    why_not = ""
    if not nopfn and name in here.trace.scenario.drivers:
        why_not = here.say("answer.no_struct_page", name=name)
    elif calls_before(here, name) + 1 >= MOST_ANSWERS:
        why_not = here.say("answer.too_many", name=name, most=MOST_ANSWERS)
    errors = NOPFN_ERRORS if nopfn else NOPAGE_ERRORS
    method = "nopfn" if nopfn else "nopage"
    lead = here.say("answer.lead", name=name, method=method, who=f"@{moment.thread}")
    for error, value in errors.items():
        if value != moment.answer[0]:
            unknown = "" if nopfn or error != "REFAULT" else _knows_no_refault(here)
            yield Offer(f"answer:{error}", "answer", lead, error, why_not or unknown)
    other = _other_frame(here, moment) if nopfn else _other_page(here, moment)
    if other is not None:
        shown = f"`{other:#x}`"
        label = (
            here.say("answer.frame", frame=shown) if nopfn else here.say("answer.page", page=shown)
        )
        yield Offer(f"answer:{other:#x}", "answer", lead, label, why_not)


def _knows_no_refault(here: Cut) -> str:
    """Why ->nopage cannot ask for another fault, or "". The code says whether it knows."""
    kernel = here.trace.kernel
    if "NOPAGE_REFAULT" in kernel.functions["do_no_page"].code.__code__.co_names:
        return ""
    return here.say("answer.knows_no_refault", kernel=short_name(kernel.id))


def _nobody_asks(here: Cut) -> str:
    """Why no driver or file answers any more."""
    if any(m.op in ANSWERS for m in here.past):
        return here.say("answer.no_more_calls", step=f"#{here.at}")
    scenario, kernel = here.trace.scenario, here.trace.kernel
    drivers = sorted({v.driver for _, v in here.vmas() if v.driver})
    if not drivers and not any(v.file for _, v in here.vmas()):
        return here.say("answer.nobody_to_ask")
    silent = [d for d in drivers if scenario.drivers[d].nopfn is None]
    if silent and silent == drivers:
        return here.say("answer.has_no_nopfn", name=silent[0])
    if drivers and "do_no_pfn" not in kernel.functions:
        return here.say("answer.knows_no_nopfn", kernel=short_name(kernel.id))
    if here.at:
        return here.say("answer.no_more_calls", step=f"#{here.at}")
    return here.say("answer.no_calls")


def _other_frame(here: Cut, moment: Moment) -> int:
    """Another frame than ->nopfn names: the next one; the driver's own after an error."""
    world, now = here.sim.world, int(moment.answer[0])
    if now < 0:
        name, args = owner(moment), moment.args
        index = page_index(world, moment.thread, args["vma"], args["address"])
        return world.sources[name].base + index
    return now - 1 if now == TOP_FRAME else now + 1


def _other_page(here: Cut, moment: Moment) -> int | None:
    """Another page of the file than ->nopage found, if it has one."""
    pages = here.sim.world.sources[owner(moment)].pages.values()
    return next((page for page in pages if page != moment.answer[0]), None)


def failing(here: Cut, op: str) -> tuple[int, ...] | None:
    """Which calls of an op the scenario makes fail; None: every one."""
    given = [inject.nth for inject in here.trace.scenario.inject if inject.fail == op]
    return given[-1] if given else ()


def times(here: Cut, op: str) -> int:
    """How often an op has allocated by now."""
    return sum(allocates(m, op) for m in here.past)


def _failures(here: Cut) -> Iterator[Offer]:
    ahead = {op: m for m in reversed(here.future) for op in FAILABLE if allocates(m, op)}
    for op in FAILABLE:
        if op in ahead:
            label = here.say("fail.one", who=f"@{ahead[op].thread}", op=op)
            yield Offer(f"fail:{op}", "fail", "", label, _why_no_failure(here, op))
    if not ahead:
        none = here.say("fail.no_more", step=f"#{here.at}") if here.at else here.say("fail.none")
        yield Offer("fail:none", "fail", "", here.say("fail.any"), none)


def _why_no_failure(here: Cut, op: str) -> str:
    which, nth = failing(here, op), times(here, op) + 1
    if which is None:
        return here.say("fail.already", op=op)
    if nth in which:
        return here.say("fail.here", op=op, n=nth)
    if nth > LAST_FAILURE:
        return here.say("fail.too_late", op=op, n=nth, last=LAST_FAILURE)
    if len(which) >= MOST_FAILURES:
        return here.say("fail.too_many", op=op, most=MOST_FAILURES)
    return ""


def _signals(here: Cut) -> Iterator[Offer]:
    """SIGKILL, once for each process: its threads die together."""
    for process in here.trace.scenario.processes:
        names = [thread.name for thread in process.threads]
        alive = [name for name in names if not here.sim.finished(name)]
        if names:
            why_not = _why_no_signal(here, process, alive)
            key = "kill.one" if len(alive or names) == 1 else "kill.several"
            label = here.say(key, who=here.names(alive or names))
            yield Offer(f"kill:{(alive or names)[0]}", "signal", "", label, why_not)


def _why_no_signal(here: Cut, process: Process, alive: list[str]) -> str:
    threads = sum(len(p.threads) for p in here.trace.scenario.processes)
    caller = calls_the_system(process.threads)
    if not alive:
        return here.say("kill.all_ended", process=process.name)
    if any(here.sim.machine.get(f"task/{name}/sigkill") for name in alive):
        key = "kill.pending" if len(alive) == 1 else "kill.pending_several"
        return here.say(key, who=here.names(alive))
    if caller:
        return here.say("kill.calls_the_system", who=f"@{caller}")
    return here.say("kill.no_room", most=MOST_THREADS) if threads >= MOST_THREADS else ""


def _flags(here: Cut) -> Iterator[Offer]:
    """The flags of the vma that the next access, or else the last, is about."""
    touched = next((m for m in [*here.future, *reversed(here.past)] if m.op == "access"), None)
    if touched is None:
        return
    mm, address = touched.args["mm"], touched.args["address"]
    around = [(p, v) for p, v in here.vmas() if v.first <= address < v.end]
    for process, vma in [found for found in around if found[0].name == mm] or around[:1]:
        place = f"{process.name}/{vma.name}"
        for flag in flags.toggled(here.trace.scenario):
            label = here.say("flag.off" if flag in vma.flags else "flag.on", flag=flag)
            why_not = flags.obstacle(here, place, vma, flag)
            lead = here.say("flag.lead", vma=vma.name)
            yield Offer(f"flag:{place}:{flag}", "flag", lead, label, why_not)
