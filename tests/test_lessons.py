"""Lessons: eight walkthroughs, each sentence about a run held to the engine, read and changed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from browser import LAPTOP, PHONE, assert_clean
from playwright.sync_api import Browser, Page, expect
from scenes import GALLERY

from app.lessons.form import PARTS, Lesson, Question, Run, Statement
from app.lessons.judge import Bench, troubles
from app.lessons.told import files, lessons, read_lesson, told
from app.problems import Problem
from engine import EngineError, run
from engine.shown import CHECKS, step_of, unshown

LESSONS = lessons()
RECHECK = files()["recheck"].read_text()
EVERY = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
QUESTIONS = [
    (f"{id}.{name}[{n}]", lesson, question)
    for id, lesson in LESSONS.items()
    for name, part in lesson.parts().items()
    for n, question in enumerate(part.questions)
]


def test_there_are_eight_of_five_to_seven_minutes() -> None:
    assert list(LESSONS) == [
        "three-sources", "fork-and-write", "two-threads", "dispatch-order", "recheck",
        "raw-pfns-and-cow", "negative-pfn", "signedness",
    ]  # fmt: skip
    assert {lesson.minutes for lesson in LESSONS.values()} <= {5, 6, 7}
    known: list[str] = []
    for id, lesson in LESSONS.items():
        assert lesson.id == id and set(lesson.after) <= set(known)
        known.append(id)


@EVERY
def test_what_a_lesson_says_is_so(lesson: Lesson) -> None:
    assert [str(trouble) for trouble in troubles(lesson)] == []


@EVERY
def test_its_parts_are_full(lesson: Lesson) -> None:
    parts = lesson.parts()
    assert len(parts["predict"].questions) >= 2 and parts["run"].scenes
    assert parts["investigate"].tasks and parts["modify"].tasks and parts["make"].tasks
    for part in parts.values():
        for task in part.tasks:
            assert task.holds, f"nothing bears out: {task.found}"


@pytest.mark.parametrize(("name", "lesson", "question"), QUESTIONS, ids=[q[0] for q in QUESTIONS])
def test_a_prediction_has_one_right_answer_and_likely_wrong_ones(
    name: str, lesson: Lesson, question: Question
) -> None:
    assert len(question.choices) >= 3, name
    right = Bench(lesson.scenes).right(question)
    assert len(right) == 1
    assert len({choice.text for choice in question.choices}) == len(question.choices)


def test_most_wrong_answers_are_right_somewhere() -> None:
    wrong = shown = 0
    for _, lesson, question in QUESTIONS:
        right = Bench(lesson.scenes).right(question)
        for n, choice in enumerate(question.choices):
            wrong += n not in right
            shown += n not in right and choice.right_in is not None
    assert shown >= wrong * 0.4


# --- a lesson that is false fails


def changed(old: str, new: str) -> list[str]:
    assert old in RECHECK
    return [str(t) for t in troubles(read_lesson(RECHECK.replace(old, new, 1).encode()))]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0x70003 rw clean}, after", "0x70003 rw dirty}, after", "no choice is right by this run"),
        ("0x70003 ro clean}, after", "0x70003 rw clean}, after", "are all right by this run"),
        ("at: B nopfn_ret#1}", "at: B nopfn_ret#2}", "has no step 'B nopfn_ret#2'"),
        ("breaks: [lost_dirty]", "breaks: []", "rule lost_dirty breaks too"),
        ("nopfn-v1 nopfn-v2:", "nopfn-v2 nopfn-v3:", "nopfn-v3 runs it otherwise than nopfn-v2"),
        ("kernel: nopfn-v2, at: B set_pte_at#1}", "kernel: nopfn-v3}", "does not show it"),
        ('none: broken("lost_dirty")', 'some: broken("lost_dirty")', "no schedule was found"),
        ('some: broken("lost_dirty")', 'none: broken("lost_dirty")', "some schedule ends with"),
        ("scenario: lost-dirty-bit", "scenario: lost-dirty-bits", "did you mean lost-dirty-bit?"),
        ('edit: "run:B"', 'edit: "run:C"', "modify.tasks[0].holds[0]"),
        ("level: dirty", "level: dirtier", "is no level of the game"),
        ("words: [ptl", "words: [ptlock", "is no term of the glossary"),
    ],
)
def test_a_lesson_that_is_false_fails_and_says_where(old: str, new: str, told: str) -> None:
    assert told in " | ".join(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("minutes: 7", "minutes: long", "minutes", "got"),
        ("minutes: 7", "minuts: 7", "minutes", "is missing"),
        ("A set_pte_at#1 fill", "A set_pte_atx#1", "step[0]", "there is no op"),
        ("kernel: nopfn-v2, at", "kernel: nopfn-v9, at", "kernel", "there is no kernel"),
        ("shows: {pte: ", "shows: {ptes: ", "ptes", "is not a known field"),
        ("predict:\n", "predict: *x\n", "", "a YAML alias"),
        ("predict:\n", "predict: [\n", "", "not YAML"),
    ],
)
def test_a_text_that_is_no_lesson_names_the_place(
    old: str, new: str, where: str, what: str
) -> None:
    assert old in RECHECK
    with pytest.raises(Problem) as caught:
        read_lesson(RECHECK.replace(old, new, 1).encode())
    errors = caught.value.errors
    assert any(where in e.where and what in e.what and e.instead for e in errors), errors


# --- statements


RACE = run(GALLERY["two-threads-one-page"], "nopfn-v2")
TRUE: dict[str, Any] = {
    "step": ["B set_pte_at#1 overwrite", "A access#1"],
    "never": ["B set_pte_at#2", "B set_pte_at#1 fill"],
    "order": ["A set_pte_at#1", "B set_pte_at#1", "A access#3"],
    "handlers": {"A": ["do_no_pfn"]},
    "faults": {"A": 1, "B": 1},
    "returns": {"A": ["MINOR"]},
    "saw": {"B": ["write 0x7000b"]},
    "pte": {"mspec[3]": "0x7000b rw dirty"},
    "signals": {"A": "none"},
    "bug": "none",
    "stale": [0],
    "stuck": [],
    "breaks": ["overwrite"],
    "keeps": ["lost_dirty"],
    "alike": ["nopfn-v1"],
    "differs": ["nopfn-v3"],
    "some": "stale()",
    "none": 'pfn("mspec[3]") == 0x7000c',
}
FALSE: dict[str, Any] = {
    "step": ["B set_pte_at#1 fill"],
    "never": ["B set_pte_at#1"],
    "order": ["B set_pte_at#1", "A set_pte_at#1"],
    "handlers": {"A": ["do_no_page"]},
    "faults": {"A": 2},
    "returns": {"A": ["SIGBUS"]},
    "saw": {"B": ["write 0x7000a"]},
    "pte": {"mspec[3]": "none"},
    "signals": {"A": "SIGBUS/ADRERR"},
    "bug": "BUG_ON COW mapping",
    "stale": [],
    "stuck": ["A"],
    "breaks": ["lost_dirty"],
    "keeps": ["overwrite"],
    "alike": ["nopfn-v3"],
    "differs": ["nopfn-v1"],
    "some": 'pfn("mspec[3]") == 0x7000c',
    "none": "stale()",
}


@pytest.mark.parametrize("key", [key for key in CHECKS if key != "after"])
def test_every_kind_of_statement_can_hold_and_can_fail(key: str) -> None:
    Statement.model_validate({key: TRUE[key]})
    assert unshown(RACE, {key: TRUE[key]}) == []
    assert len(unshown(RACE, {key: FALSE[key]})) == 1


def test_a_pte_is_told_after_a_step() -> None:
    said = {"pte": {"mspec[3]": "0x7000a rw clean"}, "after": "A set_pte_at#1"}
    assert unshown(RACE, said) == []
    assert unshown(RACE, {**said, "after": "A read_pte#1"}) != []
    with pytest.raises(EngineError, match=r"no step 'A set_pte_at#9'.*A set_pte_at#1 fill"):
        step_of(RACE, "A set_pte_at#9")


def test_a_form_has_every_key_of_a_statement() -> None:
    assert set(Statement.model_fields) == set(CHECKS)


def test_a_search_that_was_cut_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.shown.MOST_STATES", 5)
    assert "was cut" in unshown(RACE, {"none": "stale()"})[0]


# --- pages


def test_the_list_has_goals_minutes_and_what_comes_before(client: httpx.Client) -> None:
    page = client.get("/lessons").text
    for id, lesson in LESSONS.items():
        assert f'href="/lessons/{id}"' in page
        assert f"{lesson.minutes} minutes" in page
    assert page.count("Comes after:") == sum(bool(lesson.after) for lesson in LESSONS.values())


@EVERY
def test_a_page_has_its_parts_and_its_links_lead_to_steps(
    lesson: Lesson, client: httpx.Client
) -> None:
    answer = client.get(f"/lessons/{lesson.id}")
    page = answer.text
    assert [m for m in re.findall(r'<section class="lesson-part" id="(\w+)"', page)] == list(PARTS)
    for name, kernel, step in re.findall(r'href="/#s=([\w-]+)&amp;k=([\w.-]+)&amp;t=(\d+)', page):
        assert int(step) <= len(run(GALLERY[name], kernel).steps)
    assert "right_in" not in page
    assert int(answer.headers["content-length"]) < 14_000


def test_tools_are_opened_where_they_are(client: httpx.Client) -> None:
    page = client.get("/lessons/two-threads").text
    assert re.search(
        r'href="/#s=two-threads-one-page&amp;k=nopfn-v2&amp;t=\d+&amp;m=schedules"', page
    )
    assert 'href="/play#l=stale&amp;k=nopfn-v2"' in page
    assert (
        'href="/edit#s=fork-then-write&amp;k=2.6.17&amp;t=0"'
        in client.get("/lessons/fork-and-write").text
    )
    compared = "/compare#s=private-file-read-then-write,k=nopfn-v2~"
    assert compared in client.get("/lessons/dispatch-order").text


def test_a_lesson_that_is_not_there(client: httpx.Client) -> None:
    assert client.get("/lessons/nothing").status_code == 404
    assert client.get("/lessons/../README.yaml").status_code == 404


def test_its_file_is_what_is_in_the_repository(client: httpx.Client) -> None:
    answer = client.get("/lessons/recheck.yaml")
    assert answer.text == RECHECK
    assert answer.headers["content-disposition"] == 'attachment; filename="recheck.yaml"'


def test_the_slide_is_one_that_a_deck_can_take(client: httpx.Client, server: str) -> None:
    for id in LESSONS:
        slides = told(id)["slides"]
        steps = [fragment["step"] for fragment in slides["fragments"]]
        assert steps == sorted(steps) and slides["first"] < steps[0]
    page = client.get("/lessons/recheck").text
    assert "&lt;fault-walk src=&#34;" + server in page
    assert "data-step=&#34;31&#34;" in page


def test_check_answers_with_the_right_choices(client: httpx.Client) -> None:
    answer = client.post("/api/lessons/check", content=RECHECK)
    assert answer.status_code == 200
    assert answer.json()["answers"]["predict"] == [1, 1]
    false = RECHECK.replace("breaks: [lost_dirty]", "breaks: []", 1)
    problem = client.post("/api/lessons/check", content=false)
    assert problem.status_code == 422
    assert problem.json()["errors"][0]["where"] == "run.scenes[0].under[nopfn-v1 nopfn-v2]"
    assert client.post("/api/lessons/check", content="x" * 50_000).status_code == 413


def test_a_lesson_may_bring_a_scene_of_its_own(client: httpx.Client) -> None:
    data = yaml.safe_load(RECHECK)
    data["scenes"] = {"mine": yaml.safe_load(Path("scenarios/lost-dirty-bit.yaml").read_text())}
    data["run"]["scenes"][0]["scenario"] = "mine"
    form = {"text": yaml.safe_dump(data)}
    page = client.post("/lessons/edit", data=form).text
    assert "All of it holds" in page
    assert re.search(r'href="/#z1\.[\w-]+&amp;t=31"', page)


def test_only_the_page_with_a_form_may_send_one(client: httpx.Client) -> None:
    policy = "content-security-policy"
    assert "form-action 'self'" in client.get("/lessons/edit").headers[policy]
    assert "form-action 'none'" in client.get("/lessons").headers[policy]
    other = {"sec-fetch-site": "cross-site"}
    assert client.post("/lessons/edit", data={"text": "x"}, headers=other).status_code == 403


def test_a_lesson_cannot_speak_html(client: httpx.Client) -> None:
    evil = RECHECK.replace("title: Look again under the lock", "title: <img src=x onerror=y>")
    page = client.post("/lessons/edit", data={"text": evil}).text
    assert "All of it holds" in page and "<img" not in page


# --- in a browser


def test_it_reads_and_answers_without_script(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/lessons/recheck")
    question = page.get_by_role("region", name="Question 2")
    expect(question.get_by_text("Losing a race is no error")).to_be_hidden()
    question.get_by_text("It drops it, and its thread gets an error.").click()
    expect(question.get_by_text("Losing a race is no error")).to_be_visible()
    link = question.get_by_role("link", name="It is right in")
    expect(link).to_have_attribute("href", "/#s=second-answer-is-sigbus&k=nopfn-v3&t=31")
    page.goto(f"{server}/lessons/edit?from=recheck")
    page.get_by_role("button", name="Check and show").click()
    expect(page.get_by_role("heading", name="All of it holds")).to_be_visible()
    context.close()


def test_a_scene_is_played_in_the_lesson(page: Page, server: str) -> None:
    page.goto(f"{server}/lessons/two-threads")
    page.get_by_role("button", name="Run it here").first.click()
    page.locator(".inline-player[data-ready]").wait_for()
    page.locator(".inline-player").get_by_role("button", name="Step", exact=True).click()
    expect(page.locator(".inline-player")).to_contain_text("overwrites the filled pte")


def test_a_teacher_changes_one_and_keeps_it(page: Page, server: str, tmp_path: Path) -> None:
    page.goto(f"{server}/lessons/recheck")
    page.get_by_role("link", name="Copy and change this lesson").click()
    text = page.get_by_role("textbox", name="The lesson")
    text.fill(RECHECK.replace("at: B nopfn_ret#1}", "at: B nopfn_ret#7}", 1))
    page.get_by_role("button", name="Check and show").click()
    expect(page.get_by_role("heading", name="Not yet: 1 places do not hold")).to_be_visible()
    expect(page.locator(".troubles")).to_contain_text("predict.questions[0].run")
    file = tmp_path / "mine.yaml"
    file.write_text(RECHECK.replace("id: recheck", "id: mine"))
    page.get_by_label("Open a file").set_input_files(file)
    expect(text).to_have_value(file.read_text())
    with page.expect_download() as got:
        page.get_by_role("button", name="Save as a file").click()
    assert got.value.suggested_filename == "mine.yaml"
    page.get_by_role("button", name="Check and show").click()
    expect(page.get_by_role("heading", name="All of it holds")).to_be_visible()


@pytest.mark.parametrize("address", ["/lessons", "/lessons/raw-pfns-and-cow", "/lessons/edit"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    browser: Browser, server: str, address: str, size: Any, theme: Any
) -> None:
    assert_clean(browser, server + address, size, theme, opened=True)


def test_a_run_that_is_named_twice_is_run_once() -> None:
    bench = Bench()
    one = Run(scenario="lost-dirty-bit", kernel="nopfn-v2", at="B set_pte_at#1")
    assert bench.trace(one) is bench.trace(one.model_copy(update={"at": None}))
