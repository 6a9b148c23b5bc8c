"""The reader's pages for those who hear them, or who have no mouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.support.axe import violations
from tests.support.product import Demo, demo

ARTICLE = "/articles/lichterfest-am-hafen/"
PAGES = ("/", ARTICLE, "/sections/kultur/", "/newsticker/", "/chats/", "/search/?q=Brücke", "/imprint/")
OUTSIDE = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
INSIDE = ("/accounts/profile/", "/accounts/email/", "/accounts/2fa/", "/accounts/sessions/")


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder()) as process:
        yield process


@pytest.mark.parametrize(("role", "width"), [("", 390), ("reader", 390), ("moderator", 1280)])
def test_no_page_breaks_a_rule_of_accessibility(
    site: Demo, visit: Callable[..., Visitor], role: str, width: int
) -> None:
    page = visit(site.url, width=width).page
    if role:
        log_in(page, site, role)
    page.goto("/chats/")
    chat = page.locator(".chat-row", has=page.locator("[data-field=chat]:visible")).first
    paths = (*PAGES, chat.locator("a").first.get_attribute("href") or "", *(INSIDE if role else OUTSIDE))
    found = {}
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("load")
        found[path] = violations(page)

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_comment_is_one_stop_of_the_tab_key_and_its_links_say_whose_it_is(
    site: Demo, visit: Callable[..., Visitor]
) -> None:
    page = visit(site.url).page
    log_in(page, site, "reader")
    page.goto(ARTICLE)
    _expect_live(page)
    boxes = page.locator("[data-list] .comment-box")
    author = boxes.first.locator("[data-field=author]").inner_text()
    deeds = boxes.first.get_by_role("toolbar", name=author)
    reply = deeds.get_by_role("link", name=f"Antworten auf {author}")
    for foot in page.locator("[data-list] .comment-foot").all():
        expect(foot.locator("[tabindex='0']")).to_have_count(1)

    boxes.first.locator("[data-field=link]").focus()
    page.keyboard.press("Tab")
    expect(reply).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(deeds.get_by_role("link", name=f"Zitieren: {author}")).to_be_focused()
    page.keyboard.press("Home")
    expect(reply).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(deeds.locator("button:visible").last).to_be_focused()
    page.keyboard.press("Tab")
    assert not deeds.evaluate("bar => bar.contains(document.activeElement)")


def test_what_was_posted_is_announced_and_people_are_offered_by_name(site: Demo, visit: Callable[..., Visitor]) -> None:
    page = visit(site.url).page
    log_in(page, site, "reader")
    page.goto(ARTICLE)
    _expect_live(page)
    text = page.locator("#composer-text")
    text.press_sequentially("@So")
    expect(page.get_by_role("listbox", name="Beteiligte an dieser Diskussion")).to_be_visible()
    text.press("Escape")
    text.fill("Ein schöner Abend am Hafen.")

    page.locator("[data-submit]").click()

    said = page.locator("newsroom-discussion [data-announce]")
    expect(said).to_have_text("Ihr Kommentar ist veröffentlicht.")
    expect(page.locator("[data-list] .comment-box", has_text="Ein schöner Abend")).to_have_count(1)
    new = page.locator("[data-list] > li", has_text="Ein schöner Abend").first
    expect(new.get_by_role("link", name=re.compile("^Antworten auf "))).to_be_visible()
    expect(said).to_have_text("Ihr Kommentar ist veröffentlicht.")


def _expect_live(page: Page) -> None:
    badge = page.locator("newsroom-discussion newsroom-live-badge")
    expect(badge).to_have_attribute("state", "live", timeout=30_000)
