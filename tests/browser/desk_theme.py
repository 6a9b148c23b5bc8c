"""What the admin's theme draws alike on every page: bar, search, filters, calendar, languages."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.pressing import Desk

SETTLED = (
    "() => document.fonts.ready.then(() => new Promise((done) => "
    "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))))"
)


def the_theme(desk: Desk, article: str) -> None:
    """What the theme draws alike on every page: each press changes something, and all that it opens is pressed."""
    page = desk.page
    desk.open("/admin/articles/article/")
    for name in ("dark", "light", "auto"):
        _menu(desk)
        desk.touch("theme switchTheme", page.locator(f"[x-on\\:click=\"switchTheme('{name}')\"]"))
    _side_bar(desk)
    desk.touch("theme $dispatch", page.locator("[x-on\\:click*=opencommand]"))
    expect(page.locator("input[name=s]")).to_be_focused()  # what is typed before is lost
    page.locator("input[name=s]").press_sequentially("Arti")
    expect(page.locator("#command-results-list a").first).to_be_visible()
    desk.touch("button command-submit", page.locator("#command-submit"), stirs=False)
    desk.touch("theme handleClear", page.locator("[x-on\\:click^=handleClear]"), stirs=False)
    expect(page.locator("input[name=s]")).to_have_value("")
    page.locator("input[name=s]").press_sequentially("Arti")
    desk.press("theme selectItem", page.locator("#command-results-list [x-on\\:click^=selectItem]").first)
    desk.open("/admin/articles/article/")
    desk.touch("theme filterOpen", page.locator("[x-on\\:click='filterOpen = true']"))
    with page.expect_navigation():
        page.locator("#changelist-filter a", has_text="Veröffentlicht").click()
    page.fill("#searchbar", article)
    desk.press("button searchbar-submit", page.locator("#searchbar-submit"))
    expect(page.locator("#result_list tbody tr").first).to_contain_text(article)
    desk.into(article)
    desk.more()
    desk.press("link history", page.locator("a[href*='/history/']:visible"))
    _languages(desk)
    desk.open("/admin/articles/article/add/")
    for place, field in (("calendar", "#id_appear_at_0"), ("clock", "#id_appear_at_1")):
        desk.touch(f"button {place}link", page.locator(f"#{place}link0"))
        page.locator(f".{place}box a:visible").nth(3).click()
        expect(page.locator(field)).not_to_have_value("")


def log_out(desk: Desk) -> None:
    desk.open("/admin/")
    _menu(desk)
    desk.press("menu logout", desk.page.locator("#logout-form button"))
    desk.touch("theme openTheme", desk.page.locator("[x-on\\:click^=openTheme]"))
    desk.touch("theme adminTheme", desk.page.locator("[x-on\\:click^=adminTheme]:visible").first)
    desk.page.goto("/admin/")
    expect(desk.page).to_have_url(re.compile("/accounts/login/"))


def _languages(desk: Desk) -> None:
    for language in ("English en", "Русский ru", "Deutsch de"):
        _menu(desk)
        desk.press(f"menu {language}", desk.page.locator("#nav-sidebar-inner button", has_text=language[:-3]))
        expect(desk.page.locator("html")).to_have_attribute("lang", language[-2:])


def _menu(desk: Desk) -> None:
    """The menu of the person, in the bar at the side."""
    _side_bar(desk)
    if not desk.page.locator("[x-on\\:click^=switchTheme]").first.is_visible():
        desk.touch("theme if", desk.page.locator("[x-on\\:click*='openUserLinks = !']"))


def _side_bar(desk: Desk) -> None:
    desk.page.evaluate(SETTLED)  # the bar closes whenever the page changes its size, which letters that arrive do
    if not desk.page.locator("#nav-sidebar-inner").is_visible():
        desk.touch("theme sidebarToggle", desk.page.locator("[x-on\\:click^=sidebarToggle]:visible").first)
