"""A long discussion in the page: branches are folded, what is new since the last visit is marked, and forms open in
place.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, bring, expect_live, open_as
from tests.support.axe import violations


def test_a_branch_is_folded_by_keyboard_and_stays_so(at: Callable[..., Page], site: Site) -> None:
    with site.api("moderator") as moderator, site.api("journalist") as journalist:
        top = site.say(moderator, "Hier beginnt der Zweig")
        first = site.say(journalist, "Zuerst dies", top)
        below = site.say(moderator, "Unter dem ersten", first)
        second = site.say(journalist, "Dann das", top)
        page = at(ARTICLE, "reader")
        button = page.locator(f"#comment-{top} > .comment-box [data-branch]")
        expect(button).to_have_accessible_name("3 Antworten einklappen")
        expect(page.locator(f"#comment-{second} > .comment-box [data-branch]")).to_have_count(0)

        button.focus()
        button.press("Enter")
        expect(button).to_have_attribute("aria-expanded", "false")
        expect(button).to_have_accessible_name("3 Antworten anzeigen")
        expect(button).to_have_text("+3")
        for each in (first, below, second):
            expect(page.locator(f"#comment-{each}")).to_be_hidden()
        assert violations(page, within=f"#comment-{top}") == []
        button.press("Enter")
        expect(button).to_be_focused()
        expect(page.locator(f"#comment-{below}")).to_be_visible()
        button.press("Enter")
        last = site.say(journalist, "Noch eine Antwort", top)
        bring(page)  # which one wants to read
        expect(button).to_have_accessible_name("4 Antworten einklappen")
        for each in (first, below, second, last):
            expect(page.locator(f"#comment-{each}")).to_be_visible()


def test_what_is_new_since_the_last_visit_is_marked_and_a_button_leads_there(
    at: Callable[..., Page], site: Site
) -> None:
    expect(at(ARTICLE).locator("[data-unread]")).to_have_count(0)  # at a first visit nothing is
    page, other = at(ARTICLE, "reader"), at("/", "reader")  # two devices of a person
    page.locator("#discussion-title").scroll_into_view_if_needed()
    page.locator("[data-list] > li").first.scroll_into_view_if_needed()
    page.goto("/")
    with site.api("moderator") as moderator, site.api("reader") as reader:
        above = site.say(moderator, "Das ist neu")
        reply = site.say(moderator, "Auch das ist neu", above)
        site.say(reader, "Das ist von mir")

    for device in (other, page):
        device.goto(ARTICLE)
        expect_live(device)
        expect(device.locator("[data-unread]")).to_have_count(2)
    jump = page.get_by_role("button", name="2 neue Kommentare seit Ihrem letzten Besuch")
    for each in (above, reply, above):
        jump.click()
        expect(page.locator(f"#comment-{each} > .comment-box")).to_be_focused()
        expect(page.locator(f"#comment-{each} > .comment-box")).to_be_in_viewport()
    page.goto("/")
    for device in (page, other):
        device.goto(ARTICLE)
        expect_live(device)
        expect(device.locator("[data-unread]")).to_have_count(0)


def test_a_reply_is_looked_at_before_it_is_sent(at: Callable[..., Page], site: Site) -> None:
    with site.api("moderator") as moderator:
        top = site.say(moderator, "Wer sieht sich an, was er schreibt?")
    page = at(ARTICLE, "reader")
    page.locator(f"#comment-{top} [data-action=reply]").click()
    form = page.locator("[data-reply-form]")
    text = form.get_by_role("textbox")
    form.get_by_role("button", name="Vorschau").click()
    expect(form.get_by_role("region", name="Vorschau")).to_have_text("Bitte schreiben Sie zuerst etwas.")
    form.get_by_role("button", name="Weiterschreiben").click()
    expect(text).to_be_focused()

    text.fill("Das ist **wichtig**.")
    form.get_by_role("button", name="Vorschau").press("Enter")
    shown = form.get_by_role("region", name="Vorschau")
    expect(shown.locator("strong")).to_have_text("wichtig")
    expect(shown).to_be_focused()
    expect(text).to_be_hidden()
    assert violations(page, within="[data-reply-form]") == []
    form.locator("[data-submit]").click()
    expect(form).to_have_count(0)
    expect(page.locator(f"#comment-{top} [data-replies] strong")).to_have_text("wichtig")


UNCOVERED = """button => {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const isTop = (x) => button.contains(document.elementFromPoint(x, (top + bottom) / 2));
  return isTop(left + 3) && isTop(right - 3);
}"""


@pytest.mark.parametrize(
    ("deed", "form", "below"), [("reply", "[data-reply-form]", 290), ("edit", ".composer.is-editing", 90)]
)
def test_a_form_that_opens_in_place_has_its_buttons_above_that_of_the_sheet(
    site: Site, visit: Callable[..., Visitor], deed: str, form: str, below: int
) -> None:
    with site.api("reader") as reader:
        own = Site.say(reader, f"Unten am Schirm, für {deed}")
    page = open_as(site, visit(site.process.url, width=360), ARTICLE, "reader")
    page.set_viewport_size({"width": 360, "height": 740})
    link = page.locator(f"main #comment-{own} [data-action={deed}]").first
    link.evaluate(f"link => scrollBy(0, link.getBoundingClientRect().bottom - (innerHeight - {below}))")
    link.click()

    expect(page.locator(f"main {form} textarea")).to_be_focused()
    for each in page.locator(f"main {form} .composer-foot button:visible").all():
        expect(each).to_be_in_viewport(ratio=1)
        assert each.evaluate(UNCOVERED), each.inner_text()
