"""Who comes back to a page finds what they had loaded, and stands where they stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, PANELS, Site, bring, expect_live

STANDS = "([id, top]) => Math.abs(document.getElementById(id).getBoundingClientRect().top - top) < 2"
ROWS = "() => document.querySelectorAll('main [data-list] > li').length"


def top_of(row: Locator) -> float:
    return float(row.evaluate("row => row.getBoundingClientRect().top"))


@dataclass(frozen=True)
class List:
    path: str
    say: Callable[[str], object]
    more: str  # the link to the next page
    row: int  # one that came with the second page, counted from its end of the list


@pytest.fixture
def lists(site: Site, editor: Callable[..., int]) -> Iterator[Callable[[str], List]]:
    """`lists("chat")`, with more rows than a page has."""
    with site.api("reader") as reader:

        def fill(name: str) -> List:
            if name == "ticker":
                found = List("/newsticker/", lambda words: editor("POST", headline=words), "main [data-next] a", 5)
            elif name == "chat":
                chats = reader.get("/api/v1/discussions/?mode=chat").json()["results"]
                chat = next(each["id"] for each in chats if each["state"] == "open")
                found = List(f"/chats/{chat}/", lambda words: say(chat, words), "main [data-earlier] a", 5)
            else:
                thread = reader.get(f"/api/v1{ARTICLE}").json()["discussion"]
                found = List(ARTICLE, lambda words: say(thread, words), "main [data-next] a", 5)
            for number in range(40):
                found.say(f"Füllung {number}")
            return found

        def say(discussion: int, words: str) -> None:
            answer = reader.post(f"/api/v1/discussions/{discussion}/comments/", json={"text": words})
            assert answer.status_code == 201, answer.text

        yield fill


@pytest.mark.parametrize("name", ["discussion", "ticker", "chat"])
def test_going_back_keeps_what_was_loaded_and_the_place(
    name: str, at: Callable[..., Page], lists: Callable[[str], List]
) -> None:
    here = lists(name)
    page = at(here.path)
    before = page.evaluate(ROWS)
    page.locator(here.more).evaluate("link => link.click()")
    page.wait_for_function(f"() => ({ROWS})() > {before}")
    loaded = page.evaluate(ROWS)
    row = page.locator("main [data-list] > li").nth(here.row if name == "chat" else before + here.row)
    row.evaluate("row => row.scrollIntoView({ block: 'start' })")
    identifier, place = row.get_attribute("id"), top_of(row)

    page.goto("/imprint/")
    here.say("Inzwischen")
    page.go_back()

    page.wait_for_function(f"() => ({ROWS})() > {loaded - 2}")
    expect(page.locator(f"#{identifier}")).to_be_in_viewport()
    page.wait_for_function(STANDS, arg=[identifier, place])


@pytest.mark.parametrize(("place", "ticker"), PANELS)
def test_going_back_keeps_the_place_in_a_panel_and_counts_what_came_meanwhile(
    place: str, ticker: str, at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    page = at(place)
    title = page.title()
    page.set_viewport_size({"width": 390, "height": 500})  # one column, lower than the panel
    row = page.locator("main newsroom-ticker [data-list] > li").nth(2)
    row.evaluate("row => row.scrollIntoView({ block: 'start' })")
    identifier, stood = row.get_attribute("id"), top_of(row)

    page.goto("/imprint/")
    editor("POST", ticker=ticker, headline="Inzwischen")
    page.go_back()

    expect(page).to_have_title(f"(1) {title}")
    page.wait_for_function(STANDS, arg=[identifier, stood])
    page.locator("main newsroom-ticker .ticker-head").scroll_into_view_if_needed()
    bring(page)
    expect(page).to_have_title(title)


def test_language_and_logout_lead_back_to_where_one_stood(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "administrator")  # whose language no other test reads
    row = page.locator("main [data-list] > li").nth(3)
    stand = "row => scrollTo(0, row.getBoundingClientRect().top + scrollY - 1)"
    page.locator("main textarea").first.fill("Noch nicht fertig")
    row.evaluate(stand)

    for language in ("en", "de"):
        page.locator(f".languages button[value={language}]").evaluate("button => button.click()")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect_live(page)
        expect(page.locator("main textarea").first).to_have_value("Noch nicht fertig")
    page.wait_for_function(
        "() => Math.abs(document.querySelectorAll('main [data-list] > li')[3].getBoundingClientRect().top - 1) < 2"
    )

    page.locator(".masthead-account form button").evaluate("button => button.click()")
    expect(page.locator(".masthead-account a[href*=login]")).to_have_count(1)
    expect(page).to_have_url(f"{page.evaluate('location.origin')}{ARTICLE}")
    page.wait_for_function(
        "() => Math.abs(document.querySelectorAll('main [data-list] > li')[3].getBoundingClientRect().top - 1) < 2"
    )


def test_another_language_leaves_what_was_typed_in_a_form_but_for_secrets(
    site: Site, visit: Callable[..., Visitor]
) -> None:
    page = visit(site.process.url).page
    page.goto("/accounts/signup/")
    page.locator("main [name=name]").fill("Nele Nord")
    page.locator("main [name=email]").fill("nele@example.org")
    page.locator("main [name=password1]").fill("ganz geheim 7")
    page.locator("main [name=consent]").check()

    page.locator(".languages button[value=ru]").click()

    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("main [name=name]")).to_have_value("Nele Nord")
    expect(page.locator("main [name=email]")).to_have_value("nele@example.org")
    expect(page.locator("main [name=consent]")).to_be_checked()
    expect(page.locator("main [name=password1]")).to_have_value("")
    assert "geheim" not in page.evaluate("JSON.stringify({ ...sessionStorage })")
    page.goto("/accounts/signup/")  # anew: nothing comes of itself
    expect(page.locator("main [name=name]")).to_have_value("")


def test_another_language_leaves_the_text_of_a_comment_that_is_being_changed(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "journalist")
    page.locator("#composer-text").fill("Das ändere ich gleich.")
    page.locator("[data-submit]").click()
    own = page.locator("main li.comment", has_text="Das ändere ich gleich.").first
    own.locator("[data-action=edit]").first.click()
    own.locator(".is-editing textarea").fill("Noch nicht fertig geändert")

    page.locator(".languages button[value=en]").evaluate("button => button.click()")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    own.locator("[data-action=edit]").first.click()

    expect(own.locator(".is-editing textarea")).to_have_value("Noch nicht fertig geändert")
    page.keyboard.press("Escape")
    page.locator(".languages button[value=de]").evaluate("button => button.click()")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    own.locator("[data-action=edit]").first.click()
    expect(own.locator(".is-editing textarea")).to_have_value("Das ändere ich gleich.")
