"""The editor's text: faults told at once, at their line; completion; how it all looks."""

from __future__ import annotations

import pytest
from browser import LAPTOP, PHONE, PROJECTOR, at, axe, visit, watched
from editing import RUNS, faults, form, opened, status, text, typed
from playwright.sync_api import Browser, Page, expect

SIZES = {"laptop": LAPTOP, "projector": PROJECTOR, "phone": PHONE}


def test_the_header_leads_there_and_back(page: Page, server: str) -> None:
    visit(page, server)
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Scenario as YAML")).to_be_focused()
    assert "/edit#z1." in page.url
    page.get_by_role("button", name="Back to the stage").click()
    expect(page.get_by_role("region", name="Editor")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit")).to_be_focused()
    assert "/edit" not in page.url and at(page) == 1


def test_the_run_follows_the_text_at_the_same_step(editor: Page) -> None:
    link = editor.url
    editor.get_by_role("slider", name="Step").focus()
    for _ in range(3):
        editor.keyboard.press("ArrowRight")
    typed(editor, "kernel: nopfn-v2", "kernel: nopfn-v3")
    expect(editor.get_by_role("radio", name="v3")).to_have_attribute("aria-checked", "true")
    assert at(editor) == 3
    editor.wait_for_timeout(400)
    assert editor.url != link and "#z1." in editor.url


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("pages: 4", "pages: 0", "pages: 0", "greater than or equal to 1"),
        ("kernel:", "kernal:", "kernal:", "did you mean kernel"),
        ("read: mspec[3]", "read: mspek[3]", "mspek", "there is no vma 'mspek'"),
        ('"0x7000a"', "0x7000a", "value: 0x7000a", 'write "0x7000a"'),
        ("title: Two", "title: *Two", "title:", "write the value out again"),
        ("title: Two", "title: !!str Two", "title:", "a scenario is plain data"),
        ("    nopfn:", "\tnopfn:", "nopfn:", "use spaces"),
        ("kernel: nopfn-v2", "kernel: nopfn-v2\nkernel: x", "kernel: x", "keep one of them"),
        ("VM_PFNMAP", "VM_PFNMAPP", "VM_PFNMAPP", "is no vma flag"),
    ],
)
def test_a_fault_is_named_at_its_line_with_the_remedy(
    editor: Page, old: str, new: str, line: str, told: str
) -> None:
    steps = editor.get_by_role("slider", name="Step").get_attribute("aria-valuemax")
    typed(editor, old, new)
    fault = faults(editor).first
    expect(fault).to_contain_text(told)
    number = 1 + text(editor)[: text(editor).index(line)].count("\n")
    expect(fault).to_contain_text(f"Line {number} ")
    # the last good run stays, and the fault leads to its line
    assert editor.get_by_role("slider", name="Step").get_attribute("aria-valuemax") == steps
    expect(editor.locator(".cm-diagnostic, .cm-lintRange-error").first).to_be_attached()
    fault.click()
    expect(editor.locator(".cm-activeLine")).to_contain_text(line.strip())
    typed(editor, new, old)
    expect(status(editor)).to_contain_text(RUNS)
    expect(faults(editor)).to_have_count(0)


def test_a_server_out_of_reach_leaves_the_last_run(editor: Page) -> None:
    editor.route("**/api/run", lambda route: route.abort())
    typed(editor, "title: Two", "title: Too")
    expect(editor.get_by_role("list", name="What is wrong")).to_contain_text("no answer")
    expect(editor.locator(".picker b")).to_have_text("Two threads, one page")
    editor.unroute("**/api/run")
    editor.keyboard.press("Control+Enter")
    expect(editor.locator(".picker b")).to_have_text("Too threads, one page")


def offers(page: Page) -> list[str]:
    page.keyboard.press("Control+Space")
    page.locator(".cm-tooltip-autocomplete li").first.wait_for()
    return page.locator(".cm-tooltip-autocomplete .cm-completionLabel").all_inner_texts()


def test_completion_offers_fields_and_values(editor: Page) -> None:
    typed(editor, "kernel: nopfn-v2\n", "kernel: nopfn-v2\nin\n")
    editor.keyboard.press("ArrowLeft")
    assert offers(editor)[0] == "inject"
    editor.wait_for_timeout(150)  # an Enter that comes at once is meant for the text
    editor.keyboard.press("Enter")
    assert "\ninject:\n" in text(editor)
    typed(editor, "kernel: nopfn-v2\ninject:\n", "kernel: \n")
    editor.keyboard.press("ArrowLeft")
    assert {"2.6.17", "nopfn-v1", "2.6.19"} <= set(offers(editor))


@pytest.mark.parametrize(
    ("old", "new", "offered"),
    [
        ("run: A,", "run: ,", {"A", "B"}),
        ("[VM_READ, VM_EXEC", "[V, VM_EXEC", {"VM_READ", "VM_PFNMAP"}),
        ("read: mspec[3]", "read: ", {"mspec[3]", "heap[0]"}),
        ("driver: mspec", "driver: m", {"mspec"}),
        ("      - value:", "      - va", {"value"}),
    ],
)
def test_completion_knows_this_document(
    editor: Page, old: str, new: str, offered: set[str]
) -> None:
    typed(editor, old, new)
    if new == "run: ,":
        editor.keyboard.press("ArrowLeft")
    elif new.startswith("[V"):
        for _ in range(len(", VM_EXEC")):
            editor.keyboard.press("ArrowLeft")
    assert offered <= set(offers(editor))


def test_hovering_a_name_explains_it(editor: Page) -> None:
    line = editor.locator(".cm-line").filter(has_text="kernel: nopfn-v2")
    box = line.evaluate(
        """(line) => {
            const words = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
            while (words.nextNode() && !words.currentNode.data.includes("nopfn-v2"));
            const range = document.createRange();
            range.setStart(words.currentNode, words.currentNode.data.indexOf("nopfn-v2"));
            range.setEnd(words.currentNode, words.currentNode.data.indexOf("nopfn-v2") + 8);
            const { x, y, width, height } = range.getBoundingClientRect();
            return { x, y, width, height };
        }"""
    )
    editor.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    expect(editor.locator(".cm-tooltip")).to_contain_text("2006-04-04")


def test_escape_then_tab_leaves_the_text(editor: Page) -> None:
    editor.get_by_role("textbox", name="Scenario as YAML").focus()
    editor.keyboard.press("Escape")
    editor.keyboard.press("Tab")
    assert editor.evaluate("document.activeElement.closest('.ed-code') === null")


def test_with_little_room_it_lies_over_the_stage(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 860, "height": 800})
    opened(page, server)
    box = page.locator(".editor").bounding_box()
    assert box is not None and box["width"] == 860
    page.get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator(".caption")).to_be_visible()
    page.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_axe_finds_nothing(browser: Browser, server: str, theme: str, size: str) -> None:
    context = browser.new_context(viewport=SIZES[size], reduced_motion="reduce")
    context.add_init_script(f"localStorage.setItem('faultwalk.theme', '{theme}')")
    page = context.new_page()
    said = watched(page)
    opened(page, server)
    typed(page, "title: Two", "title: Too")
    assert axe(page) == []
    form(page)
    page.get_by_role("button", name="mspec 0x40000000").click()
    assert axe(page) == []
    page.get_by_role("tab", name="Drafts").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    context.close()


def test_on_a_phone_targets_are_large_and_nothing_scrolls_sideways(
    browser: Browser, server: str
) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    opened(page, server)
    page.get_by_role("tab", name="Form").tap()
    small = page.locator(
        ".editor button:visible, .editor input[type=text]:visible, .editor select:visible"
    ).evaluate_all(
        "all => all.filter(e => e.getBoundingClientRect().height < 47.5)"
        ".map(e => e.outerHTML.slice(0, 100))"
    )
    assert small == []
    assert page.evaluate(
        "[...document.querySelectorAll('.ed-pane')].every(e => e.scrollWidth <= e.clientWidth)"
    )
    page.get_by_role("button", name="heap, page 2").tap()
    expect(page.locator(".ed-note")).to_contain_text("heap[2]")
    page.get_by_role("button", name="Back to the stage").tap()
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_visible()
    context.close()
