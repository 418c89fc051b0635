"""Sheets: the same for a seed, right by a second opinion, withheld, printed, checked, saved."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx
import predict_oracle as oracle
import pytest
from browser import LAPTOP, PHONE, assert_clean
from playwright.sync_api import Browser, Page, expect

from engine import Trace, decode_link, run, trace_json
from engine.expectations import observed
from engine.sheets import KINDS, Exercise, sheet
from engine.sheets.dice import Dice
from engine.sheets.form import OF_FACTS
from engine.sheets.marks import first_changed, marks
from engine.sheets.orders import CUTS

GOLDEN = Path(__file__).parent / "golden" / "sheet-1.txt"
SEEDS = range(1, 9)


def as_text(exercises: list[Exercise]) -> str:
    """A sheet with its key, as lines."""
    lines = []
    for number, one in enumerate(exercises, 1):
        lines += [f"{number} {one.kind} {one.kernel}", *one.setup]
        lines += [f"  {step.number} {step.text}" for step in one.so_far] + [f"? {one.ask}"]
        lines += [f"  {'*' if a.right else '-'} {a.text}" for a in one.answers]
        lines += [f"  {piece}" for piece in one.pieces]
        lines += [f"  {' '.join(map(str, order))}" for order in one.orders]
    return "\n".join(lines) + "\n"


def test_a_seed_is_the_same_sheet_for_ever() -> None:
    """If this must change, links to sheets that were handed out no longer show them."""
    text = as_text(sheet(1, KINDS, 8))
    if not GOLDEN.exists() or GOLDEN.read_text() != text:
        changed = GOLDEN.with_name("sheet-1-changed.txt")
        changed.write_text(text)
        pytest.fail(f"sheet 1 has changed: compare {GOLDEN.name} with {changed.name}")


def test_an_address_keeps_the_marks_of_what_was_handed_out() -> None:
    exercises = sheet("1", KINDS, 8)
    assert marks(exercises) == "hh5z466b"
    assert first_changed(marks(exercises), exercises) is None
    other = replace(exercises[4], step=exercises[4].step + 1)
    assert first_changed(marks(exercises), [*exercises[:4], other, *exercises[5:]]) == 5


def test_a_sheet_that_has_changed_names_the_first_exercise(client: httpx.Client) -> None:
    said = "exercise 2 is the first that differs"
    now = marks(sheet("6", KINDS, 4))
    page = client.get(f"/sheet?seed=6&n=4&is={now}").text
    assert said not in page and f"is={now}" in page
    was = now[0] + ("a" if now[1] != "a" else "b") + now[2:]
    page = client.get(f"/sheet?seed=6&n=4&is={was}").text
    assert said in page and page.count(f"is={was}") >= 3 and f"is={now}" not in page
    assert said in client.post(f"/sheet?seed=6&n=4&is={was}", data={"q1": ["0"]}).text


def test_dice_fall_as_they_fell() -> None:
    dice = Dice("a", 1)
    assert [dice.below(100) for _ in range(5)] == [51, 71, 30, 7, 61]
    assert sorted(Dice("b").shuffled("abcdef")) == list("abcdef")


def test_a_shorter_sheet_begins_a_longer_one() -> None:
    long = sheet(3, KINDS, 9)
    assert sheet(3, KINDS, 4) == long[:4]
    assert {one.kind for one in sheet(3, ["pte", "order"], 4)} == {"pte", "order"}


def test_seeds_differ_and_no_exercise_comes_twice() -> None:
    asked = Counter[str]()
    for seed in SEEDS:
        found = sheet(seed, KINDS, 12)
        assert len(found) == 12
        texts = [as_text([one])[2:] for one in found]
        assert len(set(texts)) == 12
        asked.update(texts)
    assert sum(count > 1 for count in asked.values()) <= len(asked) * 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_the_key_is_right_by_a_second_opinion(seed: int) -> None:
    """Each answer of each exercise is judged from the JSON of its run, by the words it has."""
    for one in sheet(seed, [kind for kind in KINDS if kind != "order"], 10):
        trace = trace_json(run(decode_link(one.link), one.kernel))
        assert sum(answer.right for answer in one.answers) == 1
        for answer in one.answers:
            said = oracle.true_of(OF_FACTS[one.kind], answer.text, trace, one.step)
            assert said == answer.right, f"{one.ask} {answer.text}"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_right_orders_are_those_that_lose_nothing(seed: int) -> None:
    """Each order is run and judged by what is in the machine, not by the rule that was asked."""
    for one in sheet(seed, ["order"], 2):
        scenario = decode_link(one.link)
        scenario = scenario.model_copy(update={"schedule": ()})
        cut = next(c for c in CUTS if PIECE[c] in " ".join(one.pieces))
        good = set()
        for order in permutations(range(4)):
            parts = [one.pieces[place] for place in order]
            whole = [(p[1], "all that is left" in p) for p in parts]
            if any(whole.index((who, True)) < whole.index((who, False)) for who in "AB"):
                continue
            schedule = "; ".join(f"{who} until {'end' if rest else cut}" for who, rest in whole)
            if not lost(run(scenario, one.kernel, schedule), one.ask):
                good.add(order)
        assert good == set(one.orders) and 0 < len(good) < one.possible == 6


PIECE = {
    "read_pte#1": "having read the pte",
    "nopfn_call#1": "having called ->nopfn",
    "nopfn_ret#1": "having the driver's answer",
}


def lost(trace: Trace, ask: str) -> bool:
    """Whether a run loses what the question is about, by what is in its cells."""
    if "TLB" in ask:
        return observed(trace).stale != ()
    stores = [
        (int(was or 0), int(now or 0), told.moment.op)
        for told in trace.steps
        for cell, (was, now) in told.moment.delta.items()
        if cell.startswith("pte/")
    ]
    if "overwritten" in ask:
        return any(was and was >> 12 != now >> 12 for was, now, _ in stores)
    return any(was & DIRTY and not now & DIRTY for was, now, _ in stores)


DIRTY = 0x40


def test_grading_takes_what_a_form_sends() -> None:
    one = sheet(1, ["pte"], 1)[0]
    assert one.graded(str(one.right)) is True
    assert one.graded(str((one.right + 1) % len(one.answers))) is False
    assert [one.graded(text) for text in ("", "x", "-1", "0x1", "²", "999")] == [None] * 6
    order = sheet(1, ["order"], 1)[0]
    assert order.graded(",".join(map(str, order.orders[-1]))) is True
    assert order.graded("0,0,0,0") is False
    assert order.graded("0") is None and order.graded(",,,") is None


# --- the page


def test_the_handout_gives_nothing_away(client: httpx.Client) -> None:
    page = client.get("/sheet?seed=5&n=6").text
    key = client.get("/sheet?seed=5&n=6&key=1").text
    for one in sheet("5", KINDS, 6):
        assert one.link not in page and one.link in key
        for answer in one.answers:
            assert not answer.because or _plain(answer.because) not in _plain(page)
    for word in ('class="right"', "checked", 'class="why"', "✓", "data-graded"):
        assert word not in page.partition('class="another"')[0]
    assert key.count('class="right"') == sum(not one.pieces for one in sheet("5", KINDS, 6))
    assert 'name="q1"' in page and 'name="q1"' not in key


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>|[`@#\s]|step |&\w+;|['\"]", "", text)


def test_a_sheet_without_a_seed_is_some_sheet(client: httpx.Client) -> None:
    answer = client.get("/sheet?kinds=pte&n=2")
    assert answer.status_code == 303
    assert re.fullmatch(r"/sheet\?seed=\d{1,6}&kinds=pte&n=2", answer.headers["location"])
    assert client.get("/sheet?seed=&n=2").status_code == 303


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("seed=a b", "1 to 24 letters"),
        ("seed=1&kinds=ptes", "did you mean pte?"),
        ("seed=1&n=21", "1 to 20"),
        ("seed=1&n=0", "1 to 20"),
        ("seed=1&n=²", "1 to 20"),
        ("seed=1&is=A0", "the letters that a sheet gave"),
    ],
)
def test_an_address_of_no_sheet_says_what_would_be_one(
    client: httpx.Client, query: str, said: str
) -> None:
    problem = client.get(f"/sheet?{query}")
    assert problem.status_code == 422 and said in problem.json()["detail"]


def test_answers_are_graded_and_not_kept(client: httpx.Client) -> None:
    exercises = sheet("9", KINDS, 6)
    form: dict[str, list[str]] = {}
    for number, one in enumerate(exercises, 1):
        order = [str(place) for place in one.orders[0]] if one.pieces else [str(one.right)]
        form[f"q{number}"] = order
    answer = client.post("/sheet?seed=9&n=6", data=form)
    assert "6 of 6 right." in answer.text and answer.headers["cache-control"] == "no-store"
    form["q1"] = [str((exercises[0].right + 1) % 3)]
    del form["q2"]
    page = client.post("/sheet?seed=9&n=6", data=form).text
    assert "4 of 6 right." in page and "Not answered." in page
    wrong = exercises[0].answers[int(form["q1"][0])]
    assert _plain(wrong.because) in _plain(page)
    assert "checked" not in client.get("/sheet?seed=9&n=6").text.partition('class="another"')[0]


# --- in a browser


def test_it_is_solved_and_checked_without_script(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/sheet?seed=4&kinds=pte,order&n=2")
    one, order = sheet("4", ["pte", "order"], 2)
    page.get_by_role("radio").nth(one.right).check()
    for n, place in enumerate(order.orders[0], 1):
        page.get_by_label(f"Piece at place {n} of exercise 2").select_option(str(place))
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator(".score")).to_contain_text("2 of 2 right.")
    expect(page.get_by_role("radio").nth(one.right)).to_be_checked()
    page.get_by_role("link", name="Show the key").click()
    expect(page.locator(".is-key")).to_be_visible()
    page.get_by_role("link", name="The sheet without its key").click()
    page.get_by_label("Seed").fill("week-3")
    page.get_by_role("button", name="Make the sheet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sheet week-3")
    context.close()


def test_results_are_saved_by_who_has_them(page: Page, server: str) -> None:
    page.goto(f"{server}/sheet?seed=4&kinds=pte,order&n=2")
    expect(page.get_by_role("button", name="Save as CSV")).to_have_count(0)
    one = sheet("4", ["pte"], 1)[0]
    page.get_by_role("radio").nth(one.right).check()
    page.get_by_role("button", name="Check my answers").click()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Name for the file").fill('=cmd "Ada"')
    with page.expect_download() as got:
        page.get_by_role("button", name="Save as CSV").click()
    assert got.value.suggested_filename == "faultwalk-4.csv"
    rows = list(csv.DictReader(io.StringIO(Path(got.value.path()).read_text())))
    assert rows[0] == {"name": "'=cmd \"Ada\"", "sheet": "4", "number": "1", "kind": "pte",
                       "answer": "abcd"[one.right], "result": "right"}  # fmt: skip
    assert rows[1]["result"] == "none" and rows[1]["answer"] == ""
    with page.expect_download() as got:
        page.get_by_role("button", name="Save as JSON").click()
    told = json.loads(Path(got.value.path()).read_text())
    assert told["sheet"] == "4" and told["results"][0]["result"] == "right"
    assert [url for url in asked if not url.startswith("blob:")] == []


def test_handout_and_key_print(browser: Browser, server: str, tmp_path: Path) -> None:
    """What is on paper: blanks and a line for a name; with the key, answers. No buttons."""
    page = browser.new_page()
    for key in ("", "&key=1"):
        page.goto(f"{server}/sheet?seed=1{key}")
        page.emulate_media(media="print")
        for gone in (".top", ".another", ".onward", ".crumb"):
            expect(page.locator(gone).first).to_be_hidden()
        assert page.locator(".go").filter(visible=True).count() == 0
        assert page.locator(".name-line").filter(visible=True).count() == (0 if key else 1)
        made = page.pdf(path=tmp_path / "sheet.pdf", format="A4")
        assert made.startswith(b"%PDF") and 2 <= made.count(b"/Type /Page\n") <= 7
        page.emulate_media(media="screen")
    page.close()


@pytest.mark.parametrize("address", ["/sheet?seed=1", "/sheet?seed=1&key=1"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    browser: Browser, server: str, address: str, size: Any, theme: Any
) -> None:
    assert_clean(browser, server + address, size, theme)
