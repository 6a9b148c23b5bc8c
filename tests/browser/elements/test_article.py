"""The head of an article, live: its number of comments, and sharing it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.elements.conftest import ARTICLE, Site

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
