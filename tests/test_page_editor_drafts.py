"""The editor's drafts and files: nothing that was typed is lost."""

from __future__ import annotations

import re

from browser import LAPTOP, at, visit
from editing import faults, opened, text, typed
from playwright.sync_api import Browser, Page, expect


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
    expect(restore.first).to_have_accessible_name(re.compile("^Restore Newest, two"))
    page.get_by_role("button", name="Delete Draft 24").click()
    expect(restore).to_have_count(19)
    page.get_by_role("tabpanel").get_by_role("button", name="Undo").click()
    expect(restore).to_have_count(20)


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
