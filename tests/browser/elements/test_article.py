"""The head of an article, live: its number of comments, and sharing it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.elements.conftest import ARTICLE, Site

BLOG = "/articles/lichterfest-am-hafen/"
PLACE = "document.getElementById('discussion').getBoundingClientRect().top"
SHEET = "navigator.share = async (what) => { window.shared = what; }"  # Chromium on Linux has none of its own


def test_the_number_of_comments_rises_at_the_head_and_leads_to_them(site: Site, at: Callable[..., Page]) -> None:
    page = at(ARTICLE)
    link = page.locator(".story-facts [data-comment-count]")
    before = int(re.sub(r"\D", "", link.inner_text()))

    with site.api("reader") as reader:
        site.say(reader, "Das zählt oben mit.")

    expect(link).to_have_text(f"{before + 1} Kommentare")
    link.click()
    page.wait_for_function(f"Math.abs({PLACE}) < 100")


def test_it_is_shared_by_the_systems_sheet_or_by_its_copied_address(site: Site, at: Callable[..., Page]) -> None:
    page = at(ARTICLE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    share = page.locator("newsroom-share a")
    address = share.get_attribute("href")
    assert address
    assert address.endswith(ARTICLE)

    share.click()
    expect(share).to_have_text("Link kopiert")
    expect(page.locator("newsroom-share [data-answer]")).to_have_text("Link kopiert")
    assert page.evaluate("navigator.clipboard.readText()") == address

    page.evaluate(SHEET)
    share.click()
    page.wait_for_function("window.shared")
    assert page.evaluate("shared") == {"url": address, "title": page.locator("h1").inner_text()}


def test_the_head_of_a_live_blog_is_live(site: Site, at: Callable[..., Page], editor: Callable[..., int]) -> None:
    page = at(BLOG)
    blog = page.locator("newsroom-blog")
    keys = blog.locator("[data-keys] li")
    before = keys.count()
    expect(blog.locator("[data-state]")).to_have_text("Läuft")
    assert before

    item = editor("POST", ticker="lichterfest", headline="Das Feuerwerk beginnt", key_event=True, text="Es knallt.")
    expect(keys).to_have_count(before + 1)
    keys.first.get_by_role("link", name="Das Feuerwerk beginnt").click()
    shown = page.locator(f"#item-{item}")
    expect(shown).to_be_in_viewport()
    expect(shown.locator("summary")).to_be_focused()
    expect(shown.get_by_text("Es knallt.")).to_be_visible()
    expect(shown.get_by_text("Schlüsselmoment", exact=True)).to_be_visible()
    assert page.url.endswith(BLOG)

    editor("PATCH", item, key_event=False)
    expect(keys).to_have_count(before)
    expect(shown.get_by_text("Schlüsselmoment", exact=True)).to_be_hidden()
    editor("DELETE", item)

    desk = at(BLOG, "editor")
    desk.goto(f"{site.process.url}/admin/articles/ticker/?q=lichterfest")
    desk.locator("#result_list").get_by_role("link", name="Lichterfest").first.click()
    desk.wait_for_url("**/change/**")
    desk.wait_for_load_state("networkidle")
    change = desk.url
    for box, state in ((True, "Beendet"), (False, "Läuft")):
        desk.goto(change)
        desk.get_by_label("Zusammenfassung").fill(f"Es **{'regnet' if box else 'schneit'}**.")
        desk.get_by_label("Das Liveblog ist beendet").set_checked(box)
        desk.locator("[name=_save]").click()
        desk.wait_for_url("**/ticker/*")
        desk.wait_for_load_state("networkidle")
        expect(blog.locator("[data-state]")).to_have_text(state)
        expect(blog.locator("[data-summary]")).to_have_text("Es regnet." if box else "Es schneit.")
