"""A reader ignores somebody in the page: in a dialog, live on all devices, and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.elements.conftest import ARTICLE, Site, bring, said
from tests.support.axe import violations

FOLD = "Ausgeblendet: Sie ignorieren diese Person"


def text_of(page: Page, words: str) -> Locator:
    return said(page, words).locator("> .comment-box > [data-field=html]")


def test_whom_one_ignores_folds_away_live_and_comes_back(at: Callable[..., Page], site: Site) -> None:
    words, later = "Davon möchte jemand nichts lesen", "Davon auch nicht"
    here, there = at(ARTICLE, "reader"), at(ARTICLE, "reader")
    with site.api("journalist") as journalist:
        site.say(journalist, words)
    expect(said(there, words)).to_be_visible()

    opener = said(here, words).locator("> .comment-box [data-action=ignore]")
    expect(said(here, words)).to_be_visible()
    opener.focus()
    opener.press("Enter")
    dialog = here.locator("newsroom-ignore dialog[open]")
    assert violations(here, within="newsroom-ignore dialog") == []
    dialog.get_by_role("button", name="Ignorieren", exact=True).click()
    expect(dialog.get_by_text("Sie ignorieren jetzt")).to_be_visible()
    expect(text_of(here, words)).to_be_hidden()
    expect(text_of(there, words)).to_be_hidden()
    dialog.get_by_role("button", name="Rückgängig").click()
    expect(text_of(there, words)).to_be_visible()
    dialog.get_by_role("button", name="Ignorieren", exact=True).click()
    expect(text_of(there, words)).to_be_hidden()
    here.keyboard.press("Escape")
    fold = said(here, words).locator("> .comment-box > .comment-fold > summary")
    expect(fold).to_be_focused()
    expect(fold).to_contain_text(FOLD)

    with site.api("journalist") as journalist:
        site.say(journalist, later)
    bring(here)  # the other page has its comments out of sight
    expect(said(here, later).locator("> .comment-box > .comment-fold")).to_have_count(1)
    expect(text_of(here, later)).to_be_hidden()
    here.reload()
    expect(text_of(here, words)).to_be_hidden()

    fold.press("Enter")
    expect(text_of(here, words)).to_be_visible()
    said(here, words).locator("> .comment-box [data-action=ignore]").click()
    dialog.get_by_role("button", name="Nicht mehr ignorieren").click()
    for page in (here, there):
        for each in (words, later):
            expect(text_of(page, each)).to_be_visible()
            expect(page.locator(".comment-fold")).to_have_count(0)
