"""Who comes back to a page finds what they had loaded, and stands where they stood."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.elements.conftest import ARTICLE, Site, expect_live

ROWS = "() => document.querySelectorAll('[data-list] > li').length"


def top_of(row: Locator) -> float:
    return float(row.evaluate("row => row.getBoundingClientRect().top"))


def test_going_back_keeps_what_was_loaded_and_the_place(at: Callable[..., Page], site: Site) -> None:
    with site.api("reader") as reader:
        thread = int(reader.get(f"/api/v1{ARTICLE}").json()["discussion"])
        for number in range(40):
            path = f"/api/v1/discussions/{thread}/comments/"
            assert reader.post(path, json={"text": f"Füllung {number}"}).status_code == 201
    page = at(ARTICLE)
    before = page.evaluate(ROWS)
    page.locator("[data-next] a").click()
    page.wait_for_function(f"() => ({ROWS})() > {before}")
    loaded = page.evaluate(ROWS)
    row = page.locator("[data-list] > li").nth(before + 5)
    row.evaluate("row => scrollTo(0, row.getBoundingClientRect().top + scrollY - 1)")
    identifier, place = row.get_attribute("id"), top_of(row)

    page.goto("/imprint/")
    with site.api("reader") as reader:
        assert reader.post(path, json={"text": "Inzwischen"}).status_code == 201
    page.go_back()

    page.wait_for_function(f"() => ({ROWS})() > {loaded - 2}")
    again = page.locator(f"#{identifier}")
    expect(again).to_be_in_viewport()
    page.wait_for_function(
        f"() => Math.abs(document.getElementById('{identifier}').getBoundingClientRect().top - {place}) < 2"
    )


def test_language_and_logout_lead_back_to_where_one_stood(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "administrator")  # whose language no other test reads
    row = page.locator("[data-list] > li").nth(3)
    stand = "row => scrollTo(0, row.getBoundingClientRect().top + scrollY - 1)"
    row.evaluate(stand)

    for language in ("en", "de"):
        page.locator(f".languages button[value={language}]").evaluate("button => button.click()")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect_live(page)
    page.wait_for_function(
        "() => Math.abs(document.querySelectorAll('[data-list] > li')[3].getBoundingClientRect().top - 1) < 2"
    )

    page.locator(".masthead-account form button").evaluate("button => button.click()")
    expect(page.locator(".masthead-account a[href*=login]")).to_have_count(1)
    expect(page).to_have_url(f"{page.evaluate('location.origin')}{ARTICLE}")
    page.wait_for_function(
        "() => Math.abs(document.querySelectorAll('[data-list] > li')[3].getBoundingClientRect().top - 1) < 2"
    )
