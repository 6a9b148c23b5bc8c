"""The demo, people who look at it, and an editor who publishes meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.notifications.webpush import new_key
from tests.browser.conftest import Visitor
from tests.browser.entering import log_in
from tests.support.product import Demo, demo

ARTICLE = "/articles/lotsenbruecke-hebt-wieder/"
PANELS = [("/", "newsticker"), ("/articles/lichterfest-am-hafen/", "lichterfest")]  # where the newest of a ticker stand
# What a reader sees of a list, but for the times (worded by the minute) and the marks of what is new.
# Of the page itself: what the side panel shows is as much as was loaded of another page.
SNAPSHOT = """() => [...document.querySelectorAll(
  "main :is([data-list], [data-pinned-list]) li:not(newsroom-side *)"
)].map((row) => {
  const shown = (each) => !each.closest("[hidden]") && each.closest("li") === row;
  const fields = [...row.querySelectorAll("[data-field]")].filter((each) => shown(each) && !each.querySelector("time"));
  const { id, order, version, state } = row.dataset;
  const more = [...row.querySelectorAll("[data-more]")].filter(shown).map((each) => each.textContent);
  const links = [...row.querySelectorAll("a[href]")].filter(shown).map((each) => each.getAttribute("href"));
  const words = fields.map((each) => [each.dataset.field, each.innerHTML.trim()]);
  return [row.id, id, order, version, state, more, links, words];
}).concat([document.querySelector("[data-comment-count]")?.textContent ?? null])"""


@dataclass
class Site:
    process: Demo
    folder: Path

    def api(self, role: str) -> httpx.Client:
        account = self.process.accounts[role]
        login = {"email": account["email"], "password": account["password"]}
        answer = httpx.post(f"{self.process.url}/_allauth/app/v1/auth/login", json=login, timeout=30)
        token = answer.raise_for_status().json()["meta"]["session_token"]
        return httpx.Client(base_url=self.process.url, headers={"X-Session-Token": token}, timeout=30)

    @staticmethod
    def say(person: httpx.Client, text: str, parent: int | None = None) -> int:
        """A comment under the article by somebody whose `api` this is; its id."""
        thread = person.get(f"/api/v1{ARTICLE}").json()["discussion"]
        wish = {"text": text} | ({"parent": parent} if parent else {})
        answer = person.post(f"/api/v1/discussions/{thread}/comments/", json=wish)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])


@pytest.fixture(scope="package")
def site(filled_folder: Callable[[], Path]) -> Iterator[Site]:
    folder = filled_folder()
    push = {"VAPID_PRIVATE_KEY": new_key(), "VAPID_SUBJECT": "mailto:redaktion@example.org"}
    with demo(folder, LIMIT_COMMENTS="1000/m", LIMIT_LOGINS="1000/m", **push) as process:
        yield Site(process, folder)


@pytest.fixture
def at(site: Site, visit: Callable[..., Visitor]) -> Callable[..., Page]:
    """`at(path, role=None)` is a page with a live connection, of a stranger or of one who is logged in."""

    def open_page(path: str, role: str | None = None) -> Page:
        return open_as(site, visit(site.process.url), path, role)

    return open_page


@pytest.fixture
def editor(site: Site) -> Iterator[Callable[..., int]]:
    """`editor("PATCH", 5, pinned=True)` changes item 5; `editor("POST", headline=…)` makes one and gives its id."""
    with site.api("editor") as client:

        def ask(method: str, item: int = 0, ticker: str = "newsticker", **fields: object) -> int:
            path = f"/api/v1/ticker-items/{item}/" if item else f"/api/v1/tickers/{ticker}/items/"
            answer = client.request(method, path, json=fields or None)
            assert answer.is_success, answer.text
            return int(answer.json()["id"]) if answer.content else item

        yield ask


def open_as(site: Site, visitor: Visitor, path: str, role: str | None) -> Page:
    """The page at `path` with a live connection, logged in as `role` if one is given."""
    page = visitor.page
    if role:
        log_in(page, site.process, role, path)
    else:
        page.goto(path)
    expect_live(page)
    return page


def said(page: Page, words: str) -> Locator:
    return page.locator("main [data-list] > li:not(.is-pending)", has_text=words)


def expect_live(page: Page) -> None:
    expect(page.locator("newsroom-live-badge").first).to_have_attribute("state", "live", timeout=30_000)


def bring(page: Page) -> None:
    """What has come waits behind a pill, so that nothing moves: show it."""
    page.locator(".pill button:visible").first.click()
