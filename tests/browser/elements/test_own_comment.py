"""What somebody has just written stands in their sight, whichever comes first, its event or the answer."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route, WebSocketRoute, expect

from tests.browser.conftest import PATIENCE
from tests.browser.elements.conftest import ARTICLE, Site, expect_live, said

COMMENTS = 30  # more than a page of a discussion shows
LINES = 60  # more than a page of a chat shows
REPLIES = 8  # more than a list shows of a thread
FORM = "[data-reply-form] textarea"


class Wire:
    """Holds back what the server answers, by HTTP or by socket, until it is let go."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: list[tuple[Route, APIResponse]] = []
        self.events: list[tuple[WebSocketRoute, str | bytes]] = []
        self.holds_answers = self.holds_events = False
        self.heard = ""
        page.route_web_socket("**/live/**", self._on_socket)
        page.route("**/api/v1/discussions/*/comments/", self._on_post)

    def let_answers_go(self) -> None:
        self.holds_answers = False
        for route, answer in self.answers:
            route.fulfill(response=answer)
        self.answers.clear()

    def let_events_go(self) -> None:
        self.holds_events = False
        for socket, message in self.events:
            socket.send(message)
        self.events.clear()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < end:
            if is_so():
                return
            self.page.evaluate("new Promise((done) => requestAnimationFrame(done))")
        raise AssertionError("the server said nothing")

    def _on_post(self, route: Route) -> None:
        answer = route.fetch()
        if self.holds_answers:
            self.answers.append((route, answer))
        else:
            route.fulfill(response=answer)

    def _on_socket(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def on_message(message: str | bytes) -> None:
            self.heard += str(message)
            if self.holds_events:
                self.events.append((socket, message))
            else:
                socket.send(message)

        server.on_message(on_message)


@pytest.fixture(scope="module")
def long(site: Site) -> dict[str, str]:
    """Addresses at which the newest that is said lies beyond what the page has loaded, or has no known place."""
    with site.api("reader") as reader:
        thread = int(reader.get(f"/api/v1{ARTICLE}").json()["discussion"])
        chat = int(reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"])
        newest = {}
        for discussion, many in ((thread, COMMENTS), (chat, LINES)):
            path = f"/api/v1/discussions/{discussion}/comments/"
            for number in range(many):
                said = reader.post(path, json={"text": f"Füllung {number}"})
                assert said.status_code == 201
            newest[discussion] = said.json()["id"]
        first, line = (
            reader.get(f"/api/v1/discussions/{each}/comments/?sort=oldest&limit=1").json()["results"][0]["id"]
            for each in (thread, chat)
        )
        for top in (first, newest[thread]):
            for number in range(REPLIES):
                site.say(reader, f"Antwort {number}", top)
    return {
        "newest": ARTICLE,
        "newest, at a permalink": f"/comments/{first}/",
        "oldest": f"{ARTICLE}?sort=oldest",
        "best": f"{ARTICLE}?sort=best",
        "one thread": f"/comments/{first}/replies/",
        "chat, at a permalink": f"/comments/{line}/",
    }


def test_ones_own_comment_stands_in_sight_whichever_comes_first(at: Callable[..., Page], long: dict[str, str]) -> None:
    page = at(ARTICLE, "reader")
    wire = Wire(page)
    for place, path in long.items():
        if place == "one thread":
            continue  # its composer answers
        page.goto(path)
        expect_live(page)
        for first in ("event", "answer"):
            words = f"Zuerst {first}: {place}"
            wire.holds_answers, wire.holds_events = first == "event", first == "answer"
            page.fill("#composer-text", words)
            page.locator("[data-submit]").click()
            if first == "event":
                wire.wait_until(lambda words=words: words in wire.heard and bool(wire.answers))
                wire.let_answers_go()
            else:
                expect(page.locator("#composer-text")).to_have_value("")
                wire.wait_until(lambda words=words: words in wire.heard)
                expect(said(page, words)).to_have_count(1)
                wire.let_events_go()
            expect(page.locator("#composer-text")).to_have_value("")
            expect(said(page, words)).to_have_count(1)
            expect(said(page, words)).to_be_in_viewport()
            expect(page.locator("li.comment", has_text=words)).to_have_count(1)


@pytest.mark.parametrize("answered", ["a comment", "a reply"])
def test_ones_own_reply_stands_in_sight_whichever_comes_first(
    at: Callable[..., Page], long: dict[str, str], answered: str
) -> None:
    page = at(ARTICLE, "reader")
    wire = Wire(page)
    for place in ("newest", "newest, at a permalink", "oldest", "best", "one thread"):
        page.goto(long[place])
        expect_live(page)
        top = page.locator("[data-list] > li:has([data-replies] > li)").first
        row = top if answered == "a comment" else top.locator("[data-replies] > li").first
        for first in ("event", "answer"):
            words = f"Zuerst {first}, auf {answered}: {place}"
            mine = page.locator("[data-replies] > li", has_text=words)
            wire.holds_answers, wire.holds_events = first == "event", first == "answer"
            row.locator("> .comment-box [data-action=reply]").click()
            page.fill(FORM, words)
            page.locator("[data-reply-form] [data-submit]").click()
            if first == "event":
                wire.wait_until(lambda words=words: words in wire.heard and bool(wire.answers))
                expect(page.locator("[data-replies] > li:not(.is-pending)", has_text=words)).to_have_count(1)
                wire.let_answers_go()
            else:
                expect(page.locator(FORM)).to_have_count(0)
                wire.wait_until(lambda words=words: words in wire.heard)
                expect(mine).to_have_count(1)
                wire.let_events_go()
            expect(page.locator(FORM)).to_have_count(0)
            expect(page.locator("[data-replies] > li:not(.is-pending)", has_text=words)).to_have_count(1)
            expect(mine).to_be_in_viewport()
            expect(mine).to_have_count(1)
