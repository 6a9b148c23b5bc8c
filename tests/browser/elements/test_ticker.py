"""A newsticker in a real browser: unseen, corrected, pinned, opened and retracted items."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect


def test_a_ticker_counts_what_was_not_on_screen(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    page = at("/newsticker/")
    title = page.title()
    expect(page.locator(".live-count")).to_have_text("0")

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    editor("POST", headline="Ungesehen")
    expect(page.locator(".live-count")).to_have_text("1")
    expect(page).to_have_title(f"(1) {title}")

    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator(".live-count")).to_have_text("0")
    expect(page).to_have_title(title)


def test_an_item_is_corrected_pinned_opened_and_retracted_live(
    at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    page, panel = at("/newsticker/"), at("/")
    rows = panel.locator("newsroom-ticker [data-list] > li").count()
    item = editor("POST", headline="Zug verspätet", text="Um **zehn** Minuten.")
    expect(panel.locator(f"#item-{item}")).to_have_count(1)
    expect(panel.locator("newsroom-ticker [data-list] > li")).to_have_count(rows)

    editor("PATCH", item, headline="Zug pünktlich", correction="Die Bahn hat sich geirrt.")
    expect(page.locator(f"#item-{item} summary")).to_contain_text("Zug pünktlich")
    page.locator(f"#item-{item} summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#item-{item} strong").first).to_be_visible()
    expect(page.locator(f"#item-{item}")).to_contain_text("Die Bahn hat sich geirrt.")

    editor("PATCH", item, pinned=True)
    expect(page.locator(f"#pinned-{item}")).to_be_visible()
    editor("PATCH", item, pinned=False)
    expect(page.locator(f"#pinned-{item}")).to_have_count(0)

    editor("DELETE", item)
    for each in (page, panel):
        expect(each.locator(f"#item-{item}")).to_contain_text("Diese Meldung wurde zurückgezogen.")
        expect(each.locator("body")).not_to_contain_text("Zug pünktlich")


def test_a_ticker_loads_on_and_remembers_its_order(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    for number in range(20):
        editor("POST", headline=f"Füllung {number}")
    page = at("/newsticker/")

    page.wait_for_function(
        "() => { scrollBy(0, 2000); return document.querySelector('[data-next]').hidden; }", polling=200
    )
    numbers = page.locator("[data-list] > li").evaluate_all("all => all.map(each => Number(each.dataset.order))")
    assert len(numbers) > 30
    assert numbers == sorted(set(numbers), reverse=True)

    page.locator("[data-sort=oldest]").click()
    page.wait_for_url("**/newsticker/?sort=oldest")
    page.goto("/newsticker/")
    page.wait_for_url("**/newsticker/?sort=oldest")
    assert page.locator("[data-list] > li").first.get_attribute("data-order") == "1"
