"""Be the kernel: each revision's own way is accepted, each mistake is called by its rule."""

from __future__ import annotations

import inspect
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.byhand import find_task, played_json, task_kernel, task_scene, tasks
from engine.byhand.deeds import DEEDS, LEAVES
from engine.byhand.form import MOST
from engine.byhand.hand import PAGES
from engine.byhand.moves import CHOICES, KINDS
from engine.byhand.order import dependent
from engine.byhand.reference import reference
from engine.errors import EngineError
from engine.messages import messages

ALL = [(task.id, kernel) for task in tasks() for kernel in task.kernels]
ENTRY = "down_read find_vma walk read_pte"
EXIT = "ret.MINOR up_read iret"


def theirs(task: str, kernel: str) -> list[str]:
    """The moves of the revision's own handler."""
    return [event.move for event in reference(task, kernel, "en").events]


def play(task: str, kernel: str, moves: str) -> dict[str, Any]:
    return played_json(task, kernel, tuple(moves.split()))


def rules(told: dict[str, Any], number: int) -> set[str]:
    """The rules that a move broke."""
    says = told["moves"][number]["says"]
    return {said["rule"] for said in says if said["kind"] in ("rule", "revision")}


def blamed(told: dict[str, Any], move: str) -> set[str]:
    """The rules that the first such move broke."""
    return rules(told, next(n for n, one in enumerate(told["moves"]) if one["move"] == move))


# --- the revision's own way


@pytest.mark.parametrize(("task", "kernel"), ALL)
def test_the_own_handler_of_a_revision_solves_its_task(task: str, kernel: str) -> None:
    moves = theirs(task, kernel)
    told = played_json(task, kernel, tuple(moves))
    over = told["over"]
    assert over["solved"] and over["mistakes"] == 0 and over["differences"] == []
    assert over["moves"] == over["theirs"] == len(moves) <= MOST
    for verdict in told["moves"]:
        assert verdict["state"] in ("ok", "same"), verdict
        assert all(s["excused"] for s in verdict["says"] if s["kind"] in ("rule", "revision"))
        assert all(s["place"] for s in verdict["says"] if s["kind"] == "note")


@pytest.mark.parametrize(("task", "kernel"), ALL)
def test_a_hint_names_the_next_move_and_its_line(task: str, kernel: str) -> None:
    moves = theirs(task, kernel)
    for made in range(len(moves)):
        told = played_json(task, kernel, tuple(moves[:made]), hint=True)["next"]
        assert told["move"] == moves[made]
        listing = reference(task, kernel, "en").trace.kernel.functions[told["at"]["function"]]
        assert told["at"]["code"] in inspect.getsource(listing.code)
    assert played_json(task, kernel, tuple(moves), hint=True)["next"] is None


@pytest.mark.parametrize(("task", "kernel"), ALL)
def test_each_move_is_offered_when_its_turn_comes(task: str, kernel: str) -> None:
    moves = theirs(task, kernel)
    for made, move in enumerate(moves):
        told = played_json(task, kernel, tuple(moves[:made]))
        offers = {offer["move"]: offer for group in told["menu"] for offer in group["moves"]}
        name, _, about = move.partition(".")
        offer = offers.get(move) or offers[name]
        assert offer["refused"] == ""
        if offer["takes"] in ("page", "pte"):
            assert about.partition(".")[0] in [page["page"] for page in told["hand"]["pages"]]


def test_no_move_is_lost_under_way() -> None:
    assert set(KINDS) == {*DEEDS, *LEAVES}
    assert {f"byhand.move_{name}" for name in KINDS} <= set(messages().texts)


def test_the_run_is_the_engines_own() -> None:
    told = play("first-read", "2.6.17", " ".join(theirs("first-read", "2.6.17")))
    own = reference("first-read", "2.6.17", "en").trace
    run = told["run"]
    assert run["outcome"]["threads"]["A"]["returns"][0] == "VM_FAULT_MINOR"
    mine = [s["op"] for s in run["steps"] if s["op"].startswith(("set_pte", "ptep"))]
    assert mine == [t.moment.op for t in own.steps if t.moment.op.startswith(("set_pte", "ptep"))]
    assert run["steps"][told["begun"] - 1]["op"] == "access"


# --- mistakes, each with the rule that it breaks


def test_storing_without_a_second_look() -> None:
    moves = f"{ENTRY} nopfn spin_lock set_pte.told.PWUAD spin_unlock {EXIT}"
    told = play("device-race", "nopfn-v3", moves)
    assert blamed(told, "set_pte.told.PWUAD") == {"overwrite", "recheck"}
    assert not told["over"]["solved"]
    place = told["moves"][6]["says"][1]["place"]
    assert (place["function"], place["code"]) == ("do_no_pfn", "pte = yield read_pte(mm, address)")
    allowed = play("device-race", "nopfn-v2", moves)
    assert allowed["over"]["solved"] and allowed["over"]["mistakes"] == 0
    says = allowed["moves"][6]["says"]
    assert says[0]["rule"] == "overwrite" and says[0]["excused"]


def test_storing_without_the_lock() -> None:
    told = play("device", "nopfn-v3", f"{ENTRY} nopfn read_pte set_pte.told.PWUAD")
    assert blamed(told, "set_pte.told.PWUAD") == {"locks", "early"}


def test_a_writable_page_of_zeroes() -> None:
    middle = "get.zero spin_lock read_pte set_pte.zero.PWUA add_file.zero spin_unlock"
    told = play("first-read", "2.6.17", f"{ENTRY} {middle} {EXIT}")
    assert blamed(told, "set_pte.zero.PWUA") == {"bits_more"}
    assert {"zero_page", "cow_isolation"} <= blamed(told, "iret")
    assert "frame/0x1" in [one["cell"] for one in told["over"]["differences"]]


@pytest.mark.parametrize(
    ("kernel", "asked", "where"),
    [("nopfn-v3", "nopfn", "nopfn_v3.py"), ("nopfn-v1", "nopage", "nopfn_v1.py")],
)
def test_asking_the_other_method(kernel: str, asked: str, where: str) -> None:
    told = play("methods", kernel, f"{ENTRY} {asked}")
    assert rules(told, 4) == {"dispatch"}
    place = told["moves"][4]["says"][0]["place"]
    assert place["function"] == "handle_pte_fault" and place["file"].endswith(where)


def test_a_reference_too_many() -> None:
    middle = "get.zero get.zero spin_lock read_pte add_file.zero set_pte.zero.PUA spin_unlock"
    told = play("first-read", "2.6.17", f"{ENTRY} {middle} {EXIT}")
    assert rules(told, 5) == {"again"}
    assert [said["rule"] for said in told["over"]["says"]] == ["counts"]


def test_a_reference_not_given_back() -> None:
    middle = "read_truncate_count nopage spin_lock read_truncate_count read_pte spin_unlock"
    told = play("file-race", "2.6.17", f"{ENTRY} {middle} {EXIT}")
    assert blamed(told, "ret.MINOR") == {"early"}
    assert [said["rule"] for said in told["over"]["says"]] == ["counts"]
    right = play("file-race", "2.6.17", f"{ENTRY} {middle} put.told {EXIT}")
    assert right["over"]["solved"] and right["over"]["mistakes"] == 0
    assert right["moves"][9]["state"] == "same", "after the lock as well as before"


def test_leaving_with_mmap_sem() -> None:
    moves = theirs("first-read", "2.6.17")
    moves.remove("up_read")
    told = played_json("first-read", "2.6.17", tuple(moves))
    assert blamed(told, "iret") == {"locks", "early"}
    assert [one["cell"] for one in told["over"]["differences"]] == ["lock/mmap_sem/P"]


def test_another_answer() -> None:
    told = play("driver-oom", "nopfn-v3", f"{ENTRY} nopfn ret.SIGBUS up_read iret")
    assert blamed(told, "ret.SIGBUS") == {"code"}
    assert not told["over"]["solved"]
    error = play("driver-oom", "nopfn-v3", f"{ENTRY} nopfn spin_lock read_pte set_pte.told.PWUAD")
    assert rules(error, 5) == {"never"} and error["moves"][7]["state"] == "off"


def test_sleeping_under_the_lock() -> None:
    told = play("first-write", "2.6.17", f"{ENTRY} spin_lock alloc_zeroed")
    assert "no_sleep" in rules(told, 5)


def test_mapping_what_v4_refuses() -> None:
    told = play("private-device", "nopfn-v4", f"{ENTRY} nopfn ret.MINOR")
    assert rules(told, 4) == {"never"} and told["moves"][5]["state"] == "off"
    hit = play("private-device", "nopfn-v4", f"{ENTRY} check.cow")
    assert hit["over"]["solved"] and "is_cow_mapping" in hit["moves"][4]["code"]
    wrong = play("private-device", "nopfn-v3", f"{ENTRY} check.cow")
    assert not wrong["over"]["solved"] and "no_bug" in rules(wrong, 4)


def test_what_a_truncate_took_back() -> None:
    middle = "read_truncate_count nopage spin_lock read_pte set_pte.told.PUA"
    told = play("truncated", "2.6.17", f"{ENTRY} {middle}")
    assert rules(told, 8) == {"truncated"}


def test_sharing_instead_of_copying() -> None:
    middle = "spin_lock read_pte can_share.old access_flags.old.PWUAD spin_unlock ret.WRITE"
    told = play("cow-copy", "2.6.17", f"{ENTRY} {middle} up_read iret")
    assert rules(told, 7) == {"never"} and "cow_isolation" in blamed(told, "iret")


def test_what_the_machine_refuses_is_not_done() -> None:
    told = play("first-read", "2.6.17", "read_pte spin_unlock down_read down_read get.new iret")
    assert [m["state"] for m in told["moves"]] == ["refused", "refused", "ok", *["refused"] * 3]
    assert told["moves"][3]["says"][0]["text"].startswith("A handler that takes `mmap_sem/P`")
    assert told["run"]["steps"][-1]["op"] == "down_read"


def test_orders_that_nobody_can_tell_are_accepted() -> None:
    moves = theirs("first-write", "2.6.17")
    at = moves.index("set_pte.new.PWUAD")
    moves[at - 1], moves[at] = moves[at], moves[at - 1]
    told = played_json("first-write", "2.6.17", tuple(moves))
    assert told["over"]["solved"] and told["over"]["mistakes"] == 0
    assert told["moves"][at - 1]["state"] == "same"
    harmless = play("first-read", "2.6.17", f"{ENTRY} read_pte find_vma")
    assert [m["state"] for m in harmless["moves"][4:]] == ["same", "same"]


def test_what_depends_on_what() -> None:
    assert dependent("spin_lock", "set_pte.new.P") and dependent("read_pte", "set_pte.new.P")
    assert not dependent("add_anon.new", "set_pte.new.P")
    assert not dependent("put.told", "spin_unlock") and dependent("copy.told", "put.told")
    assert dependent("put.told", "ret.MINOR") and dependent("establish.new.P", "flush")


# --- anything at all

MOVES = [
    f"{kind.name}.{about}{bits}" if about else kind.name
    for kind in KINDS.values()
    for about in CHOICES.get("page" if kind.takes == "pte" else kind.takes, ("",))
    for bits in ((".PWUAD", ".PUA", ".", ".A") if kind.takes == "pte" else ("",))
]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ALL),
    st.integers(0, 20),
    st.lists(st.sampled_from(MOVES), max_size=20),
    st.booleans(),
)
def test_any_moves_are_judged(
    asked: tuple[str, str], begun: int, moves: list[str], leaves: bool
) -> None:
    wild = [*theirs(*asked)[:begun], *moves, *(EXIT.split() if leaves else [])]
    told = played_json(*asked, tuple(wild))
    assert len(told["moves"]) == len(wild)
    json.dumps(told)
    if told["over"] and told["over"]["solved"]:
        assert told["over"]["differences"] == []


# --- the files and the API


def test_the_tasks_are_for_i386_and_have_what_a_page_shows() -> None:
    for task in tasks():
        assert task_scene(task.id).arch == "i386", "moves choose its bits, and one store is one op"
        assert task.title and task.says and task.hint and 1 <= task.minutes <= 10
        assert {page for m in theirs(task.id, task.kernels[0]) for page in m.split(".")[1:2]} <= {
            *PAGES,
            *CHOICES["check"],
            *CHOICES["code"],
        }


def test_what_there_is_not() -> None:
    for task, kernel in (("luck", "2.6.17"), ("first-read", "nopfn-v9")):
        with pytest.raises(EngineError):
            task_kernel(find_task(task), kernel)


def test_the_api_lists_the_tasks_and_plays_them(client: httpx.Client) -> None:
    listed = client.get("/api/kernel-tasks").json()
    assert [one["id"] for one in listed] == [task.id for task in tasks()]
    assert listed[0]["says"]["text"].startswith("A reads memory")
    asked = {"task": "first-read", "kernel": "2.6.17", "moves": ["down_read"], "hint": True}
    answer = client.post("/api/kernel-play", json=asked)
    assert answer.status_code == 200 and answer.headers["etag"]
    told = answer.json()
    assert told["moves"][0]["state"] == "ok" and told["next"]["move"] == "find_vma"
    assert told["run"]["steps"][-1]["op"] == "down_read" and told["over"] is None
    assert client.post("/api/kernel-play", json=asked).json() == told


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"task": "luck"}, "task"),
        ({"kernel": "nopfn-v1"}, "kernel"),
        ({"moves": ["fly"]}, "moves"),
        ({"moves": ["put.up"]}, "moves"),
        ({"moves": ["put.new.P"]}, "moves"),
        ({"moves": ["set_pte.new.PX"]}, "moves"),
        ({"moves": ["down_read"] * 61}, "moves"),
        ({"moves": ["x" * 41]}, "moves[0]"),
        ({"extra": 1}, "extra"),
    ],
)
def test_what_is_wrong_is_a_problem(
    client: httpx.Client, wrong: dict[str, Any], where: str
) -> None:
    answer = client.post(
        "/api/kernel-play", json={"task": "first-read", "kernel": "2.6.17", **wrong}
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == where
