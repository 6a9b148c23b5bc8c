"""Writing in the page: marks by button and key, and a comment that waits for a connection."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.elements.conftest import ARTICLE, Site, expect_live, said
from tests.support.axe import violations

WAITS = "Wird gesendet, sobald wieder eine Verbindung besteht."


def test_marks_are_set_by_buttons_and_keys_and_taken_back(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "reader")
    text = page.locator("#composer-text")
    bar = page.locator("#composer").get_by_role("toolbar")
    text.scroll_into_view_if_needed()
    expect(bar).to_be_visible()  # fetched when the composer comes into sight
    assert violations(page, within="#composer") == []

    text.fill("eins zwei")
    text.press("Control+a")
    text.press("Control+b")
    expect(text).to_have_value("**eins zwei**")
    text.press("Control+i")
    expect(text).to_have_value("***eins zwei***")
    text.press("Control+i")
    text.press("Control+b")
    expect(text).to_have_value("eins zwei")
    text.press("Control+k")
    expect(text).to_have_value("[eins zwei](https://)")
    page.keyboard.type("https://example.org/")
    expect(text).to_have_value("[eins zwei](https://example.org/)")

    text.fill("oben\nunten")
    text.press("Control+a")
    bar.get_by_role("button", name="Zitat").click()
    expect(text).to_have_value("> oben\n> unten")
    text.press("Control+z")
    expect(text).to_have_value("oben\nunten")
    bar.get_by_role("button", name="Fett").focus()
    page.keyboard.press("ArrowLeft")
    expect(bar.get_by_role("button", name="Liste")).to_be_focused()
    text.fill("")


def test_a_comment_waits_for_the_connection_across_a_reload_and_is_sent_once(
    at: Callable[..., Page], site: Site
) -> None:
    words, dropped = "Das schreibe ich im Tunnel", "Das will ich doch nicht"
    page = at(ARTICLE, "reader")
    refuse = lambda route: route.abort() if route.request.method == "POST" else route.continue_()  # noqa: E731
    page.route("**/comments/", refuse)
    for each in (words, dropped):
        page.locator("#composer-text").fill(each)
        page.locator("#composer [data-submit]").click()
        line = page.locator("li.is-pending", has_text=each)
        expect(line.get_by_text(WAITS)).to_be_visible()
        expect(page.locator("#composer-text")).to_have_value("")
    page.locator("li.is-pending", has_text=dropped).get_by_role("button", name="Verwerfen").click()
    expect(page.locator("li.is-pending", has_text=dropped)).to_have_count(0)

    page.reload()
    expect_live(page)
    line = page.locator("li.is-pending", has_text=words)
    expect(line.get_by_text(WAITS)).to_be_visible()
    assert violations(page, within="li.is-pending") == []
    line.get_by_role("button", name="Noch einmal versuchen").click()
    expect(line.get_by_text(WAITS)).to_be_visible()
    page.unroute("**/comments/", refuse)  # then it goes by itself
    expect(said(page, words)).to_have_count(1, timeout=30_000)
    expect(line).to_have_count(0)
    page.reload()
    expect_live(page)
    expect(said(page, words)).to_have_count(1)
    expect(page.locator("li.is-pending")).to_have_count(0)
    expect(page.get_by_text(dropped)).to_have_count(0)
