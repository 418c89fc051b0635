"""A game as JSON: the run so far for the page's panes, what is offered, what is said of moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.byhand.game import YOURS, Game
from engine.byhand.grade import Grade, Said, Verdict
from engine.byhand.hand import BITS, NAMES, PAGES, letters
from engine.byhand.moves import CHECKS, CODES, GROUPS, KINDS, code_name, spelled_page
from engine.byhand.reference import Place, Reference, source_of
from engine.byhand.tasks import find_task, task_kernel
from engine.encode import answer, pte_words
from engine.ledger import Moment
from engine.messages import ENGLISH, messages
from engine.model.vma import Vma, flag_names
from engine.share import encode_link
from engine.source import text_of
from engine.trace_form import trace_json

MOST = 60
"""Moves in a game; the longest way of a handler here has some twenty."""


def played_json(
    task: str, kernel: str, moves: tuple[str, ...], language: str = ENGLISH, hint: bool = False
) -> dict[str, Any]:
    """The state after these moves. hint: tell what the revision's handler would do next.

    Raises EngineError for a task, kernel or move that there is not.
    """
    found = find_task(task)
    grade = Grade(Game(found, task_kernel(found, kernel), messages(language)))
    for move in moves:
        grade.make(move)
    game = grade.game
    return {
        "task": task,
        "kernel": game.kernel.id,
        "moves": [_verdict(v, grade) for v in grade.verdicts],
        "hand": _hand(game),
        "menu": [] if game.over else _menu(game),
        "begun": _begun(game),
        "next": _next(grade) if hint else None,
        "over": _over(grade) if game.over else None,
        "run": _run(game),
    }


def _begun(game: Game) -> int:
    """The step after which the student was asked first."""
    return next((v.first - 1 for v in game.made), len(game.steps))


def _verdict(verdict: Verdict, grade: Grade) -> dict[str, Any]:
    made = verdict.made
    return {
        "move": made.text,
        "code": made.code,
        "state": verdict.state,
        "from": made.first,
        "to": made.last,
        "answer": _answer(made.first, made.last, grade.game),
        "tells": _tells(made.first, made.last, grade.game),
        "says": [_said(said, grade.ref) for said in verdict.says if said.text or said.place],
    }


def _own(first: int, last: int, game: Game) -> Iterator[Moment]:
    """The student's own steps among these."""
    for told in game.steps[first - 1 : last]:
        moment = told.moment
        own = moment.thread == game.task.thread and moment.stack
        if own and moment.stack[0][0] == YOURS:
            yield moment


def _answer(first: int, last: int, game: Game) -> str:
    """What the machine answered the student in these steps, if that is worth a word."""
    for moment in _own(first, last, game):
        if moment.op == "read_pte":
            return pte_words(game.sim.world.arch, moment.answer)
        if moment.op == "find_vma":
            vma = moment.answer
            return "NULL" if vma is None else f"{vma.id}: {' '.join(flag_names(vma.flags))}"
        if moment.op in ("nopage_ret", "nopfn_ret"):
            return f"{moment.answer[0]:#x}"
        if moment.op in ANSWERS:
            told_answer = answer(moment.op, moment.answer)
            return "NULL" if told_answer is None else str(told_answer)
    return ""


def _tells(first: int, last: int, game: Game) -> int:
    """The step whose sentence says what the move did; 0 if none was made."""
    own = list(_own(first, last, game))
    told = [m for m in own if m.op in TELLING] or [m for m in own if m.delta] or own
    return told[0].number if told else 0


ANSWERS = ("alloc_page_vma", "alloc_zeroed_user_highpage", "read_truncate_count",
           "can_share_swap_page", "get_page", "put_page")  # fmt: skip

TELLING = ("nopage_ret", "nopfn_ret", "page_add_new_anon_rmap", "page_add_file_rmap",
           "dec_mapcount", "read_pmd", "pmd_populate")  # fmt: skip


def _said(said: Said, ref: Reference) -> dict[str, Any]:
    return {
        "kind": said.kind,
        "rule": said.rule,
        "text": said.text,
        "place": said.place and _place(said.place, ref),
        "at": said.at and _place(said.at, ref),
        "excused": said.excused,
    }


def _place(place: Place, ref: Reference) -> dict[str, Any]:
    """A line of a handler, with its code."""
    function = ref.trace.kernel.functions[place.function.partition("@")[0]]
    lines, first = text_of(function)
    listing = source_of(ref, [place.function])[place.function]
    return {
        "function": function.name,
        "id": place.function,
        "line": place.line,
        "code": lines[place.line - first].strip(),
        "file": listing["file"],
        "cites": listing["cites"],
        "doc": listing["doc"].partition("\n")[0],
    }


def _hand(game: Game) -> dict[str, Any]:
    """What the student holds: pages by where they came from, the vma, the pte as last read."""
    hand, arch = game.hand, game.sim.world.arch
    code = next((code_name(name) for name, c in CODES.items() if c == hand.code), None)
    return {
        "mm": hand.mm,
        "address": f"{hand.address:#x}",
        "write": hand.write,
        "vma": hand.vma and _vma(hand.vma),
        "looked": hand.looked,
        "pte": None if hand.pte is None else pte_words(arch, hand.pte),
        "code": code,
        "pages": [
            {"page": name, "name": spelled_page(name, hand), "value": f"{hand.pages[name]:#x}"}
            for name in PAGES
            if name in hand.pages
        ],
        "asked": game.asked,
    }


def _vma(vma: Vma) -> dict[str, Any]:
    has = vma.vm_ops._asdict() if vma.vm_ops else {}
    return {
        "id": vma.id,
        "flags": flag_names(vma.flags),
        "prot": letters(vma.prot),
        "ops": [f"->{name}" for name in has if has[name]],
    }


def _menu(game: Game) -> list[dict[str, Any]]:
    """The moves by group; those that cannot be made say why."""
    return [
        {
            "group": group,
            "moves": [
                m for kind in KINDS.values() if kind.group == group for m in _offers(kind, game)
            ],
        }
        for group in GROUPS
    ]


def _offers(kind: Any, game: Game) -> list[dict[str, Any]]:
    say = game.words.say
    offer = {"name": kind.name, "takes": kind.takes, "says": say(f"byhand.move_{kind.name}")}
    if kind.takes == "check":
        return [
            {**offer, "move": f"check.{name}", "code": kind.code.format(check=code),
             "refused": game.refusal(f"check.{name}")}
            for name, (code, _) in CHECKS.items()
        ]  # fmt: skip
    if kind.takes == "code":
        return [
            {**offer, "move": f"ret.{code}", "code": code_name(code), "refused": ""}
            for code in CODES
        ]
    if kind.takes in ("page", "pte"):
        return [{**offer, "move": kind.name, "code": kind.code, "refused": ""}]
    refused = game.refusal(kind.name)
    return [{**offer, "move": kind.name, "code": kind.code, "refused": refused}]


def bits_json() -> list[dict[str, str]]:
    """The bits that a store chooses, by letter and by name."""
    return [{"letter": letter, "name": NAMES[letter]} for letter in BITS]


def _next(grade: Grade) -> dict[str, Any] | None:
    """What the handler does next, and where that is decided."""
    event = grade.next()
    if event is None:
        return None
    return {
        "move": event.move,
        "code": grade.spelled(event.move),
        "place": _place(event.place, grade.ref),
        "at": _place(event.at, grade.ref),
    }


def _over(grade: Grade) -> dict[str, Any]:
    """The end: whether it is the handler's own, what differs, and how the handler does it."""
    ref = grade.ref
    return {
        "solved": grade.solved,
        "mistakes": grade.mistakes,
        "moves": sum(v.state != "refused" for v in grade.verdicts),
        "theirs": len(ref.events),
        "says": [_said(said, ref) for said in grade.late()],
        "differences": grade.differences()[:8],
        "handler": {
            "moves": [{"move": e.move, "code": grade.spelled(e.move)} for e in ref.events],
            "lines": ref.lines(),
            "link": encode_link(ref.trace.scenario, ref.trace.witness),
            "functions": source_of(ref, ref.lines()),
        },
    }


def _run(game: Game) -> dict[str, Any]:
    """The run so far as a trace; it has no link, for no schedule makes it."""
    made = trace_json(game.trace())
    outcome = made["outcome"] if game.over else {**made["outcome"], "text": "", "deadlock": False}
    return {**made, "outcome": outcome, "link": ""}
