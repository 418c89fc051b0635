"""The thread as a story: eighteen messages, and prose that the engine bears out."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import yaml
from browser import LAPTOP, PHONE, PROJECTOR, axe, watched
from playwright.sync_api import Browser, Page, expect

from app.story import FILE, VERDICTS
from engine import gallery, run
from engine.kernels import find_kernel

STORY = yaml.safe_load(FILE.read_text())
PARTS = [*STORY["messages"], STORY["after"]]
CLAIMS = [claim for part in PARTS for claim in part["claims"]]
SCENES = [scene for claim in CLAIMS for scene in claim["scenes"]]


def test_it_has_the_eighteen_messages_in_order() -> None:
    assert [m["n"] for m in STORY["messages"]] == list(range(1, 19))
    days = [m["date"] for m in STORY["messages"]]
    assert days == sorted(days)
    assert {m["author"] for m in STORY["messages"]} == {
        "Jes Sorensen",
        "Nick Piggin",
        "Linus Torvalds",
        "Carsten Otte",
    }


def test_each_revision_of_the_patch_is_a_milestone() -> None:
    posted = dict.fromkeys(m["kernel"] for m in STORY["messages"] if m["kind"] == "patch")
    assert list(posted) == [f"nopfn-v{n}" for n in range(1, 6)]
    first = {m["kernel"]: m["date"][:10] for m in reversed(STORY["messages"]) if "kernel" in m}
    assert {k: find_kernel(k).date for k in posted} == first


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s["scenario"])
def test_what_a_scene_is_said_to_break_is_what_its_run_breaks(scene: dict[str, Any]) -> None:
    scenario = dict(gallery())[scene["scenario"]]
    assert len(scene["under"]) == 2
    for kernel, rules in scene["under"].items():
        broken = {i["id"] for i in run(scenario, str(kernel)).invariants if not i["holds"]}
        assert broken == set(rules), kernel


def test_every_claim_has_a_verdict_and_a_reason() -> None:
    for claim in CLAIMS:
        assert claim["verdict"] in VERDICTS and claim["because"].strip()
        assert claim["scenes"] or claim["verdict"] in ("argued", "refuted")


def test_what_changed_nothing_runs_the_same_to_the_last_event() -> None:
    claims = [claim for claim in CLAIMS if claim["verdict"] == "no effect"]
    assert claims
    for claim in claims:
        for scene in claim["scenes"]:
            scenario = dict(gallery())[scene["scenario"]]
            assert len({run(scenario, str(k)).check for k in scene["under"]}) == 1


def test_the_page_reads_without_script(client: httpx.Client) -> None:
    page = client.get("/thread").text
    assert page.count("<article") == 19
    assert page.count('class="scene"') == len(SCENES)
    assert "writes the pte a second time" in page
    assert "argued, not yet modelled" in page


def test_a_scene_runs_inline_under_both_kernels(page: Page, server: str) -> None:
    page.goto(f"{server}/thread")
    scene = page.get_by_role("region", name="Scene: Two threads, one page (1.2.1)")
    scene.get_by_role("button", name="Run it here").click()
    expect(scene.locator("[data-ready]")).to_be_visible()
    slider = scene.get_by_role("slider", name="Step")
    before = int(slider.get_attribute("aria-valuenow") or 0)
    scene.get_by_role("button", name="Step", exact=True).click()
    expect(slider).to_have_attribute("aria-valuenow", str(before + 1))
    expect(scene.locator(".words")).to_contain_text("B writes the pte a second time")
    scene.get_by_role("button", name="v3", exact=True).click()
    scene.get_by_role("button", name="Step", exact=True).click()
    expect(scene.locator(".words")).to_contain_text("B")
    expect(scene.locator(".chip.bad")).to_have_count(0)


@pytest.mark.parametrize("size", [LAPTOP, PROJECTOR, PHONE], ids=["laptop", "projector", "phone"])
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
