"""Every page and main state of the gallery, for those who hear it, see it large, or in other colours; and a walk by
keys alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.browser.looks import moving, rest, zoomed
from tests.browser.states import LIMITS, PHONE, STATES, THREAD, State, opened, prepared
from tests.support.axe import violations
from tests.support.panel import api_of
from tests.support.product import Demo, demo

WIDE = 1280
SUNKEN = "rgb(242, 239, 232)"  # of the light scheme
ELSEWHERE = ("/admin/", "/moderation/", "{moderation")  # test_desk, test_panel_pages


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Demo]:
    with demo(filled_folder(), **LIMITS) as process:
        yield process


@pytest.fixture(scope="module")
def places(site: Demo, chromium: Any) -> dict[str, str]:
    page = chromium.new_page(base_url=site.url)
    known = prepared(site, page)
    page.close()
    return known


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (PHONE, "dark")])
def test_every_state_can_be_read_by_everybody(
    site: Demo, places: dict[str, str], visit: Callable[..., Visitor], some: Callable[..., Any], width: int, scheme: Any
) -> None:
    """On a wide screen or on a phone by turns, and each of them enlarged to 400 %."""
    known = [each for each in STATES if not (each.is_printed or each.path.startswith(ELSEWHERE))]
    turns = {each.name: each.width or (WIDE, PHONE)[number % 2] for number, each in enumerate(known)}
    shown = [each for each in known if turns[each.name] == width]
    people: dict[str, Visitor] = {}
    found: list[str] = []
    for state in some(shown):
        if state.role not in people:
            people[state.role] = visit(site.url, width=width)
            if state.role:
                log_in(people[state.role].page, site, state.role)
        page = people[state.role].page
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour is on its way
        opened(page, state, places, site.url)
        rest(page)
        found += [f"{state.name}: {line}" for line in violations(page)]
        found += [f"{state.name}: {line}" for line in zoomed(page)]
        page.context.set_offline(False)
    for visitor in people.values():  # refused forms, and pages that are not there
        visitor.complaints[:] = [each for each in visitor.complaints if "responded with a status of 4" not in each]

    assert "\n".join(found) == ""


def test_paper_shows_what_is_closed_on_a_screen(
    site: Demo, places: dict[str, str], visit: Callable[..., Visitor]
) -> None:
    page = visit(site.url).page
    item = page.locator("main .item", has_text="Neue Hebezeiten")
    opened(page, State("ticker", "/newsticker/"), places, site.url)
    expect(item.locator(".item-body")).to_be_hidden()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("main .ticker-pinned").evaluate("box => getComputedStyle(box).backgroundColor") == SUNKEN
    expect(item.locator(".item-body")).to_contain_text("Werktags hebt die Brücke")
    text = page.locator("main [data-list] .item-body", has_text="Werktags hebt").evaluate(
        "body => body.checkVisibility({ contentVisibilityAuto: true }) && body.getBoundingClientRect().height"
    )
    assert text > 20
    for gone in (".side", ".breaking", "newsroom-live-badge", ".tabs"):
        expect(page.locator(gone).locator("visible=true")).to_have_count(0)

    page.goto(THREAD)
    expect(page.locator("main .comment-text").first).to_be_visible()
    for gone in (".comment-actions", ".composer", ".side", ".take-part", "main button"):
        expect(page.locator(gone).locator("visible=true")).to_have_count(0)
    page.goto("/")
    page.pdf()
    lazy = (
        "[...document.querySelectorAll('main img')].filter((each) => !each.complete || each.naturalWidth === 0).length"
    )
    assert page.evaluate(lazy) == 0


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_everything_is_done_by_keys_and_nothing_moves_for_whom_that_disturbs(
    site: Demo, visit: Callable[..., Visitor], width: int
) -> None:
    page = visit(site.url, width=width).page
    page.emulate_media(reduced_motion="reduce")
    log_in(page, site, "reader", THREAD)
    expect(page.locator("main newsroom-live-badge").first).to_have_attribute("state", "live", timeout=30_000)
    press = page.keyboard.press
    ticker = page.locator(".side newsroom-ticker:not([only])")
    if width == PHONE:
        page.get_by_role("button", name="Newsticker & Chats").focus()
        press("Enter")
    expect(ticker.locator("[data-list] > li").first).to_be_visible()
    with api_of(site, "editor") as editor:
        news = editor.post(
            "tickers/newsticker/items/", json={"headline": f"Bei {width} gehört", "text": "Und gelesen."}
        )
        assert news.is_success
    told = ticker.get_by_role("status").locator("button", has_text="neue Meldung")
    expect(told).to_be_visible()  # in a live region
    told.focus()
    press("Enter")
    row = ticker.locator("li", has_text=f"Bei {width} gehört")
    expect(row).to_be_focused()
    assert moving(page) == []
    page.locator("[data-tab=ticker]").focus()
    press("ArrowRight")
    expect(page.locator("[data-tab=chats]")).to_be_focused()
    expect(page.locator(".side newsroom-chats")).to_be_visible()
    press("ArrowLeft")
    row.locator("summary").focus()
    press("Enter")
    expect(page.locator(".side newsroom-ticker[only]")).to_contain_text("Und gelesen.")
    expect(page.locator("[data-return]")).to_be_focused()
    press("Enter")
    expect(row.locator("summary")).to_be_focused()
    assert moving(page) == []
    if width == PHONE:
        press("Escape")
        expect(page.get_by_role("button", name="Newsticker & Chats")).to_be_focused()

    words = f"Mit Tasten geschrieben, {width} breit"
    page.locator("#composer-text").focus()
    press("Control+a")  # a draft of another test
    page.keyboard.insert_text(words)
    press("Control+Enter")
    mine = page.locator("main [data-list] > li:not(.is-pending)", has_text=words)
    expect(mine).to_be_visible()
    expect(page.locator("newsroom-discussion [data-announce]")).to_have_text("Ihr Kommentar ist veröffentlicht.")
    theirs = page.locator("main [data-list] > li.comment:not(.is-gone)").filter(has_not_text=words)
    theirs = theirs.filter(has=page.locator("> .comment-box [data-action=report]:visible"))
    theirs = theirs.filter(has_not=page.locator("> .comment-box [aria-pressed=true]")).first  # of the other width
    theirs = page.locator(f'main li.comment[data-id="{theirs.get_attribute("data-id")}"]')
    theirs.locator("> .comment-box [data-field=link]").focus()
    press("Tab")
    toolbar = theirs.locator("> .comment-box").get_by_role("toolbar")
    _walk_to(page, toolbar.locator("[data-add-reaction]"))
    press("Enter")
    press("ArrowLeft")
    expect(theirs.locator("> .comment-box [data-reaction]:focus")).to_have_count(1)
    press("Enter")
    expect(theirs.locator("> .comment-box [data-reaction][aria-pressed=true]").first).to_be_visible()
    theirs.locator("> .comment-box [data-field=link]").focus()
    press("Tab")
    _walk_to(page, toolbar.locator("[data-action=report]"))
    press("Enter")
    dialog = page.locator("newsroom-report dialog[open]")
    expect(dialog).to_be_visible()
    assert moving(page) == []
    press("Escape")
    expect(toolbar.locator("[data-action=report]")).to_be_focused()


def _walk_to(page: Page, target: Any) -> None:
    """Along a toolbar, by the arrow."""
    for _ in range(12):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("ArrowRight")
    expect(target).to_be_focused()
