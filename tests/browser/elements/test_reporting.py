"""Readers report a comment in the page: by mouse and keyboard, on phones, and where it does not work out."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.elements.conftest import ARTICLE, Site, said
from tests.support.axe import violations

PHONE = {"width": 390, "height": 844}


def report_of(page: Page, words: str) -> Locator:
    return said(page, words).locator("> .comment-box [data-action=report]")


def test_a_report_is_sent_from_the_dialog_and_known_the_second_time(at: Callable[..., Page], site: Site) -> None:
    reader = at(ARTICLE, "reader")
    with site.api("moderator") as moderator:
        site.say(moderator, "Das sagt die Moderation")
        expect(said(reader, "Das sagt die Moderation")).to_be_visible()
        reader.set_viewport_size(PHONE)
        report_of(reader, "Das sagt die Moderation").focus()
        reader.keyboard.press("Enter")
        dialog = reader.locator("newsroom-report dialog[open]")
        expect(dialog).to_contain_text("Das sagt die Moderation")
        assert violations(reader, within="newsroom-report dialog") == []
        assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")

        dialog.locator("form button").click()  # no reason is chosen by itself
        expect(dialog.locator("[data-answer]")).to_be_empty()
        dialog.locator("select").select_option("off_topic")
        dialog.locator("textarea").fill("Gehört nicht hierher")
        reader.context.set_offline(True)
        dialog.locator("form button").click()
        expect(dialog.locator("[data-answer]")).to_contain_text("nicht erreichbar")
        expect(dialog.locator("textarea")).to_have_value("Gehört nicht hierher")
        reader.context.set_offline(False)
        dialog.locator("form button").click()
        expect(dialog.locator("[data-answer]")).to_contain_text("Danke.")
        expect(dialog.locator("form")).to_be_hidden()
        expect(dialog.locator("[data-close]")).to_be_focused()
        reader.keyboard.press("Enter")
        expect(report_of(reader, "Das sagt die Moderation")).to_be_focused()

        reader.keyboard.press("Enter")
        dialog.locator("select").select_option("spam")
        dialog.locator("form button").click()
        expect(dialog.locator("[data-answer]")).to_contain_text("schon gemeldet")
        cases = moderator.get("/api/v1/moderation/cases/?kind=reported").json()["results"]
        assert [case["reports"]["newest"][0]["text"] for case in cases] == ["Gehört nicht hierher"]


def test_a_stranger_is_led_to_log_in_and_ones_own_comment_offers_no_report(at: Callable[..., Page], site: Site) -> None:
    reader, stranger = at(ARTICLE, "reader"), at(ARTICLE)
    with site.api("reader") as person:
        number = site.say(person, "Das ist mein eigener")
    expect(report_of(stranger, "Das ist mein eigener")).to_be_visible()
    expect(report_of(reader, "Das ist mein eigener")).to_be_hidden()

    report_of(stranger, "Das ist mein eigener").click()

    stranger.wait_for_url(f"**/accounts/login/?next=/comments/{number}/report/")
