"""The thread as a story: eighteen messages, and prose that the engine bears out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import yaml
from browser import LAPTOP, PHONE, PROJECTOR, axe, watched
from playwright.sync_api import Browser, Page, expect
from scenes import GALLERY

from app.story import FILE, LINE, VERDICTS, step_at
from engine import Scenario, Trace, run
from engine.kernels import find_kernel

STORY = yaml.safe_load(FILE.read_text())
MESSAGES = STORY["messages"]
PARTS = [*MESSAGES, STORY["after"]]
CLAIMS = [claim for part in PARTS for claim in part["claims"]]
SCENES = [scene for claim in CLAIMS for scene in claim["scenes"]]
SIZES = pytest.mark.parametrize(
    "size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"]
)


def test_it_has_the_eighteen_messages_in_order() -> None:
    assert [m["n"] for m in MESSAGES] == list(range(1, 19))
    days = [m["date"] for m in MESSAGES]
    assert days == sorted(days)
    assert {m["author"] for m in MESSAGES} == {
        "Jes Sorensen",
        "Nick Piggin",
        "Linus Torvalds",
        "Carsten Otte",
    }


def test_replies_carry_the_subject_of_what_they_answer() -> None:
    """Two postings opened subjects of their own; 7 and 16 go back to an older message."""
    subject = {m["n"]: m["subject"] for m in MESSAGES}
    assert [m["n"] for m in MESSAGES if not m["subject"].startswith("Re: ")] == [1, 7, 16]
    for m in MESSAGES[1:]:
        assert m["answers"] < m["n"]
        if m["subject"].startswith("Re: "):
            assert m["subject"].removeprefix("Re: ") == subject[m["answers"]].removeprefix("Re: ")


def test_each_revision_of_the_patch_is_a_milestone() -> None:
    posted = dict.fromkeys(m["kernel"] for m in MESSAGES if m["kind"] == "patch")
    assert list(posted) == [f"nopfn-v{n}" for n in range(1, 6)]
    first = {m["kernel"]: m["date"][:10] for m in reversed(MESSAGES) if "kernel" in m}
    assert {k: find_kernel(k).date for k in posted} == first
    assert find_kernel(STORY["after"]["kernel"]).date == str(STORY["after"]["date"])


@pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part.get("n", "after")))
def test_scenes_run_under_the_kernel_of_the_day_and_the_next(part: dict[str, Any]) -> None:
    past = [m["kernel"] for m in MESSAGES if m["n"] <= part.get("n", 99) and "kernel" in m]
    here = LINE.index(part.get("kernel") or past[-1])
    for claim in part["claims"]:
        for scene in claim["scenes"]:
            under = " ".join(scene["under"]).split()
            assert len(under) == len(set(under)) >= 2
            assert set(LINE[here : here + 2]) <= set(under), claim["text"]


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s["scenario"])
def test_a_scene_shows_what_the_story_says(scene: dict[str, Any]) -> None:
    """Each kernel named runs it, alike where it is said; the step is the one; the rules break."""
    scenario = GALLERY[scene["scenario"]]
    for names, said in scene["under"].items():
        traces = [run(scenario, kernel) for kernel in names.split()]
        assert len({trace.check for trace in traces}) == 1, f"{names} do not run it alike"
        for trace in traces:
            broken = {rule["id"] for rule in trace.invariants if not rule["holds"]}
            assert broken == set(said.get("breaks", ())), trace.kernel.id
            assert shown(trace, said["at"]) == " ".join(said["at"].split()[2:]), trace.kernel.id
            assert all(step_at(trace, place) for place in said.get("with", ()))


def shown(trace: Trace, place: str) -> str:
    """Which of an op's sentences is told at a place."""
    return trace.steps[step_at(trace, place) - 1].narration.key.partition(".")[2]


def test_columns_that_are_told_apart_differ() -> None:
    for scene in SCENES:
        scenario = GALLERY[scene["scenario"]]
        firsts = [names.split()[0] for names in scene["under"]]
        assert len({run(scenario, kernel).check for kernel in firsts}) == len(firsts)


def test_a_place_that_is_not_there_is_an_error() -> None:
    trace = run(GALLERY["two-threads-one-page"])
    assert step_at(trace, "B set_pte_at#1") == 31
    with pytest.raises(ValueError, match="Two threads, one page under nopfn-v2 has no step"):
        step_at(trace, "B set_pte_at#2")


def test_every_claim_has_a_verdict_and_a_reason() -> None:
    for claim in CLAIMS:
        assert claim["verdict"] in VERDICTS and claim["because"].strip()
        assert claim["scenes"] or claim["verdict"] in ("argued", "refuted")


@pytest.mark.parametrize("scenario", GALLERY.values(), ids=GALLERY)
@pytest.mark.parametrize("pair", [("nopfn-v1", "nopfn-v2"), ("nopfn-v4", "nopfn-v5")], ids="-".join)
def test_what_changed_nothing_changes_nothing_anywhere(
    scenario: Scenario, pair: tuple[str, str]
) -> None:
    """What messages 4 and 18 are said to have done, over the whole gallery."""
    before, after = (run(scenario, kernel) for kernel in pair)
    assert before.check == after.check


# --- the page


def test_the_page_tells_it_all(client: httpx.Client) -> None:
    page = client.get("/thread").text
    assert page.count("<article") == 19
    assert page.count('class="scene"') == len(SCENES)
    assert page.count("argued, not yet modelled") == sum(c["verdict"] == "argued" for c in CLAIMS)
    for m in MESSAGES:
        assert f'id="m{m["n"]}"' in page and f'datetime="{m["date"]}"' in page


def test_it_is_sent_once_and_small(client: httpx.Client) -> None:
    first = client.get("/thread")
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < 24_000
    again = client.get("/thread", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


@SIZES
def test_it_reads_without_script(browser: Browser, server: str, size: Any) -> None:
    context = browser.new_context(viewport=size, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/thread")
    expect(page.get_by_role("article")).to_have_count(19)
    expect(page.get_by_role("button")).to_have_count(0)
    scene = page.get_by_role("region", name="Scene: Two threads, one page (1.2.1)")
    steps = scene.get_by_role("list").nth(1).get_by_role("link")
    expect(steps.nth(3)).to_contain_text("31 B overwrites the filled pte")
    expect(steps.nth(3)).to_have_attribute("href", "/#s=two-threads-one-page&k=nopfn-v1&t=31")
    expect(scene).to_contain_text("v1, v2 alike")
    expect(scene).to_contain_text("it gives way")
    fates = scene.get_by_role("list", name="Under all kernels of the story").get_by_role("listitem")
    expect(fates).to_have_text(
        [
            "⬣ 2.6.17: a rule breaks",
            "⬣ v1 v2: a rule breaks",
            "✓ v3 v4 v5 2.6.19: no rule breaks",
        ]
    )
    context.close()


def test_a_milestone_leads_to_its_message(page: Page, server: str) -> None:
    page.goto(f"{server}/thread")
    page.get_by_role("navigation", name="Revisions of the patch").get_by_role("link").nth(3).click()
    expect(page.get_by_role("article", name="Jes Sorensen v4").first).to_be_in_viewport()
    page.get_by_role("link", name="to message 8").nth(1).click()
    expect(page.get_by_role("article", name="Linus Torvalds").first).to_be_in_viewport()


def test_a_scene_runs_inline_under_its_kernels(page: Page, server: str) -> None:
    page.goto(f"{server}/thread")
    scene = page.get_by_role("region", name="Scene: Two threads, one page (1.2.1)")
    scene.get_by_role("button", name="Run it here").click()
    expect(scene.locator("[data-ready]")).to_be_visible()
    slider = scene.get_by_role("slider", name="Step")
    before = int(slider.get_attribute("aria-valuenow") or 0)
    scene.get_by_role("button", name="Step", exact=True).click()
    expect(slider).to_have_attribute("aria-valuenow", str(before + 1))
    expect(scene.locator(".words")).to_contain_text("B overwrites the filled pte")
    scene.get_by_role("button", name="v3", exact=True).click()
    expect(scene.locator(".words")).to_contain_text("A wrote it at step 24")
    scene.get_by_role("button", name="Step", exact=True).click()
    expect(scene.locator(".words")).to_contain_text("it gives way")
    expect(scene.locator(".chip.bad")).to_have_count(0)


def test_a_step_in_the_text_moves_the_player(page: Page, server: str) -> None:
    page.goto(f"{server}/thread")
    scene = page.get_by_role("region", name="Scene: Two threads, one page (1.2.1)")
    slider = scene.get_by_role("slider", name="Step")
    scene.get_by_role("link", name="37 A reads").click()
    expect(slider).to_have_attribute("aria-valuenow", "37")
    expect(scene.get_by_role("button", name="v1", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    scene.get_by_role("link", name="32 B looks again").press("Enter")
    expect(scene.locator(".words")).to_contain_text("it gives way")
    expect(slider).to_have_attribute("aria-valuenow", "32")
    expect(scene.get_by_role("button", name="v3", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    scene.get_by_role("link", name="24 A fills").click()
    expect(slider).to_have_attribute("aria-valuenow", "24")
    assert page.url == f"{server}/thread"
    full = scene.get_by_role("link", name="Open on the stage")
    expect(full).to_have_attribute("href", "/#s=two-threads-one-page&k=nopfn-v3&t=24")


@SIZES
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, server: str, theme: Any, size: Any) -> None:
    context = browser.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    said = watched(page)
    page.goto(f"{server}/thread")
    page.get_by_role("button", name="Run it here").first.click()
    expect(page.locator("[data-ready]")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    context.close()


def test_on_a_phone_everything_to_touch_is_large_enough(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    page.goto(f"{server}/thread")
    expect(page.get_by_role("button", name="Run it here").first).to_be_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button, .steps a, .milestones a, .site a")]
            .filter((e) => e.getBoundingClientRect().height < 48).map((e) => e.textContent)"""
    )
    assert small == []
    context.close()
