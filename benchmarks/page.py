"""The page in a real Chromium: how soon it is there, what it weighs, what a step costs.

First paint and the first possible step are read in the page, on a cold cache, over loopback and
over a link slowed down by Chromium itself. A step's cost is the processor time that the page's main
thread spends in script, layout and style while keys are pressed or the lanes are scrubbed, divided
by their number, the median of some rounds: what other processes take of the machine is not in it.
"""

from __future__ import annotations

import random
import statistics
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.scenes import crowded_scenario
from engine import encode_link, run
from tests.browser import COUNT_SHIFTS, LAPTOP, SHIFTED, a_browser
from tests.server import running_server

ROUNDS = 5
PRESSES, WARM_UP = 200, 100
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""150 ms of latency, 1.6 Mbit/s down, 750 kbit/s up."""

READY = """() => new Promise(done => {
  const look = () => document.querySelector('[data-ready]')
    ? requestAnimationFrame(() => done(performance.now())) : setTimeout(look, 2);
  look();
})"""
PAINT = """() => new Promise(done => new PerformanceObserver(list => {
  const paint = list.getEntriesByName('first-contentful-paint')[0];
  if (paint) done(paint.startTime);
}).observe({type: 'paint', buffered: true}))"""
COUNTED = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
SCRIPT_AND_LAYOUT = slice(0, 2)


def page_figures() -> dict[str, Any]:
    """Every figure about the page, by name."""
    with running_server(rate_limit="off") as address, a_browser() as browser:
        return {
            **_arrival(browser, address, None, "loopback"),
            **_arrival(browser, address, SLOW, "1.6 Mbit/s, 150 ms"),
            "first view, JavaScript and CSS on the wire, bytes": _weight(browser, address),
            **_stepping(browser, address),
        }


def _arrival(
    browser: Browser, address: str, link: dict[str, Any] | None, name: str
) -> dict[str, Any]:
    paints, readies = [], []
    for _ in range(ROUNDS + 1):
        context = browser.new_context(viewport=LAPTOP)
        page = context.new_page()
        if link:
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.emulateNetworkConditions", link)
        page.goto(address, wait_until="commit")
        readies.append(page.evaluate(READY))
        paints.append(page.evaluate(PAINT))
        context.close()
    return {
        f"first contentful paint, {name}, ms": round(statistics.median(paints[1:])),
        f"first step possible, {name}, ms": round(statistics.median(readies[1:])),
    }


def _weight(browser: Browser, address: str) -> int:
    context = browser.new_context(viewport=LAPTOP)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    wanted: set[str] = set()
    sizes: list[int] = []
    kinds = ("Script", "Stylesheet")
    session.on(
        "Network.responseReceived",
        lambda e: wanted.add(e["requestId"]) if e["type"] in kinds else None,
    )
    session.on(
        "Network.loadingFinished",
        lambda e: sizes.append(int(e["encodedDataLength"])) if e["requestId"] in wanted else None,
    )
    page.goto(address)
    page.wait_for_selector("[data-ready]")
    page.wait_for_timeout(300)
    context.close()
    return sum(sizes)


def _stepping(browser: Browser, address: str) -> dict[str, Any]:
    trace = run(crowded_scenario())
    ptes = sum(bool(v) for c, v in trace.sim.machine.items() if c.startswith("pte/"))
    page = browser.new_page(viewport=LAPTOP)
    page.goto(f"{address}/#{encode_link(trace.scenario, trace.witness)}&t=0")
    page.wait_for_selector("[data-ready]", timeout=60_000)
    page.wait_for_timeout(500)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    size = f"{len(trace.steps):,} steps, {ptes:,} ptes"
    page.evaluate(COUNT_SHIFTS)
    figures: dict[str, float] = {}
    for name, act in (("step", _press), ("random scrub", _scrub)):
        cost = _cost(page, session, act)
        figures[f"a {name}, {size}, ms of script and layout"] = round(
            sum(cost[SCRIPT_AND_LAYOUT]), 2
        )
        figures[f"a {name}, {size}, ms with style"] = round(sum(cost), 2)
    figures["layout shift in these steps and scrubs"] = round(page.evaluate(SHIFTED), 4)
    page.close()
    return figures


def _cost(page: Page, session: CDPSession, act: Any) -> list[float]:
    """Milliseconds of script, layout and style for each act, after a warm-up."""
    act(page, WARM_UP)
    rounds = []
    for _ in range(ROUNDS):
        before = _counted(session)
        act(page, PRESSES)
        rounds.append(
            [
                (now - was) / PRESSES * 1000
                for was, now in zip(before, _counted(session), strict=True)
            ]
        )
    return sorted(rounds, key=sum)[ROUNDS // 2]


def _counted(session: CDPSession) -> list[float]:
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return [metrics[name] for name in COUNTED]


def _press(page: Page, times: int) -> None:
    for _ in range(times):
        page.keyboard.press("ArrowRight")


def _scrub(page: Page, times: int) -> None:
    box = page.locator(".scrubber").bounding_box()
    assert box is not None
    chance = random.Random(1)
    for _ in range(times):
        x = box["x"] + 120 + chance.random() * (box["width"] - 140)
        page.mouse.move(x, box["y"] + 40)
        page.mouse.down()
        page.mouse.up()
