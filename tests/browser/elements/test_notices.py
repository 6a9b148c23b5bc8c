"""What people hear on any page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, expect_live, open_as, said
from tests.support.services import wait_for


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


def test_who_follows_the_discussion_of_an_article_finds_what_is_said_at_the_bell(
    site: Site, at: Callable[..., Page]
) -> None:
    page = at(ARTICLE, "editor")
    follow = page.locator("newsroom-discussion .follow")
    follow.click()
    expect(follow).to_have_text("Diskussion abonniert")
    page.goto("/imprint/")
    with site.api("reader") as reader:
        site.say(reader, "Das steht nun in der Diskussion, der jemand folgt.")

    expect(page.locator(".toast a")).to_contain_text("Neue Kommentare")
    page.locator("newsroom-bell a").click()
    row = page.locator("newsroom-notifications li").first
    expect(row).to_contain_text("Neue Kommentare")
    expect(row.locator("a")).to_have_attribute("href", f"{ARTICLE}#discussion")
    page.goto(ARTICLE)
    expect(follow).to_have_attribute("aria-pressed", "true")
    follow.click()
    expect(follow).to_have_text("Diskussion abonnieren")


def test_who_is_barred_hears_it_at_once_and_keeps_the_text(site: Site, visit: Callable[..., Visitor]) -> None:
    reader = open_as(site, visit(site.process.url), ARTICLE, "reader")
    barred = reader.locator("main [data-barred]")
    with site.api("moderator") as moderator:
        me = int(reader.locator("newsroom-discussion").get_attribute("me") or 0)
        reader.fill("#composer-text", "Darf ich noch?")
        elsewhere = {"scope": "report", "until": None, "reason": "spam"}
        other = moderator.post(f"/api/v1/users/{me}/sanctions/", json=elsewhere)
        expect(reader.locator(".toast")).to_have_count(1)
        expect(reader.locator("#composer-text")).to_be_focused()  # nothing here has changed
        wish = {"scope": "comment", "until": None, "reason": "spam", "text": "Dreimal dieselbe Werbung."}
        sanction = moderator.post(f"/api/v1/users/{me}/sanctions/", json=wish)
        assert sanction.is_success, sanction.text
        expect(reader.locator(".toast")).to_have_count(2)
        expect(barred).to_contain_text("Für Sie dauerhaft gesperrt: Kommentieren. Grund: Spam")
        expect(barred).to_contain_text("Dreimal dieselbe Werbung.")
        expect(barred.locator("a")).to_have_text(["Was hier gilt", "Sie halten das für falsch? Schreiben Sie uns"])
        expect(reader.locator("main form[data-composer]")).to_have_count(0)

        for each in (sanction, other):
            assert moderator.delete(f"/api/v1/sanctions/{each.json()['id']}/").is_success
        expect(reader.locator("#composer-text")).to_have_value("Darf ich noch?")
        expect(barred).to_have_count(0)
        reader.locator("#composer-text").press("Control+Enter")
        expect(said(reader, "Darf ich noch?")).to_have_count(1)


def test_the_composer_comes_by_itself_when_a_restriction_is_over(site: Site, at: Callable[..., Page]) -> None:
    with site.api("moderator") as moderator, site.api("reader") as me:
        chat = me.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
        person = me.get("/api/v1/me/").json()["id"]
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        wish = {"scope": "all", "until": until, "reason": "insult"}
        sanction = moderator.post(f"/api/v1/users/{person}/sanctions/", json=wish).json()["id"]
        page = at(ARTICLE, "reader")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.clock.install()
        page.reload()
        page.locator("newsroom-side [data-tab=chats]").click()
        page.locator(f'newsroom-side a[href="/chats/{chat}/"]').first.click()
        for place in ("main", "newsroom-side"):
            barred = page.locator(f"{place} newsroom-barred")
            expect(barred).to_contain_text("Grund: Beleidigung")
            expect(barred.locator("[data-left]")).to_have_text(re.compile(r"in \d+ Minuten"))
            expect(page.locator(f"{place} form[data-composer]")).to_have_count(0)

        asked = {ARTICLE, f"/chats/{chat}/"}
        page.on("request", lambda request: asked.discard(urlsplit(request.url).path))
        page.clock.fast_forward("58:30")
        expect(page.locator("newsroom-side [data-left]")).to_have_text(re.compile(r"in \d+ Sekunden"))
        page.clock.fast_forward("02:00")
        wait_for(lambda: page.evaluate("1") and not asked, seconds=60)
        page.wait_for_load_state("networkidle")
        assert moderator.delete(f"/api/v1/sanctions/{sanction}/").is_success
        for place in ("main", "newsroom-side"):
            expect(page.locator(f"{place} form[data-composer]")).to_be_visible()
            expect(page.locator(f"{place} [data-barred]")).to_have_count(0)
        page.locator("#side-composer-text").fill("Wieder da")
        page.locator("#side-composer-text").press("Control+Enter")
        expect(page.locator("newsroom-side li.comment:not(.is-pending)", has_text="Wieder da")).to_have_count(1)


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
        expect(fresh).to_be_hidden()  # on the page as it comes anew
        expect(page.locator(".told .is-unread")).to_have_count(1)
        page.locator(".told .is-unread a").click()
        expect(said(page, "Und noch einmal.").last).to_be_in_viewport()


def bell(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)
