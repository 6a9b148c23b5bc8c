"""However long a list gets, a page holds a stretch of it: rows leave, and come back where the reader goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.elements.conftest import ARTICLE, Site
from tests.support.product import demo

MOST = 350
ROWS = "main :is(newsroom-chat, newsroom-discussion) [data-list] > li"
ORDERS = f"() => [...document.querySelectorAll('{ROWS}[data-order]:not(.is-pending)')].map((row) => +row.dataset.order)"
LOG = "document.querySelector('main [data-log]')"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Site]:
    """One whose lists may grow: other tests look at short ones."""
    folder = filled_folder()
    with demo(folder, LIMIT_COMMENTS="1000/m", LIMIT_LOGINS="1000/m") as process:
        yield Site(process, folder)


def talk(client: httpx.Client, discussion: int, name: str, *, lines: int) -> list[int]:
    """Says so many lines; their places."""
    said = [
        client.post(f"/api/v1/discussions/{discussion}/comments/", json={"text": f"{name} {n}"}).raise_for_status()
        for n in range(lines)
    ]
    return [each.json()["order"] for each in said]


def orders_in(page: Page, *, falling: bool) -> list[int]:
    """The places of the rows in the page, each once and in their order."""
    found: list[int] = page.evaluate(ORDERS)
    assert found == sorted(set(found), reverse=falling)
    assert len(found) <= MOST
    return found


def test_a_chat_of_many_lines_holds_some_and_leads_to_the_others(at: Callable[..., Page], site: Site) -> None:
    with site.api("journalist") as journalist:
        chat = journalist.get("/api/v1/discussions/?mode=chat").json()["results"][-1]["id"]
        page = at(f"/chats/{chat}/", "reader")
        said = talk(journalist, chat, "Viele", lines=360)
        expect(page.locator(ROWS).last).to_contain_text("Viele 359")
        assert said[0] not in orders_in(page, falling=False)

        up_to(page, "Viele 0")
        expect(page.locator("main [data-later]")).to_be_visible()  # the newest have left now
        shown = orders_in(page, falling=False)
        assert said[0] in shown
        assert said[-1] not in shown

        (newest,) = talk(journalist, chat, "Noch eine", lines=1)
        expect(page.locator("[data-jump]")).to_contain_text("1")
        assert newest not in orders_in(page, falling=False)
        page.locator("[data-jump]").click()
        expect(page.locator(ROWS).last).to_contain_text("Noch eine 0")
        expect(page.locator("main [data-later]")).to_be_hidden()
        expect(page.locator("[data-jump]")).to_be_hidden()

        (newest,) = talk(journalist, chat, "Wieder eine", lines=1)
        expect(page.locator(ROWS).last).to_contain_text("Wieder eine 0")
        page.evaluate(f"{LOG}.scrollTop = -{LOG}.scrollHeight")
        expect(page.locator(ROWS).nth(60)).to_be_attached()
        page.fill("#composer-text", "Das schreibe ich von weit oben")
        page.keyboard.press("Enter")
        expect(page.locator(ROWS).last).to_contain_text("von weit oben")
        expect(page.locator(f"{ROWS}[data-order='{newest}']")).to_be_attached()
        expect(page.locator("main [data-later]")).to_be_hidden()
        assert newest in orders_in(page, falling=False)


def up_to(page: Page, words: str) -> None:
    """Reads up until a line with these words is in the page."""
    line = page.locator(ROWS).get_by_text(words, exact=True)
    for _ in range(40):
        if line.count():
            return
        (first, *_rest) = page.evaluate(ORDERS)
        page.evaluate(f"{LOG}.scrollTop = -{LOG}.scrollHeight")
        expect(page.locator(ROWS).first).not_to_have_attribute("data-order", str(first))
    raise AssertionError(words)


def _at_rest(page: Page, element: Locator) -> float:
    """Where it stands in the window. Rows get their true heights only when they come near it."""
    places: list[float] = []
    while len(places) < 3 or len(set(places[-3:])) > 1:
        page.evaluate(FRAMES)
        places.append(element.bounding_box()["y"])  # type: ignore[index]
    return places[-1]


def _asked_once_while_nobody_answers(page: Page) -> None:
    """What has left the page is asked for by itself, and after a failure when the reader says so."""
    asked: list[str] = []

    def fail(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.route("**/*cursor=before-*", fail)
    page.locator(ROWS).first.scroll_into_view_if_needed()
    expect(page.get_by_text("Das konnte nicht geladen werden.", exact=True)).to_be_attached()
    for _ in range(10):
        page.evaluate(FRAMES)
    assert len(asked) == 1
    page.unroute("**/*cursor=before-*")
    first = page.evaluate(ORDERS)[0]
    page.locator("main [data-previous] a").click()
    expect(page.locator(ROWS).first).not_to_have_attribute("data-order", str(first))


def test_pages_of_a_long_discussion_come_and_go_and_what_is_read_stays(at: Callable[..., Page], site: Site) -> None:
    with site.api("journalist") as journalist:
        articles: list[dict[str, Any]] = journalist.get("/api/v1/articles/").json()["results"]
        other = next(each for each in articles if each["discussion"] and f"/articles/{each['slug']}/" != ARTICLE)
        said = talk(journalist, other["discussion"], "Beitrag", lines=380)
    page = at(f"/articles/{other['slug']}/")
    assert said[-1] in orders_in(page, falling=True)

    further = page.locator("main [data-next] a")
    while said[0] not in (shown := orders_in(page, falling=True)):
        read = page.locator(f"main [data-order='{shown[-1]}'] > .comment-box")
        further.scroll_into_view_if_needed()
        place = _at_rest(page, read)
        further.click()
        expect(page.locator(ROWS).last).not_to_have_attribute("data-order", str(shown[-1]))
        assert abs(_at_rest(page, read) - place) < 60  # the button's own line has gone
    assert said[-1] not in shown
    expect(page.locator("main [data-previous]")).to_be_visible()
    _asked_once_while_nobody_answers(page)

    for _ in range(40):
        shown = orders_in(page, falling=True)
        if said[-1] in shown:
            break
        page.locator(ROWS).first.scroll_into_view_if_needed()
        expect(page.locator(ROWS).first).not_to_have_attribute("data-order", str(shown[0]))
    assert said[-1] in orders_in(page, falling=True)
    expect(page.locator("main [data-previous]")).to_be_hidden()
