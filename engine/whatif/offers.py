"""What could be otherwise at a step of a run, and what could not, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.consistency import NOPAGE_ERRORS
from engine.ledger import Moment
from engine.model.vma import FLAGS
from engine.scenario import ERRORS, FAILABLE
from engine.trace import Trace
from engine.whatif import words
from engine.whatif.moment import ANSWERS, Cut, allocates, cut

MOST_ANSWERS = 16
MOST_THREADS = 8
TOGGLED = ("VM_SHARED", "VM_WRITE", "VM_PFNMAP", "VM_IO", "VM_RESERVED", "VM_INSERTPAGE")
"""The flags whose meaning the thread argued about, or that decide between handlers."""


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
    following = here.future[0].thread if here.future else None
    for thread in here.sim.threads:
        if thread == following:
            continue
        blocked = None if here.sim.finished(thread) else here.sim.blocked(thread)
        why_not = ""
        if here.sim.finished(thread):
            why_not = words.ended(thread)
        elif blocked:
            why_not = words.waits(thread, *blocked)
        yield Offer(f"run:{thread}", "run_next", "", words.runs_next(thread), why_not)


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
        yield Offer("answer:SIGBUS", "answer", "", words.no_call(), words.no_call_why(here.at))
        return
    name, method = owner(moment), "nopfn" if moment.op == "nopfn_ret" else "nopage"
    driver = here.trace.scenario.drivers.get(name)
    full = calls_before(here, name) + 1 >= MOST_ANSWERS
    if method == "nopage" and driver is not None:
        why_not = words.no_struct_page(name)
    else:
        why_not = words.too_many_answers(name, MOST_ANSWERS) if full else ""
    errors = ("SIGBUS", "OOM", "EFAULT") if method == "nopfn" else tuple(NOPAGE_ERRORS)
    now = moment.answer[0]
    lead = words.answers(name, method, moment.thread)
    for error in errors:
        value = ERRORS[error] if method == "nopfn" else NOPAGE_ERRORS[error]
        if value != now:
            yield Offer(f"answer:{error}", "answer", lead, error, why_not)
    if method == "nopfn" and now >= 0:
        other = f"{now + 1:#x}"
        yield Offer(f"answer:{other}", "answer", lead, words.frame(other), why_not)


def _failures(here: Cut) -> Iterator[Offer]:
    ahead = {op: m for m in reversed(here.future) for op in FAILABLE if allocates(m, op)}
    given = {i.fail: i for i in here.trace.scenario.inject}
    for op in FAILABLE:
        if op not in ahead:
            continue
        always = op in given and given[op].nth is None
        why_not = words.fails_already(op) if always else ""
        yield Offer(f"fail:{op}", "fail", "", words.fails(op, ahead[op].thread), why_not)
    if not any(op in ahead for op in FAILABLE):
        yield Offer("fail:none", "fail", "", words.fails_any(), words.no_allocation(here.at))


def _signals(here: Cut) -> Iterator[Offer]:
    specs = {thread.name: thread for _, thread in here.trace.scenario.threads()}
    for name, spec in specs.items():
        why_not = ""
        if here.sim.finished(name):
            why_not = words.ended(name)
        elif any(act.verb not in ("read", "write") for act in spec.do):
            why_not = words.calls_the_system(name)
        elif len(specs) >= MOST_THREADS:
            why_not = words.no_room(MOST_THREADS)
        yield Offer(f"kill:{name}", "signal", "", words.killed(name), why_not)


def _flags(here: Cut) -> Iterator[Offer]:
    """The flags of the vma that the next access, or else the last, is about."""
    touched = next((m for m in [*here.future, *reversed(here.past)] if m.op == "access"), None)
    if touched is None:
        return
    address = touched.args["address"]
    for process in here.trace.scenario.processes:
        for vma in process.vmas:
            if vma.first <= address < vma.end:
                for flag in TOGGLED:
                    assert flag in FLAGS
                    label = words.flag(flag, flag not in vma.flags)
                    place = f"{process.name}/{vma.name}"
                    yield Offer(f"flag:{place}:{flag}", "flag", words.vma(vma.name), label)
                return
