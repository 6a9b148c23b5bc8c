"""The side panel: newsticker and chats beside a page as a column, or on a phone as a sheet over it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, bring, expect_live, open_as
from tests.browser.entering import log_in
from tests.support.axe import violations

SHIFTS = """window.shifts = 0; new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) shifts += each.value;
}).observe({ type: "layout-shift", buffered: true });"""
UNSEEN = ".side [data-tab=ticker] [data-unseen]"


def test_a_column_follows_the_ticker_and_opens_an_item_inside(
    at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    page = at(ARTICLE)
    page.add_init_script(SHIFTS)
    page.reload()
    ticker = page.locator(".side newsroom-ticker:not([only])")
    expect(ticker.locator("[data-list] > li").first).to_be_visible()
    expect(ticker.locator("newsroom-live-badge")).to_have_attribute("state", "live")
    title, address = page.title(), page.url
    items = ticker.locator("[data-list] > li")
    shown = items.count()

    item = editor("POST", headline="Beiseite gesagt", text="Ganz **unter uns**.")
    expect(page.locator(UNSEEN)).to_have_text("1")
    expect(ticker.locator(".pill button")).to_have_text("1 neue Meldung")
    assert items.count() == shown
    assert page.title() == title
    editor("PATCH", item, headline="Beiseite geflüstert")
    bring(page)
    expect(page.locator(UNSEEN)).to_be_hidden()
    row = ticker.locator(f"#item-{item}")
    expect(row).to_contain_text("Beiseite geflüstert")
    assert page.evaluate("shifts") < 0.02
    assert violations(page) == []

    row.locator("summary").click()
    opened = page.locator(".side newsroom-ticker[only]")
    expect(opened.locator("strong").first).to_be_visible()
    expect(ticker).to_be_hidden()
    expect(page.locator("[data-address]")).to_have_attribute("href", row.locator(".item-place").get_attribute("href"))
    page.reload()
    expect(opened).to_contain_text("Ganz unter uns.")
    editor("PATCH", item, text="Laut und deutlich.")
    expect(opened).to_contain_text("Laut und deutlich.")
    page.locator("[data-return]").click()
    expect(ticker).to_be_visible()
    expect(opened).to_have_count(0)
    assert page.url == address

    ticker.locator("[data-sort=oldest]").click()
    expect(items.first).to_have_attribute("data-order", "1")
    page.reload()
    expect(items.first).to_have_attribute("data-order", "1")
    loaded = items.count()
    page.locator(".side [data-body]").evaluate("body => body.scrollTo(0, body.scrollHeight)")
    page.wait_for_function("n => document.querySelectorAll('.side [data-list] > li').length > n", arg=loaded)


def test_a_chat_opens_inside_and_is_written_in(at: Callable[..., Page]) -> None:
    reader, visitor = at(ARTICLE, "reader"), at(ARTICLE)
    for page in (reader, visitor):
        page.locator("[data-tab=ticker]").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-tab=chats]")).to_be_focused()
        chat = page.locator(".side .chat-row", has=page.locator("[data-field=chat]:visible")).first
        chat.locator("a").click()
        expect(page.locator(".side newsroom-chat newsroom-live-badge")).to_have_attribute("state", "live")
    count = reader.locator("main [data-comment-count]").first.inner_text()

    reader.locator(".side .composer textarea").fill("Vom Rand her")
    reader.keyboard.press("Enter")

    for page in (reader, visitor):
        expect(page.locator(".side li.comment:not(.is-pending)", has_text="Vom Rand her")).to_be_visible()
    assert reader.locator("main [data-comment-count]").first.inner_text() == count  # of the article's discussion
    assert violations(reader) == []
    visitor.go_back()
    expect(visitor.locator(".side newsroom-chats")).to_be_visible()
    visitor.reload()
    expect(visitor.locator(".side newsroom-chats")).to_be_visible()  # the tab is remembered

    visitor.context.set_offline(True)
    expect(visitor.locator("[data-advice=offline]")).to_be_visible()
    visitor.context.set_offline(False)
    expect(visitor.locator(".side-advice:visible")).to_have_count(0, timeout=30_000)


def test_a_chat_in_the_sheet_of_a_phone_opens_at_its_end_above_what_one_writes_in(
    site: Site, visit: Callable[..., Visitor]
) -> None:
    with site.api("reader") as reader:
        chat = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
        for number in range(12):
            path = f"/api/v1/discussions/{chat}/comments/"
            assert reader.post(path, json={"text": f"Am Rand {number}"}).status_code == 201
    page = open_as(site, visit(site.process.url, width=360), ARTICLE, "reader")
    page.locator("[data-open]").click()
    page.locator("[data-tab=chats]").click()
    page.locator(f".side .chat-row a[href='/chats/{chat}/']").click()

    expect(page.locator(".side newsroom-chat newsroom-live-badge")).to_have_attribute("state", "live")
    for size in ({"width": 360, "height": 640}, {"width": 844, "height": 390}):
        page.set_viewport_size(size)
        for each in (".composer textarea", ".composer [data-submit]", "li.comment >> nth=-1"):
            expect(page.locator(f".side newsroom-chat {each}")).to_be_in_viewport(ratio=1)
    assert page.locator(".side [data-body]").evaluate("body => body.scrollHeight <= body.clientHeight")


def test_a_discussion_opens_inside_under_its_title(at: Callable[..., Page], site: Site) -> None:
    with site.api("reader") as person:
        Site.say(person, "Damit sie oben steht")
    reader, visitor = at("/sections/kultur/", "reader"), at("/sections/kultur/")
    for page in (reader, visitor):
        page.locator("[data-tab=chats]").click()
        row = page.locator(".side .chat-row", has=page.locator(f"a[href='{ARTICLE}#discussion']"))
        title = row.locator("[data-field=title]").inner_text()
        row.locator("a").click()
        opened = page.locator(".side newsroom-discussion")
        expect(opened.locator("newsroom-live-badge")).to_have_attribute("state", "live")
        expect(page.get_by_role("complementary").get_by_role("heading", name=title)).to_be_visible()
        expect(page.locator("[data-address]")).to_have_attribute("href", f"{ARTICLE}#discussion")

    reader.locator(".side .composer textarea").fill("Vom Rand des Artikels")
    reader.locator(".side [data-submit]").click()

    mine = reader.locator(".side li.comment:not(.is-pending)", has_text="Vom Rand des Artikels")
    expect(mine).to_be_visible()
    pill = visitor.locator(".side .pill button:visible")
    line = visitor.locator(".side li.comment", has_text="Vom Rand des Artikels")
    expect(pill.or_(line).first).to_be_visible()
    reader.locator(".side [data-action=reply]:visible").first.click()
    expect(reader.get_by_label("Ihre Antwort")).to_be_focused()
    assert violations(reader) == []
    assert violations(visitor) == []
    visitor.reload()
    expect(opened).to_be_visible()
    visitor.locator("[data-return]").click()
    expect(visitor.locator(".side newsroom-chats")).to_be_visible()
    visitor.goto(ARTICLE)
    visitor.locator(f".side .chat-row a[href='{ARTICLE}#discussion']").click()
    expect(visitor).to_have_url(re.compile("#discussion$"))
    expect(visitor.locator("newsroom-discussion")).to_have_count(1)


def test_people_who_share_a_device_have_each_seen_what_they_have_seen(
    visit: Callable[..., Visitor], site: Site, editor: Callable[..., int]
) -> None:
    visitor = visit(site.process.url)
    page = open_as(site, visitor, ARTICLE, "moderator")
    expect(page.locator(".side newsroom-ticker")).to_be_attached()
    page.locator("[data-tab=chats]").click()  # nothing of the ticker is on screen
    editor("POST", headline="Für zwei an einem Gerät")
    expect(page.locator(UNSEEN)).to_have_text("1")
    marks = "Object.keys(localStorage).filter((name) => name.startsWith('seen.newsticker'))"
    assert len(page.evaluate(marks)) == 1
    log_out(page)
    page.goto(ARTICLE)
    page.locator("[data-tab=ticker]").click()
    expect(page.locator(".side newsroom-ticker")).to_contain_text("Für zwei an einem Gerät")
    expect(page.locator(UNSEEN)).to_be_hidden()
    page.locator("[data-tab=chats]").click()

    log_in(page, site.process, "moderator", ARTICLE)

    expect(page.locator(UNSEEN)).to_have_text("1")
    assert len(page.evaluate(marks)) == 2


def test_a_pinned_item_stands_once_on_top(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    item = editor("POST", headline="Oben angeheftet", pinned=True)
    live, page = at("/newsticker/"), at("/newsticker/")
    late = editor("POST", headline="Danach angeheftet")
    for each in (live, page):
        expect(each.locator(".pill button:visible")).to_be_visible()
        bring(each)
    editor("PATCH", late, pinned=True)
    page.reload()
    for each in (live, page):
        for headline in ("Oben angeheftet", "Danach angeheftet"):
            row = each.locator("main .item:visible", has_text=headline)
            expect(row).to_have_count(1)
            expect(row.locator("[data-field=pinned]")).to_be_visible()
    for each in (item, late):
        editor("PATCH", each, pinned=False)
        expect(live.locator(f"[data-list] > #item-{each}")).to_be_visible()


@pytest.mark.parametrize("path", ["/", ARTICLE])
def test_a_sheet_keeps_the_focus_and_gives_it_back(
    path: str, visit: Callable[..., Visitor], site: Site, editor: Callable[..., int]
) -> None:
    page = open_as(site, visit(site.process.url, width=320), path, None)
    button = page.get_by_role("button", name="Newsticker & Chats")
    expect(page.locator(".side newsroom-ticker")).to_be_attached()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    editor("POST", headline="Unter dem Blatt")
    expect(button.locator("[data-unseen]")).to_have_text("1")

    button.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Newsticker & Chats")
    expect(sheet.locator("[data-close]")).to_be_focused()
    expect(button.locator("[data-unseen]")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert violations(page) == []
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('.side')")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(button).to_be_focused()


def test_what_one_device_has_shown_is_seen_on_the_others(
    visit: Callable[..., Visitor], site: Site, editor: Callable[..., int]
) -> None:
    desk = open_as(site, visit(site.process.url), ARTICLE, "reader")
    expect(desk.locator(".side newsroom-ticker")).to_be_attached()
    desk.locator("[data-tab=chats]").click()
    phone = open_as(site, visit(site.process.url, width=390), ARTICLE, "reader")
    expect(phone.locator(".side newsroom-ticker")).to_be_attached()
    editor("POST", headline="Auf allen Geräten")
    editor("POST", headline="Auf allen Geräten, noch eine")
    unseen = phone.locator(".side-open [data-unseen]")
    for count in (unseen, desk.locator(UNSEEN)):
        expect(count).to_have_text("2")

    desk.locator("[data-tab=ticker]").click()

    for count in (unseen, desk.locator(UNSEEN)):
        expect(count).to_be_hidden()
    phone.reload()
    expect_live(phone)
    expect(unseen).to_be_hidden()


def log_out(page: Page) -> None:
    page.locator(".masthead .menu summary").click()
    page.locator(".masthead .menu form button").click()


def test_breaking_news_are_on_top_of_every_page_until_they_are_closed(
    at: Callable[..., Page], visit: Callable[..., Visitor], site: Site, editor: Callable[..., int]
) -> None:
    page = at(ARTICLE)
    page.add_init_script(SHIFTS)
    page.reload()
    expect(page.locator(".side newsroom-ticker [data-list] > li").first).to_be_visible()
    bar = page.locator(".breaking-bar")
    item = editor("POST", headline="Sturmflut erwartet", level="breaking")
    expect(bar).to_contain_text("Eilmeldung Sturmflut erwartet")
    editor("PATCH", item, headline="Sturmflut abgesagt")
    expect(bar).to_contain_text("Sturmflut abgesagt")
    assert page.evaluate("shifts") < 0.02
    assert violations(page) == []

    page.goto("/accounts/login/")  # without a ticker beside it
    expect(bar).to_contain_text("Sturmflut abgesagt")
    page.goto("/")
    expect(bar.locator("a")).to_have_attribute("href", re.compile(r"/newsticker/newsticker/\d+/"))
    expect_live(page)
    assert page.evaluate("shifts") < 0.02
    top, height = page.locator("main").bounding_box()["y"], bar.bounding_box()["height"]  # type: ignore[index]
    assert bar.bounding_box()["y"] + height <= top  # type: ignore[index]
    assert violations(page) == []
    with page.expect_response("**/breaking/"):
        bar.get_by_role("button").click()
    expect(bar).to_be_hidden()
    page.goto(ARTICLE)
    expect(page.locator(".side newsroom-ticker .is-breaking").first).to_be_visible()
    expect(bar).to_be_hidden()
    last = editor("POST", headline="Doch Sturmflut", level="breaking")
    expect(bar).to_contain_text("Doch Sturmflut")
    page.reload()
    expect(bar).to_contain_text("Doch Sturmflut")
    expect_live(page)
    editor("DELETE", last)
    expect(bar).to_be_hidden()
    assert page.evaluate("shifts") < 0.02

    plain = visit(site.process.url, script=False, width=390).page
    plain.goto("/chats/")
    plain.locator(".breaking-bar").get_by_role("button").click()
    expect(plain).to_have_url(re.compile("/chats/$"))
    expect(plain.locator(".breaking-bar")).to_be_hidden()
    editor("DELETE", item)


def test_without_scripts_pages_keep_their_width_and_lead_there(visit: Callable[..., Visitor], site: Site) -> None:
    page = visit(site.process.url, script=False).page
    page.goto(ARTICLE)
    expect(page.locator(".side")).to_be_hidden()
    page.locator(".masthead a", has_text="Newsticker").click()
    expect(page.locator("main newsroom-ticker")).to_be_visible()
