"""The reader's pages for those who hear them, or who have no mouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.browser.sending import retracted, send
from tests.support.axe import violations
from tests.support.product import Demo, demo

ARTICLE = "/articles/lichterfest-am-hafen/"


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder()) as process:
        yield process


def test_no_page_that_a_deed_leads_to_breaks_a_rule(site: Demo, visit: Callable[..., Visitor]) -> None:
    """Forms of one's own and of moderators, forms that come back, and pages of errors."""
    visitor, taken_back = visit(site.url, width=390), retracted(visit(site.url).page, site)
    page = visitor.page
    log_in(page, site, "moderator", ARTICLE)
    form = page.locator("form#composer").get_attribute("action") or ""
    other = (
        (page.locator("main [data-list] [data-field=link]").first.get_attribute("href") or "").strip("/").split("/")[-1]
    )
    send(page, form, text="Bin gespannt.")
    mine = page.locator("main [data-list] > .comment", has_text="Bin gespannt.").first
    own = (mine.locator("[data-field=link]").first.get_attribute("href") or "").strip("/").split("/")[-1]
    found = {}

    def look(status: int, path: str, **fields: str) -> None:
        with page.expect_response(
            lambda answer: answer.request.is_navigation_request() and answer.status != 302
        ) as come:
            send(page, path, **fields) if fields else page.goto(path)
        assert come.value.status == status, path
        found[path, *fields] = violations(page)

    for path in (f"/comments/{own}/", f"/comments/{own}/edit/", f"/comments/{own}/replies/"):
        look(200, path)
    look(200, "/accounts/password/change/")
    look(200, "/accounts/2fa/totp/activate/")  # asks for the password first
    look(200, page.url, password=site.accounts["moderator"]["password"])
    assert urlsplit(page.url).path == "/accounts/2fa/totp/activate/"
    look(422, f"/comments/{own}/edit/", text=" ")
    look(422, form, text=" ", parent=own)
    look(403, f"/comments/{other}/edit/")
    look(403, form, text="Ohne Marke", csrfmiddlewaretoken="x" * 32)
    look(404, "/nothing/")
    look(410, taken_back)
    look(413, form, text="x" * 4_000_001)
    send(page, f"/comments/{own}/edit/", withdraw="1")
    look(200, f"/comments/{own}/edit/")  # where that can be undone
    look(200, f"/comments/{other}/moderate/")
    look(422, f"/comments/{other}/moderate/", action="remove")
    visitor.complaints[:] = [each for each in visitor.complaints if "responded with a status of 4" not in each]

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_comment_is_one_stop_of_the_tab_key_and_its_links_say_whose_it_is(
    site: Demo, visit: Callable[..., Visitor]
) -> None:
    page = visit(site.url).page
    log_in(page, site, "reader")
    page.goto(ARTICLE)
    _expect_live(page)
    boxes = page.locator("main [data-list] li.comment:not(.is-gone) > .comment-box")
    box = boxes.filter(has=page.get_by_role("link", name="Wer?")).first
    author = box.locator("[data-field=author]").inner_text()
    deeds = box.get_by_role("toolbar", name=author)
    reply = deeds.get_by_role("link", name=f"Antworten auf {author}")
    for foot in boxes.locator(".comment-foot").all():
        expect(foot.locator("[tabindex='0']")).to_have_count(1)

    box.locator("[data-field=link]").focus()
    page.keyboard.press("Tab")
    expect(reply).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(deeds.get_by_role("link", name=f"Zitieren: {author}")).to_be_focused()
    page.keyboard.press("Home")
    expect(reply).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(deeds.get_by_role("link", name="Wer?")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(deeds.get_by_role("link", name="Reagieren")).to_be_focused()
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
    expect(page.locator("main [data-list] .comment-box", has_text="Ein schöner Abend")).to_have_count(1)
    new = page.locator("main [data-list] > li", has_text="Ein schöner Abend").first
    expect(new.get_by_role("link", name=re.compile("^Antworten auf "))).to_be_visible()
    expect(said).to_have_text("Ihr Kommentar ist veröffentlicht.")


def _expect_live(page: Page) -> None:
    badge = page.locator("newsroom-discussion newsroom-live-badge")
    expect(badge).to_have_attribute("state", "live", timeout=30_000)
