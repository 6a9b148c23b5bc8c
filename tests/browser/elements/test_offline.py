"""Articles that were opened can be read without a network, by whoever has opened them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, expect_live, open_as, said
from tests.browser.entering import log_in
from tests.support.axe import violations

KEPT = "async () => (await caches.keys()).filter((name) => name.startsWith('page '))"
# Resolves once what `kept` (the names of kept pages) and `found` (names of the files of the last one) say is true.
UNTIL = """async (path) => {
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  for (;;) {
    const kept = (await caches.keys()).filter((name) => name.startsWith("page "));
    const last = kept.at(-1);
    const found = last ? (await (await caches.open(last)).keys()).map((each) => each.url) : [];
    if (TRUE) return;
    await pause();
  }
}"""
IS_KEPT = UNTIL.replace("TRUE", "last?.endsWith(` ${path}`) && found.some((url) => url.endsWith(`.js`))")
NOT_OF_PERSONS = UNTIL.replace("TRUE", "!kept.some((name) => name.startsWith('page user.'))")
HAS_OFFLINE = UNTIL.replace("TRUE", "await caches.match('/offline/')")
DRAWN = (
    "() => [...document.querySelectorAll('main .story img')].every((each) => each.complete && each.naturalWidth > 0)"
)


@pytest.fixture
def visitor(site: Site, visit: Callable[..., Visitor]) -> Visitor:
    return visit(site.process.url, width=390, keeps=True)


def notice(page: Page) -> Locator:
    return page.locator("main > .notice", has_text="Sie sind offline. Das ist die Seite, wie sie damals war: ")


def kept(page: Page, path: str = ARTICLE) -> None:
    page.evaluate(IS_KEPT, path)


def test_an_opened_article_is_read_and_answered_without_a_network(site: Site, visitor: Visitor) -> None:
    page, words = open_as(site, visitor, ARTICLE, "reader"), "Das schreibe ich im Funkloch"
    kept(page)
    expect(notice(page)).to_have_count(0)
    visitor.context.set_offline(True)

    page.goto("/newsticker/")
    expect(page.get_by_role("heading", name="Keine Verbindung")).to_be_visible()
    assert violations(page, within="main") == []
    title = page.locator("newsroom-kept a")
    expect(title).to_have_attribute("href", f"{site.process.url}{ARTICLE}")
    title.click()
    expect(notice(page)).to_be_visible()
    assert violations(page, within="main") == []
    page.wait_for_function(DRAWN)
    assert page.evaluate("getComputedStyle(document.querySelector('.story h1')).fontFamily") != "Times New Roman"

    page.locator("#composer-text").fill(words)
    page.locator("#composer [data-submit]").click()
    line = page.locator("li.is-pending", has_text=words)
    expect(line.get_by_text("Das haben Sie ohne Verbindung geschrieben.")).to_be_visible()

    visitor.context.set_offline(False)
    notice(page).get_by_role("button", name="Noch einmal versuchen").click()
    expect_live(page)
    expect(notice(page)).to_have_count(0)
    expect(said(page, words)).to_have_count(0)
    line.get_by_role("button", name="Jetzt senden").click()
    expect(said(page, words)).to_have_count(1)
    expect(line).to_have_count(0)


def test_nobody_reads_on_a_device_what_another_person_has_opened_there(site: Site, visitor: Visitor) -> None:
    page = open_as(site, visitor, ARTICLE, "reader")
    kept(page)
    (name,) = page.evaluate(KEPT)
    assert name.startswith("page user.")
    page.goto("/chats/")
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Abmelden").click()
    page.get_by_role("link", name="Anmelden").first.wait_for()
    expect(page.locator("newsroom-bell")).to_have_count(0)
    page.evaluate(NOT_OF_PERSONS)
    page.evaluate(HAS_OFFLINE)  # which went with all that was kept, and comes back with the next page

    visitor.context.set_offline(True)
    page.goto(ARTICLE)
    expect(page.get_by_role("heading", name="Keine Verbindung")).to_be_visible()
    expect(page.locator("newsroom-kept")).to_be_hidden()
    visitor.context.set_offline(False)

    page.goto(ARTICLE)
    kept(page)
    visitor.context.set_offline(True)
    page.goto(f"{ARTICLE}?utm_source=x#discussion")
    expect(notice(page)).to_be_visible()
    expect(page.locator(".menu")).to_have_count(0)


def test_of_many_opened_articles_the_latest_are_kept_and_nothing_of_moderators(
    site: Site, visitor: Visitor, visit: Callable[..., Visitor]
) -> None:
    page = visitor.page
    page.goto("/")
    paths = [each["url"] for each in page.request.get("/api/v1/articles/?limit=30").json()["results"]]
    for path in paths[:3]:
        page.goto(path)
        kept(page, path)
    page.goto(paths[0])
    kept(page, paths[0])
    assert len(page.evaluate(KEPT)) == 3

    moderator = visit(site.process.url, keeps=True)
    page = open_as(site, moderator, ARTICLE, "moderator")
    page.evaluate(HAS_OFFLINE)
    page.goto("/")
    assert page.evaluate(KEPT) == []


def test_a_browser_is_asked_for_push_only_by_the_button_and_a_refusal_is_told(site: Site, visitor: Visitor) -> None:
    page = visitor.page
    log_in(page, site.process, "reader", "/accounts/notifications/preferences/")
    button = page.locator("newsroom-push").get_by_role("button", name="Einschalten")
    expect(button).to_be_enabled()
    assert violations(page, within="newsroom-push") == []
    button.click()  # this browser without a window refuses
    expect(page.locator("newsroom-push output")).to_have_text(
        "Ihr Browser erlaubt es nicht. Das ändern Sie in seinen Einstellungen für diese Website."
    )
    expect(button).to_be_enabled()
    visitor.complaints.clear()  # the browser says there why it has refused
