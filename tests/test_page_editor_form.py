"""The editor's form: it changes the same text, and nothing in it but what it touches."""

from __future__ import annotations

from editing import RUNS, faults, form, status, text, typed
from playwright.sync_api import Page, expect


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
