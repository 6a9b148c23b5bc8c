"""What waits, in the pages of readers: moderators see it there at its place, and decide by keys and buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from comments.panel.keys import IN_THREADS
from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, bring, expect_live, open_as
from tests.browser.entering import log_in
from tests.support.axe import violations

WORD = "Quakelwort"
ORDER = """() => [...document.querySelectorAll("newsroom-discussion [data-list]:not([hidden]) > li")].map(
  (row) => row.querySelector(".comment-text").textContent.trim())"""
FOCUSED = "document.activeElement.closest('li.comment')?.querySelector('.comment-text').textContent.trim()"
SHIFTS = """window.moved = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) moved.push(each.value);
}).observe({ type: "layout-shift" });"""
_numbers = count(1)


@pytest.fixture(scope="module")
def moderator(site: Site) -> Iterator[httpx.Client]:
    """There is a rule that holds comments with WORD."""
    with site.api("moderator") as client:
        wish = {"name": "Gequakel", "kind": "words", "action": "hold", "mode": "live", "words": [WORD]}
        made = client.post("/api/v1/moderation/rules/", json=wish)
        assert made.is_success, made.text
        yield client
        assert client.delete(f"/api/v1/moderation/rules/{made.json()['id']}/").is_success


@pytest.fixture(scope="module")
def reader(site: Site) -> Iterator[httpx.Client]:
    with site.api("reader") as client:
        yield client


@pytest.fixture
def thread(reader: httpx.Client) -> int:
    return int(reader.get(f"/api/v1{ARTICLE}").json()["discussion"])


@pytest.fixture
def chat(reader: httpx.Client) -> int:
    return int(reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"])


@pytest.fixture
def say(reader: httpx.Client, moderator: httpx.Client, thread: int, chat: int) -> Iterator[Callable[..., str]]:
    """`say(place)` says something, `say(place, WORD)` something that is held; the words. In the end nothing of it is
    hidden: other tests count what is.
    """

    def post(place: int, word: str = "") -> str:
        words = f"{word} Zeile {next(_numbers)}.".strip()
        answer = reader.post(f"/api/v1/discussions/{place}/comments/", json={"text": words})
        assert answer.status_code == (202 if word else 201), answer.text
        return words

    yield post
    for place in (thread, chat):
        mine = reader.get(f"/api/v1/discussions/{place}/mine/").json()
        for state, action in (("held", "approve"), ("rejected", "restore")):
            for each in mine[state]:
                wish = {"action": action, "seen": each["version"]}
                assert moderator.post(f"/api/v1/comments/{each['id']}/decisions/", json=wish).is_success


def held(page: Page, words: str) -> Locator:
    return page.locator("li.is-held", has_text=words)


def public(page: Page, words: str) -> Locator:
    return page.locator("[data-list]:not([hidden]) li.comment:not(.is-held)", has_text=words)


def decide(moderator: httpx.Client, words: str, action: str) -> None:
    cases = moderator.get("/api/v1/moderation/cases/?limit=200").json()["results"]
    (comment,) = [each["comment"] for each in cases if each["comment"]["text"] == words]
    wish = {"action": action, "reason": "insult", "seen": comment["version"]}
    assert moderator.post(f"/api/v1/comments/{comment['id']}/decisions/", json=wish).is_success


def test_it_comes_in_at_its_place_and_is_decided_there(
    at: Callable[..., Page], moderator: httpx.Client, thread: int, say: Callable[..., str]
) -> None:
    first = say(thread, WORD)
    page, stranger = at(ARTICLE, "moderator"), at(ARTICLE)
    expect(held(page, first)).to_be_visible()

    second = say(thread, WORD)
    newer = say(thread)

    expect(public(page, newer)).to_be_visible()
    expect(held(page, second)).to_be_visible()
    assert page.evaluate(ORDER)[:3] == [newer, second, first]
    expect(public(stranger, newer)).to_be_visible()
    assert [words for words in (first, second) if words in stranger.content()] == []
    assert violations(page, within="newsroom-discussion") == []

    held(page, first).get_by_role("button", name="Freigeben").click()
    expect(page.locator(".is-held.is-folded", has_text="Freigegeben von Ihnen")).to_be_visible()
    bring(page)  # the stranger's page is not scrolled to it
    expect(public(page, first)).to_be_visible()
    expect(public(stranger, first)).to_be_visible()
    decide(moderator, second, "reject")  # somebody else, or oneself elsewhere
    expect(page.locator(".is-held.is-folded", has_text="Abgelehnt von")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # out of sight they vanish
    expect(page.locator(".is-held.is-folded")).to_have_count(0)
    page.reload()
    expect_live(page)
    assert page.evaluate(ORDER)[:2] == [first, newer]
    assert second not in page.content()


def test_what_stands_there_does_not_move_when_it_is_decided_elsewhere(
    at: Callable[..., Page], moderator: httpx.Client, thread: int, say: Callable[..., str]
) -> None:
    below, waits = say(thread), say(thread, WORD)
    page = at(ARTICLE, "moderator")
    held(page, waits).scroll_into_view_if_needed()
    expect(held(page, waits)).to_be_visible()
    place = public(page, below).bounding_box()
    page.evaluate(SHIFTS)

    decide(moderator, waits, "reject")

    expect(page.locator(".is-held.is-folded")).to_be_visible()
    assert public(page, below).bounding_box() == place
    assert page.evaluate("moved") == []


def test_a_text_that_has_changed_and_a_decision_of_others_are_told(
    site: Site,
    visit: Callable[..., Visitor],
    reader: httpx.Client,
    moderator: httpx.Client,
    thread: int,
    say: Callable[..., str],
) -> None:
    words = say(thread, WORD)
    visitor = visit(site.process.url)
    page = open_as(site, visitor, ARTICLE, "moderator")
    comment = held(page, words).get_attribute("data-comment")

    def change_meanwhile(route: Route) -> None:
        assert reader.patch(f"/api/v1/comments/{comment}/", json={"text": f"Neu: {words}"}).is_success
        route.continue_()

    page.route("**/decisions/", change_meanwhile, times=1)
    held(page, words).locator(".case-card").focus()
    page.keyboard.press("r")
    page.keyboard.press("2")

    expect(held(page, words).locator(".case-complaint")).to_contain_text("inzwischen geändert")
    page.keyboard.press("r")
    page.keyboard.press("2")
    expect(page.locator(".is-held.is-folded", has_text="Beleidigung")).to_be_visible()
    page.keyboard.press("u")
    expect(held(page, words).get_by_role("button", name="Freigeben")).to_be_visible()
    decide(moderator, f"Neu: {words}", "reject")
    assert all("412" in each for each in visitor.complaints)
    visitor.complaints.clear()


def test_in_a_chat_two_strokes_remove_a_line_or_mute_its_author(
    at: Callable[..., Page], reader: httpx.Client, moderator: httpx.Client, chat: int, say: Callable[..., str]
) -> None:
    waits, words = say(chat, WORD), say(chat)
    page = at(f"/chats/{chat}/", "moderator")
    expect(held(page, waits)).to_be_visible()

    page.keyboard.press("j")  # to the newest
    assert page.evaluate(FOCUSED) == words
    page.keyboard.press("k")
    assert page.evaluate(FOCUSED) == waits
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator(".line-palette")).to_contain_text("Der Verfasser liest")
    assert violations(page, within=".line-palette") == []
    page.keyboard.press("2")
    gone = page.locator("li.comment.is-gone").last
    expect(gone).to_contain_text("von der Moderation entfernt")
    page.keyboard.press("u")
    expect(public(page, words)).to_be_visible()

    page.keyboard.press("m")
    page.keyboard.press("1")
    expect(page.locator("[data-said]")).to_contain_text("zehn Minuten")
    place = f"/api/v1/discussions/{chat}/comments/"
    refused = reader.post(place, json={"text": "Darf ich?"})
    assert (refused.status_code, refused.json()["code"]) == (403, "barred")
    page.keyboard.press("u")
    expect(page.locator("[data-undo]")).to_be_hidden()
    assert reader.post(place, json={"text": "Jetzt wieder."}).status_code == 201

    public(page, words).locator("[data-action=mute]").click()  # the same by a button
    page.locator(".line-palette button", has_text="Spam").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    page.locator("[data-undo]").click()
    expect(page.locator("[data-undo]")).to_be_hidden()
    decide(moderator, waits, "reject")


def test_keys_are_those_of_the_table_and_do_nothing_while_one_types_or_where_they_are_off(
    at: Callable[..., Page], moderator: httpx.Client, chat: int, say: Callable[..., str]
) -> None:
    words = say(chat)
    page = at(f"/chats/{chat}/", "moderator")

    page.keyboard.press("?")
    rows = page.locator("dialog[open] dt")
    assert rows.evaluate_all("all => all.map((each) => [each.dataset.name, each.textContent])") == [
        [each.name, each.stroke] for each in IN_THREADS
    ]
    bound = page.evaluate("document.querySelector('newsroom-held').keys.names")
    assert sorted(bound) == sorted(each.name for each in IN_THREADS)
    page.keyboard.press("Escape")
    page.locator("#composer-text").focus()
    page.keyboard.type("jrm1?")
    expect(page.locator("#composer-text")).to_have_value("jrm1?")
    expect(page.locator(".line-palette, dialog[open]")).to_have_count(0)
    page.locator("#composer-text").fill("")

    page.goto("/moderation/keys/")
    expect(page.locator("tr[data-name=mute] kbd")).to_have_text("m")
    page.locator("#keys-on").uncheck()
    page.goto(f"/chats/{chat}/")
    expect_live(page)
    public(page, words).locator(".comment-box").focus()
    page.keyboard.press("r")
    page.keyboard.press("?")
    expect(page.locator(".line-palette, dialog[open]")).to_have_count(0)


def test_the_dialog_changes_the_text(at: Callable[..., Page], thread: int, say: Callable[..., str]) -> None:
    words = say(thread)
    page, stranger = at(ARTICLE, "moderator"), at(ARTICLE)
    public(page, words).locator("> .comment-box [data-action=moderate]").click()
    form = page.locator("dialog[open] form[data-deed=edit]")
    form.locator("summary").click()
    expect(form.locator("[name=body]")).to_have_value(words)
    assert violations(page, within="newsroom-moderation dialog") == []

    form.locator("[name=body]").fill(f"Geändert: {words}")
    form.locator("[name=reason]").select_option("insult")
    form.locator("button").click()

    expect(public(stranger, f"Geändert: {words}")).to_be_visible()
    page.get_by_role("button", name="Rückgängig").click()
    expect(public(stranger, f"Geändert: {words}")).to_have_count(0)


def test_without_scripts_it_stands_there_too(
    site: Site, visit: Callable[..., Visitor], moderator: httpx.Client, thread: int, say: Callable[..., str]
) -> None:
    words = say(thread, WORD)
    page = visit(site.process.url, width=390, script=False).page
    log_in(page, site.process, "moderator", ARTICLE)

    held(page, words).locator("summary").click()
    held(page, words).locator("[name=reason]").select_option("insult")
    held(page, words).get_by_role("button", name="Ablehnen").click()

    expect(held(page, words)).to_have_count(0)
    expect(page.locator("newsroom-discussion")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
