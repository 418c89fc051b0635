"""The editor: text and form of one scenario, faults told at once, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import LAPTOP, PHONE, PROJECTOR, at, axe, visit, watched
from playwright.sync_api import Browser, Page, expect

SIZES = {"laptop": LAPTOP, "projector": PROJECTOR, "phone": PHONE}
RUNS = "It runs"


@pytest.fixture
def editor(browser: Browser, server: str) -> Iterator[Page]:
    """The editor with the flagship. Of a refused run the browser itself tells; of nothing else."""
    context = browser.new_context(viewport=LAPTOP)
    page = context.new_page()
    said = watched(page)
    opened(page, server)
    yield page
    context.close()
    assert [line for line in said if not line.startswith("Failed to load resource")] == []


def opened(page: Page, server: str, place: str = "/edit") -> None:
    page.goto(server + place)
    expect(status(page)).to_contain_text(RUNS)


def status(page: Page):  # type: ignore[no-untyped-def]
    return page.locator(".ed-status")


def text(page: Page) -> str:
    """The whole text, of which the page shows only the lines in view."""
    return str(
        page.evaluate(
            "document.querySelector('.ed-code').shadowRoot.querySelector('.cm-content')"
            ".cmTile.view.state.doc.toString()"
        )
    )


def typed(page: Page, old: str, new: str) -> None:
    """Select `old` as a user would by search, and type `new` over it."""
    page.evaluate(
        """([old]) => {
            const root = document.querySelector('.ed-code').shadowRoot;
            const { view } = root.querySelector('.cm-content').cmTile;
            const anchor = view.state.doc.toString().indexOf(old);
            if (anchor < 0) throw new Error('not in the text: ' + old);
            const selection = { anchor, head: anchor + old.length };
            view.dispatch({ selection, scrollIntoView: true });
            view.focus();
        }""",
        [old],
    )
    page.keyboard.insert_text(new) if new else page.keyboard.press("Delete")


def form(page: Page) -> None:
    page.get_by_role("tab", name="Form").click()


def faults(page: Page):  # type: ignore[no-untyped-def]
    return page.get_by_role("list", name="What is wrong").get_by_role("button")


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


def test_the_form_rewrites_only_what_it_touches_and_undo_takes_it_back(editor: Page) -> None:
    typed(
        editor, "kernel: nopfn-v2\n", "kernel: nopfn-v2 # the second posting\n# drivers come next\n"
    )
    before = text(editor)
    form(editor)
    editor.get_by_role("button", name="heap 0x0804c000").click()
    editor.locator(".ed-fields").get_by_label("Pages").fill("32")
    after = text(editor)
    assert after == before.replace("pages: 8\n", "pages: 32\n")
    editor.keyboard.press("Control+z")
    assert text(editor) == before
    expect(editor.locator(".ed-fields").get_by_label("Pages")).to_have_value("8")
    editor.get_by_role("button", name="Redo").click()
    assert text(editor) == after


def test_a_click_on_a_page_appends_an_operation(editor: Page) -> None:
    form(editor)
    editor.get_by_role("radio", name="B", exact=True).check()
    editor.get_by_role("radio", name="write").check()
    editor.get_by_role("button", name="heap, page 2").click()
    expect(editor.get_by_role("button", name="heap, page 2, touched by B")).to_be_visible()
    expect(editor.locator(".ed-note")).to_contain_text("B will write heap[2], as its operation 2")
    assert "- write: mspec[3]\n          - write: heap[2]\n" in text(editor)
    expect(status(editor)).not_to_contain_text("37 steps")
    expect(status(editor)).to_contain_text(RUNS)


def test_operations_are_moved_changed_and_removed(editor: Page) -> None:
    form(editor)
    editor.get_by_role("button", name="heap, page 1").click()
    ops = editor.get_by_role("list", name="What A does")
    ops.get_by_label("where").nth(2).fill("heap[5]")
    assert "read: heap[5]" in text(editor)
    handle = ops.get_by_role("button", name="Move read heap[5]", exact=True)
    handle.focus()
    handle.press("ArrowUp")
    assert "- read: mspec[3]\n          - read: heap[5]\n          - read: mspec[3]" in text(editor)
    ops.get_by_label("does").nth(1).select_option("mprotect")
    assert "- mprotect: heap\n            rights: r" in text(editor)
    ops.get_by_role("button", name="Remove mprotect heap", exact=True).click()
    assert "mprotect" not in text(editor)
    expect(status(editor)).to_contain_text("37 steps")


def turns(page: Page) -> list[str]:
    rows = page.get_by_role("list", name="Turns")
    who = rows.get_by_role("combobox", name="runs").evaluate_all("all => all.map(e => e.value)")
    until = rows.get_by_role("combobox", name="until").evaluate_all("all => all.map(e => e.value)")
    return [f"{a} {b}" for a, b in zip(who, until, strict=True)]


FIRST = ["A read_pte#1", "B nopfn_call#1", "A access#2", "B end", "A end"]


def test_a_turn_is_moved_by_keyboard(editor: Page) -> None:
    form(editor)
    assert turns(editor) == FIRST
    handle = editor.get_by_role("button", name="Move A until read_pte#1", exact=True)
    handle.focus()
    handle.press("ArrowDown")
    assert turns(editor) == [FIRST[1], FIRST[0], *FIRST[2:]]
    expect(editor.get_by_role("button", name="Move A until read_pte#1", exact=True)).to_be_focused()
    expect(editor.locator(".ed-note")).to_contain_text("now number 2 of 5")
    editor.keyboard.press("Control+z")
    assert turns(editor) == FIRST


def test_a_turn_is_dragged(editor: Page) -> None:
    form(editor)
    handle = editor.get_by_role("button", name="Move A until read_pte#1", exact=True)
    handle.scroll_into_view_if_needed()
    editor.get_by_role("list", name="Turns").evaluate("e => e.scrollIntoView({ block: 'center' })")
    here, there = (
        handle.bounding_box(),
        editor.get_by_role("button", name="Move A until access#2", exact=True).bounding_box(),
    )
    assert here and there
    editor.mouse.move(here["x"] + 10, here["y"] + 12)
    editor.mouse.down()
    editor.mouse.move(here["x"] + 10, there["y"] + 12, steps=4)
    editor.mouse.up()
    assert turns(editor) == [FIRST[1], FIRST[2], FIRST[0], *FIRST[3:]]


def test_a_turn_is_made_longer_on_the_strip(editor: Page) -> None:
    form(editor)
    end = editor.get_by_role("slider", name="End of turn 1, of A")
    end.scroll_into_view_if_needed()
    box = end.bounding_box()
    strip = editor.locator(".ed-strip").bounding_box()
    assert box and strip
    middle = box["y"] + box["height"] / 2
    editor.mouse.move(box["x"] + box["width"] / 2, middle)
    editor.mouse.down()
    editor.mouse.move(box["x"] + box["width"] / 2 - strip["width"] / 37 * 3, middle, steps=5)
    editor.mouse.up()
    shorter = turns(editor)[0]
    assert shorter != FIRST[0] and turns(editor)[1:] == FIRST[1:]
    expect(status(editor)).to_contain_text(RUNS)
    end.press("ArrowRight")
    end.press("ArrowRight")
    end.press("ArrowRight")
    assert turns(editor) == FIRST


def test_the_order_of_a_run_can_be_written_down(editor: Page) -> None:
    form(editor)
    for name in ["B until end", "A until end"]:
        editor.get_by_role("button", name=f"Remove {name}", exact=True).last.click()
    expect(status(editor)).to_contain_text(RUNS)
    editor.get_by_role("button", name="Write down this run's order").click()
    assert turns(editor)[-1].endswith(" end") and len(turns(editor)) >= 4


def test_vmas_drivers_and_threads_are_added_and_renamed(editor: Page) -> None:
    form(editor)
    editor.get_by_role("button", name="Add a vma").click()
    expect(editor.get_by_role("button", name="data, page 0")).to_be_visible()
    editor.get_by_role("button", name="Add a driver").click()
    editor.get_by_role("button", name="data 0x50000000").click()
    editor.get_by_label("Driver", exact=True).select_option("mydev")
    editor.get_by_role("checkbox", name="VM_SHARED").check()
    editor.get_by_role("button", name="Add a thread").click()
    name = editor.get_by_label("Thread", exact=True).last
    name.fill("worker")
    name.press("Enter")
    expect(status(editor)).to_contain_text(RUNS)
    assert "driver: mydev" in text(editor) and "name: worker" in text(editor)
    editor.get_by_label("Thread", exact=True).first.fill("main")
    editor.get_by_label("Thread", exact=True).first.press("Enter")
    expect(status(editor)).to_contain_text(RUNS)
    assert turns(editor)[0] == "main read_pte#1"
    expect(faults(editor)).to_have_count(0)


def test_a_fault_stands_beside_its_field(editor: Page) -> None:
    form(editor)
    editor.get_by_role("button", name="mspec 0x40000000").click()
    field = editor.locator(".ed-fields").get_by_label("Pages")
    field.fill("99999")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "! got 99999; it should be less than or equal to 4096"
    )


def test_a_draft_survives_a_reload_and_a_closed_tab(editor: Page, server: str) -> None:
    typed(editor, "title: Two", "title: My # remark\n# still here\nstory2: Two")
    expect(faults(editor)).to_have_count(1)
    editor.wait_for_timeout(400)
    editor.reload()
    expect(editor.locator(".ed-note")).to_contain_text("goes on here")
    expect(faults(editor)).to_have_count(1)
    assert "# still here" in text(editor)
    other = editor.context.new_page()
    opened(other, server, "/edit#s=zero-page-writable")
    assert "still here" not in text(other)
    other.get_by_role("tab", name="Drafts").click()
    other.get_by_role("button", name="Restore My").click()
    assert "# still here" in text(other)
    other.close()


def test_another_scenario_on_the_stage_keeps_the_draft(editor: Page) -> None:
    typed(editor, "title: Two", "title: Mine, two")
    expect(editor.locator(".picker b")).to_have_text("Mine, two threads, one page")
    mine = text(editor)
    editor.locator(".picker").click()
    editor.locator(".gallery button").filter(has_text="Memory from nothing").click()
    expect(editor.locator(".ed-note")).to_contain_text("Memory from nothing")
    assert "Memory from nothing" in text(editor)
    editor.get_by_role("button", name="Undo").click()
    assert text(editor) == mine
    editor.get_by_role("tab", name="Drafts").click()
    expect(editor.get_by_role("button", name="Restore Mine, two")).not_to_have_count(0)


def test_another_revision_on_the_stage_is_written_into_the_text(editor: Page) -> None:
    typed(editor, "kernel: nopfn-v2", "kernel: nopfn-v2 # which one?")
    editor.get_by_role("radio", name="v5").click()
    expect(editor.get_by_role("radio", name="v5")).to_have_attribute("aria-checked", "true")
    assert "kernel: nopfn-v5 # which one?" in text(editor)


def test_twenty_drafts_are_kept_and_one_deleted_comes_back(page: Page, server: str) -> None:
    page.goto(server)
    page.evaluate(
        "for (let i = 0; i < 25; i += 1) localStorage.setItem(`faultwalk.draft.${i}`,"
        " JSON.stringify({ id: String(i), at: i, title: `Draft ${i}`, text: 'a: 1', link: '' }))"
    )
    opened(page, server)
    typed(page, "title: Two", "title: Newest, two")
    page.get_by_role("tab", name="Drafts").click()
    restore = page.get_by_role("button", name="Restore")
    expect(restore).to_have_count(20)
    expect(restore.first).to_have_accessible_name(pattern("^Restore Newest, two"))
    page.get_by_role("button", name="Delete Draft 24").click()
    expect(restore).to_have_count(19)
    page.get_by_role("tabpanel").get_by_role("button", name="Undo").click()
    expect(restore).to_have_count(20)


def pattern(text: str):  # type: ignore[no-untyped-def]
    import re

    return re.compile(text)


def test_a_browser_that_stores_nothing_says_so(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=LAPTOP)
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }"
    )
    opened(page, server)
    typed(page, "title: Two", "title: Too")
    expect(page.get_by_role("alert")).to_contain_text("no room left")
    page.close()


def test_a_file_is_opened_and_downloaded(editor: Page) -> None:
    yaml = "# mine\n" + text(editor).replace("title: Two", "title: From a file, two")
    editor.get_by_role("button", name="File and help").click()
    with editor.expect_file_chooser() as chooser:
        editor.get_by_role("button", name="Open a file").click()
    file = {"name": "mine.yaml", "mimeType": "text/yaml", "buffer": yaml.encode()}
    chooser.value.set_files(file)  # type: ignore[arg-type]
    expect(editor.locator(".picker b")).to_have_text("From a file, two threads, one page")
    assert text(editor) == yaml
    editor.get_by_role("button", name="File and help").click()
    with editor.expect_download() as waiting:
        editor.get_by_role("button", name="Download .yaml").click()
    assert waiting.value.path().read_text() == yaml
    assert waiting.value.suggested_filename == "from-a-file-two-threads-one-page.yaml"


def test_an_editor_that_cannot_be_fetched_leaves_the_stage(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport=LAPTOP)
    visit(page, server)
    page.route("**/words/editor*", lambda route: route.abort())
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("alert")).to_contain_text("The editor could not be fetched")
    page.get_by_role("button", name="Step", exact=True).click()
    assert at(page) == 1
    page.close()


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
