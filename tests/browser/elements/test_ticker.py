"""A newsticker in a real browser: unseen, corrected, pinned, opened and retracted items."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.elements.conftest import PANELS, bring, expect_live


def test_a_ticker_counts_what_was_not_on_screen(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    page = at("/newsticker/")
    title = page.title()
    expect(page.locator("main .live-count")).to_have_text("0")

    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    item = editor("POST", headline="Ungesehen")
    expect(page.locator("main .live-count")).to_have_text("1")
    expect(page).to_have_title(f"(1) {title}")

    editor("PATCH", item, headline="Ungesehen, berichtigt")
    page.evaluate("window.scrollTo(0, 0)")
    expect(page.locator("main .pill button")).to_have_text("1 neue Meldung")
    expect(page.locator("main .live-count")).to_have_text("1")  # it waits, and a correction does not count
    bring(page)
    expect(page.locator("main .pill button")).to_be_hidden()
    expect(page.locator(f"#item-{item}")).to_be_focused()
    expect(page.locator("main .live-count")).to_have_text("0")
    expect(page).to_have_title(title)


HIDDEN = """Object.defineProperty(document, "hidden", { configurable: true, get: () => !window.isLookedAt });
window.lookAt = () => { window.isLookedAt = true; document.dispatchEvent(new Event("visibilitychange")); };"""


@pytest.mark.parametrize(("place", "ticker"), PANELS)
def test_the_count_says_how_many_items_came_after_the_last_one_seen_wherever_they_stand(
    place: str, ticker: str, at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    whole = "/newsticker/" if ticker == "newsticker" else f"/newsticker/{ticker}/"
    page = at(place)
    title = page.title()
    page.context.add_init_script(HIDDEN)  # from now on the tab stands in the background
    page.reload()
    count = page.locator("main newsroom-ticker .live-count")
    expect(count).to_have_text("0")
    shown = page.locator("main newsroom-ticker [data-list] > li").count()

    items = [editor("POST", ticker=ticker, headline=f"Dahinter {number}") for number in range(shown + 2)]
    for _ in range(2):
        expect(count).to_have_text(str(shown + 2))
        expect(page).to_have_title(f"({shown + 2}) {title}")
        page.reload()
    editor("DELETE", items[1])
    expect(count).to_have_text(str(shown + 1))
    for path in (f"{whole}?sort=oldest", whole, place):
        page.goto(path)
        expect(count).to_have_text(str(shown + 1))
    editor("DELETE", items[-1])
    expect(count).to_have_text(str(shown))

    page.locator(f"#item-{items[-2]}").scroll_into_view_if_needed()
    page.evaluate("lookAt()")
    expect(count).to_have_text("0")
    expect(page).to_have_title(title)
    for path in (f"{whole}?sort=oldest", place):
        page.goto(path)
        expect(count).to_have_text("0")


def test_an_item_is_corrected_pinned_opened_and_retracted_live(
    at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    page, panel = at("/newsticker/"), at("/")
    rows = panel.locator("main newsroom-ticker [data-list] > li").count()
    item = editor("POST", headline="Zug verspätet", text="Um **zehn** Minuten.")
    for each in (page, panel):
        bring(each)
    expect(panel.locator(f"#item-{item}")).to_have_count(1)
    expect(panel.locator("main newsroom-ticker [data-list] > li")).to_have_count(rows)

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


SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((each) => [
  each.value, ...each.sources.map(({ node, previousRect, currentRect }) =>
    [node?.outerHTML ?? node?.data, previousRect.top, currentRect.top].join(" ").slice(0, 200)),
]))).observe({ type: "layout-shift" });"""


def test_nothing_below_a_ticker_jumps_when_older_items_come(
    at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    for number in range(20):
        editor("POST", headline=f"Älteres {number}")
    page = at("/chats/")
    waiting: list[Route] = []
    page.route("**/newsticker/?*cursor=*", lambda route, _request: waiting.append(route))

    with page.expect_request("**/newsticker/?*cursor=*"):  # perhaps at once, since the pager may be near
        page.goto("/newsticker/")
        shown = page.locator("main [data-list] > li").count()
        page.evaluate("document.querySelector('[data-next]').scrollIntoView({ block: 'start' })")
    expect(page.locator("footer")).not_to_be_in_viewport()
    expect(page.locator(".ticker-others")).not_to_be_in_viewport()
    expect_live(page)
    expect(page.locator("main [data-list] > li").first).to_contain_text("Älteres 19")  # a kept page comes without it
    page.evaluate(SHIFTS)
    place = page.evaluate("scrollY")

    waiting[0].continue_()
    expect(page.locator("main [data-list] > li")).not_to_have_count(shown)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("scrollY") == place  # where the end was there are the first of them now
    expect(page.locator("main [data-list] > li").nth(shown)).to_be_in_viewport()
    shifts = page.evaluate("shifts")
    assert sum(shift[0] for shift in shifts) < 0.02, shifts


def test_a_ticker_loads_on_and_remembers_its_order(at: Callable[..., Page], editor: Callable[..., int]) -> None:
    for number in range(20):
        editor("POST", headline=f"Füllung {number}")
    page = at("/newsticker/")

    page.wait_for_function(
        "() => { scrollBy(0, 2000); return document.querySelector('[data-next]').hidden; }", polling=200
    )
    numbers = page.locator("main [data-list] > li").evaluate_all("all => all.map(each => Number(each.dataset.order))")
    assert len(numbers) > 30
    assert numbers == sorted(set(numbers), reverse=True)

    page.locator("[data-sort=oldest]").click()
    page.wait_for_url("**/newsticker/?sort=oldest")
    page.goto("/newsticker/")
    page.wait_for_url("**/newsticker/?sort=oldest")
    assert page.locator("main [data-list] > li").first.get_attribute("data-order") == "1"


def test_the_page_of_an_item_follows_what_becomes_of_it_alone(
    at: Callable[..., Page], editor: Callable[..., int]
) -> None:
    item = editor("POST", headline="Zug verspätet", text="Um **eine** Stunde.")
    page = at("/newsticker/")
    page.locator(f"#item-{item} .item-place").click()
    page.wait_for_url("**/newsticker/newsticker/*/")
    expect_live(page)
    shown = page.locator(f"#item-{item}")
    expect(shown.locator("strong")).to_be_visible()

    editor("POST", headline="Etwas anderes")
    editor("PATCH", item, text="Um **zwei** Stunden.", correction="Noch länger.")

    expect(shown).to_contain_text("Um zwei Stunden.")
    expect(page.locator("main [data-list] > li")).to_have_count(1)
    editor("DELETE", item)
    expect(page.locator("main")).not_to_contain_text("Zug verspätet")
    expect(shown).to_contain_text("Diese Meldung wurde zurückgezogen.")
