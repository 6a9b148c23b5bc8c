"""What people hear on any page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, expect_live, open_as, said


def test_who_follows_hears_of_news_on_any_page(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    page = at("/newsticker/", "journalist")
    page.locator(".follow").click()
    expect(page.locator(".follow")).to_have_attribute("aria-pressed", "true")
    page.goto("/chats/")
    expect_live(page)

    editor("POST", headline="Nachricht für Leser")

    expect(page.locator(".toast a")).to_have_text("Im Ticker: Nachricht für Leser")
    expect(page.locator(".toast a")).to_have_attribute("href", "/newsticker/")
    page.locator(".toast button").click()
    expect(page.locator(".toast")).to_have_count(0)


def test_who_is_barred_hears_it_at_once_and_is_refused(site: Site, visit: Callable[..., Visitor]) -> None:
    visitor = visit(site.process.url)
    reader = open_as(site, visitor, ARTICLE, "reader")
    with site.api("moderator") as moderator:
        me = int(reader.locator("newsroom-discussion").get_attribute("me") or 0)
        wish = {"scope": "comment", "until": None, "reason": "spam"}
        sanction = moderator.post(f"/api/v1/users/{me}/sanctions/", json=wish)
        assert sanction.is_success, sanction.text
        expect(reader.locator(".toast")).to_have_count(1)

        reader.fill("#composer-text", "Darf ich noch?")
        reader.keyboard.press("Control+Enter")
        expect(reader.locator("#composer-error")).to_be_visible()
        expect(reader.locator("#composer-text")).to_have_value("Darf ich noch?")
        expect(said(reader, "Darf ich noch?")).to_have_count(0)

        (complaint,) = visitor.complaints
        assert "403" in complaint
        visitor.complaints.clear()

        assert moderator.delete(f"/api/v1/sanctions/{sanction.json()['id']}/").is_success
        expect(reader.locator(".toast")).to_have_count(2)
        reader.keyboard.press("Control+Enter")
        expect(said(reader, "Darf ich noch?")).to_have_count(1)


def test_the_bell_counts_on_all_devices_until_the_page_of_notifications_was_seen(
    site: Site, visit: Callable[..., Visitor]
) -> None:
    page = open_as(site, visit(site.process.url), "/chats/", "reader")
    other = open_as(site, visit(site.process.url, width=390), "/chats/", "reader")
    with site.api("reader") as reader, site.api("journalist") as journalist:
        newest = max((each["id"] for each in reader.get("/api/v1/me/notifications/").json()["results"]), default=0)
        reader.put("/api/v1/me/notifications/read/", json={"upto": newest})
        mine = site.say(reader, "Wer antwortet mir?")
        expect(bell(page, "Benachrichtigungen")).to_be_visible()

        site.say(journalist, "Ich antworte.", mine)
        expect(bell(page, "Benachrichtigungen, 1 ungelesen")).to_be_visible()
        expect(other.locator(".bell-count")).to_have_text("1")
        other.reload()
        expect(bell(other, "Benachrichtigungen, 1 ungelesen")).to_be_visible()

        bell(page, "Benachrichtigungen, 1 ungelesen").click()
        line = page.locator(".told .is-unread")
        expect(line).to_contain_text("Auf Ihren Kommentar wurde geantwortet")
        expect(bell(page, "Benachrichtigungen")).to_be_visible()
        expect(bell(other, "Benachrichtigungen")).to_be_visible()
        expect(other.locator(".bell-count")).to_be_hidden()
        expect(page.get_by_role("button", name="Alle als gelesen")).to_be_hidden()

        site.say(journalist, "Und noch einmal.", mine)
        fresh = page.get_by_role("link", name="1 neue Benachrichtigung")
        fresh.click()
        expect(page.locator(".told .is-unread")).to_have_count(1)
        page.locator(".told .is-unread a").click()
        expect(said(page, "Und noch einmal.").last).to_be_in_viewport()


def bell(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)
