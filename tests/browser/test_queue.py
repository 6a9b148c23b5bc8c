"""The moderators' queue by keys and by thumb: decided in place, live, and by several at once."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect

from comments.panel.keys import IN_QUEUE
from comments.panel.queue import CARDS_A_PAGE
from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import Site, open_as
from tests.browser.entering import log_in
from tests.support import axe
from tests.support.product import demo
from tests.support.services import wait_for

QUEUE, MAP = "/moderation/queue/", "/moderation/keys/"
CURRENT = "() => document.querySelector('.case[aria-current]')?.id ?? ''"
MOVED_ON = "(before) => (document.querySelector('.case[aria-current]')?.id ?? '') !== before"
MOVED_ON_OR_GONE = (
    f"(before) => ({MOVED_ON})(before) || document.querySelector('.case[aria-current]:is(.is-folded, .is-told)')"
)
SHIFTS = """window.moved = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    const who = each.sources.map(({ node }) => node?.outerHTML?.slice(0, 90));
    if (!each.hadRecentInput) moved.push([each.value, ...who]);
  }
}).observe({ type: "layout-shift" });"""
BOTTOM = "(each) => each.getBoundingClientRect().bottom"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STILL = """() => new Promise((done) => {
  const at = scrollY;
  requestAnimationFrame(() => requestAnimationFrame(() => done(scrollY === at)));
})"""
_numbers = count(1)


@pytest.fixture(scope="module")
def site(filled_folder: Callable[[], Path]) -> Iterator[Site]:
    folder = filled_folder()
    with demo(folder, LIMIT_COMMENTS="10000/m", LIMIT_LOGINS="1000/m") as process:
        yield Site(process, folder)


@pytest.fixture(scope="module")
def reader(site: Site) -> Iterator[httpx.Client]:
    with site.api("reader") as client:
        yield client


@pytest.fixture(scope="module")
def moderator(site: Site) -> Iterator[httpx.Client]:
    with site.api("moderator") as client:
        yield client


@pytest.fixture(autouse=True)  # set up before the browsers: a page that is still open decides its cases after 3 seconds
def hold(reader: httpx.Client, moderator: httpx.Client) -> Iterator[Callable[..., list[int]]]:
    """`hold(3)` has three comments wait, in a chat or below an article; their ids. Nothing waits before and after a
    test.
    """
    chat = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
    switched: list[str] = []
    empty(moderator)

    def waiting(number: int, article: str = "") -> list[int]:
        made, thread = [], chat
        if article:
            thread = reader.get(f"/api/v1/articles/{article}/").json()["discussion"]
        place = f"/api/v1/discussions/{thread}/"
        if place not in switched:
            switched.append(place)
            assert moderator.patch(place, json={"switch": "premoderated", "reason": ""}).is_success
        for _each in range(number):
            answer = reader.post(f"{place}comments/", json={"text": f"Wartet hier, Nummer {next(_numbers)}."})
            assert answer.status_code == 202, answer.text
            made.append(answer.json()["id"])
        return made

    yield waiting
    empty(moderator)
    for place in switched:
        assert moderator.patch(place, json={"switch": "auto"}).is_success


def empty(moderator: httpx.Client) -> None:
    for case in waits(moderator):
        decide(moderator, case["comment"]["id"], "reject" if case["kind"] == "held" else "keep")


def waits(moderator: httpx.Client) -> list[dict[str, Any]]:
    return list(moderator.get("/api/v1/moderation/cases/?limit=200").json()["results"])


def claimed(moderator: httpx.Client) -> list[int]:
    return [case["comment"]["id"] for case in waits(moderator) if case["claim"]]


def decide(client: httpx.Client, comment: int, action: str, **more: object) -> None:
    wish = {"action": action, "reason": "off_topic", **more}
    assert client.post(f"/api/v1/comments/{comment}/decisions/", json=wish).is_success


def decided(moderator: httpx.Client, comment: int) -> list[tuple[str, str, str]]:
    """What people have decided and not undone: action, reason, name of the moderator."""
    found = moderator.get(f"/api/v1/comments/{comment}/history/").json()["decisions"]
    return [
        (each["action"], each["reason"], each["moderator"]["name"])
        for each in found
        if each["moderator"] and not each["undone_at"]
    ]


@pytest.fixture
def size(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """`size(6, 50)`: how many cases, and how many with --full."""
    return lambda few, many: many if request.config.getoption("--full") else few


@pytest.fixture
def queue(site: Site, visit: Callable[..., Visitor]) -> Callable[..., Page]:
    """`queue()` is the queue as a moderator has it open, live."""

    def look(role: str = "moderator", *, width: int = 1280, touch: bool = False) -> Page:
        return open_as(site, visit(site.process.url, width=width, touch=touch), QUEUE, role)

    return look


def card(page: Page, comment: int) -> Locator:
    return page.locator(f".case[data-comment='{comment}']")


def current(page: Page) -> Locator:
    return page.locator(".case[aria-current]")


def press(page: Page, *keys: str, until: str = MOVED_ON) -> None:
    """And wait until the focus has gone on."""
    before = page.evaluate(CURRENT)
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_function(until, arg=before)


def test_cases_are_decided_by_keys_alone(
    queue: Callable[..., Page],
    hold: Callable[[int], list[int]],
    moderator: httpx.Client,
    size: Callable[[int, int], int],
) -> None:
    made = hold(size(CARDS_A_PAGE + 2, 50))
    page = queue()
    page.evaluate("window.times = []")
    plan = {}

    for comment, (keys, expected) in zip(
        made, cycle([(["a"], ("approve", "")), (["r", "8"], ("reject", "off_topic"))]), strict=False
    ):
        expect(current(page)).to_have_attribute("data-comment", str(comment))
        page.evaluate("times.push(performance.now())")
        press(page, *keys)
        page.evaluate("times.push(performance.now())")
        plan[comment] = expected

    wait_for(lambda: not waits(moderator), seconds=30, what="all are decided")
    assert {pk: [each[:2] for each in decided(moderator, pk)] for pk in made} == {pk: [plan[pk]] for pk in made}
    expect(page.locator("[data-empty]")).to_be_visible()
    times = page.evaluate("times")
    taken = [after - before for before, after in zip(times[::2], times[1::2], strict=True)]
    print(f"\nfrom the key to the next card: median {statistics.median(taken):.0f} ms of {len(taken)} decisions")


def test_cases_are_decided_by_thumb_on_a_narrow_screen(
    queue: Callable[..., Page],
    hold: Callable[[int], list[int]],
    moderator: httpx.Client,
    size: Callable[[int, int], int],
) -> None:
    made = hold(size(6, 50))
    page = queue(width=390, touch=True)
    thumb = page.locator("[data-thumb]")
    assert thumb.locator("button").evaluate_all("all => all.map((each) => each.offsetHeight)") == [56, 56, 56]

    skipped = made[0]
    expect(current(page)).to_have_attribute("data-comment", str(skipped))
    thumb.get_by_text("Überspringen").tap()
    for number, comment in enumerate([*made[1:], skipped]):
        expect(current(page)).to_have_attribute("data-comment", str(comment))
        expect(page.locator(".case:visible")).to_have_count(1)
        if number % 2:
            thumb.get_by_text("Ablehnen").tap()
            card(page, comment).locator(".case-palette").get_by_text("Beleidigung").tap()
        else:
            thumb.get_by_text("Freigeben").tap()

    wait_for(lambda: not waits(moderator), seconds=30, what="all are decided")
    assert [len(decided(moderator, pk)) for pk in made] == [1] * len(made)
    expect(thumb).to_be_hidden()  # there is nothing to decide
    expect(page.locator("[data-empty]")).to_be_visible()


class Finger:
    """Touches the current card of a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.devices = page, page.context.new_cdp_session(page)
        self.at = (0.0, 0.0)

    def down(self) -> None:
        box = current(self.page).locator(".case-text").bounding_box()
        assert box
        self.at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self._send("touchStart", self.at)

    def move(self, right: float, down: float = 0) -> None:
        steps = 8
        for step in range(1, steps + 1):
            self._send("touchMove", (self.at[0] + right * step / steps, self.at[1] + down * step / steps))

    def up(self) -> None:
        self._send("touchEnd")

    def swipe(self, right: float, down: float = 0) -> None:
        self.down()
        self.move(right, down)
        self.up()

    def _send(self, kind: str, *points: tuple[float, float]) -> None:
        sent = {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        self.devices.send("Input.dispatchTouchEvent", sent)


def test_a_swipe_approves_or_opens_the_reasons_and_nothing_else_does(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    first, second, third, fourth = hold(4)
    page = queue(width=390, touch=True)
    finger, place = Finger(page), current(page)
    expect(place).to_have_attribute("data-comment", str(first))

    finger.swipe(60)
    finger.swipe(30, -200)  # it scrolls
    page.wait_for_function("() => scrollY > 50")
    page.wait_for_function(STILL)
    place.locator(".case-text").scroll_into_view_if_needed()
    page.wait_for_function(STILL)
    expect(place).to_have_attribute("data-comment", str(first))
    expect(place).to_have_class("case card")
    expect(page.locator("details[open]")).to_have_count(0)

    finger.swipe(150)
    expect(card(page, first)).to_have_class("case card is-waiting")
    expect(place).to_have_attribute("data-comment", str(second))

    finger.down()
    finger.move(-150)
    expect(place).to_have_attribute("data-swipe", "Ablehnen")
    assert place.evaluate("each => each.style.translate") == "-150px"
    finger.up()
    expect(place.locator(".case-palette")).to_be_visible()
    assert place.evaluate("each => each.style.translate") == ""
    place.locator(".case-palette").get_by_text("Beleidigung").click()  # a tap right after a swipe counts as none
    expect(place).to_have_attribute("data-comment", str(third))

    page.emulate_media(reduced_motion="reduce")
    finger.down()
    finger.move(150)
    expect(place).to_have_attribute("data-swipe", "Freigeben")
    assert place.evaluate("each => each.style.translate") == ""
    finger.up()
    expect(place).to_have_attribute("data-comment", str(fourth))

    wait_for(lambda: len(waits(moderator)) == 1, seconds=30, what="three are decided")
    done = [each[:2] for pk in (first, second, third) for each in decided(moderator, pk)]
    assert done == [("approve", ""), ("reject", "insult"), ("approve", "")]


def test_words_that_are_kept_ready_are_chosen_in_the_card(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    (first, _second) = hold(2)
    kept = {"reason": "insult", "language": "de", "text": "Bitte bleiben Sie höflich."}
    made = moderator.post("/api/v1/moderation/texts/", json=kept)
    assert made.is_success
    page = queue()

    page.keyboard.press("r")
    card(page, first).get_by_text("Vorbereitete Worte").click()
    card(page, first).get_by_label("Ein vorbereiteter Text").select_option(kept["text"])
    expect(card(page, first).locator("[name=text]")).to_be_focused()
    expect(card(page, first).locator(".case-preview")).to_contain_text(kept["text"])
    page.keyboard.press("Escape")
    press(page, "2")

    wait_for(lambda: decided(moderator, first), seconds=10, what="it is decided")
    assert moderator.delete(f"/api/v1/moderation/texts/{made.json()['id']}/").is_success
    found = moderator.get(f"/api/v1/comments/{first}/history/").json()["decisions"]
    assert kept["text"] in str(found)


@pytest.mark.timeout(1200)  # with --full
def test_two_work_one_queue_and_none_is_decided_twice_or_lost(
    site: Site,
    visit: Callable[..., Visitor],
    hold: Callable[[int], list[int]],
    moderator: httpx.Client,
    size: Callable[[int, int], int],
) -> None:
    made = hold(size(CARDS_A_PAGE + 1, 200))
    visitors = [visit(site.process.url), visit(site.process.url)]
    pages = [
        open_as(site, visitor, QUEUE, role)
        for visitor, role in zip(visitors, ("moderator", "administrator"), strict=True)
    ]

    for page, keys in cycle(zip(pages * 2, (["a"], ["r", "2"], ["r", "8"], ["a"]), strict=True)):
        is_decided = page.locator(".case[aria-current]:is(.is-folded, .is-told)").count()
        if current(page).count():  # the other one may be faster at any moment
            press(page, *(["j"] if is_decided else keys), until=MOVED_ON if is_decided else MOVED_ON_OR_GONE)
        if not any(current(each).count() for each in pages):
            break

    wait_for(lambda: not waits(moderator), seconds=30, what="all are decided")
    done = [decided(moderator, pk) for pk in made]
    assert [len(each) for each in done] == [1] * len(made)
    assert len({name for (_action, _reason, name), *_ in done}) == 2
    for page, visitor in zip(pages, visitors, strict=True):  # who was second was told so, and nothing else went wrong
        expect(page.locator(".case:not(.is-folded)")).to_have_count(0)
        assert [each for each in visitor.complaints if "409" not in each] == []
        visitor.complaints.clear()


def test_the_map_lists_exactly_the_bindings(queue: Callable[..., Page], hold: Callable[[int], list[int]]) -> None:
    hold(2)
    page = queue()

    page.keyboard.press("?")

    rows = page.locator("dialog[open] dt")
    assert rows.evaluate_all("all => all.map((each) => [each.dataset.name, each.textContent])") == [
        [each.name, each.stroke] for each in IN_QUEUE
    ]
    bound = page.evaluate("document.querySelector('newsroom-queue').keys.names")
    assert sorted(bound) == sorted(each.name for each in IN_QUEUE)
    page.keyboard.press("j")  # nothing, behind a dialog
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_keys_do_nothing_while_one_types_or_holds_ctrl(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    (first, _second) = hold(2)
    page = queue()

    page.keyboard.press("n")
    page.keyboard.type("aaj3 kein Vermerk")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+a")
    expect(current(page)).to_have_attribute("data-comment", str(first))
    press(page, "2")

    wait_for(lambda: decided(moderator, first), seconds=10, what="it is decided")
    found = moderator.get(f"/api/v1/comments/{first}/history/").json()["decisions"]
    assert [each["note"] for each in found if each["moderator"]] == ["aaj3 kein Vermerk"]


def test_keys_can_be_changed_and_switched_off(queue: Callable[..., Page], hold: Callable[[int], list[int]]) -> None:
    (first, second) = hold(2)
    page = queue()
    page.goto(MAP)

    def change(name: str, key: str) -> None:
        page.locator(f"[data-name={name}] button").click()
        page.keyboard.press(key)

    change("next", "f")
    change("skip", "k")
    expect(page.locator("[data-answer]")).to_contain_text("schon eine andere Bedeutung")
    expect(page.locator("[data-name=next] kbd")).to_have_text("f")
    expect(page.locator("[data-name=skip] kbd")).to_have_text("s")
    page.goto(QUEUE)
    expect(current(page)).to_have_attribute("data-comment", str(first))
    page.keyboard.press("j")
    expect(current(page)).to_have_attribute("data-comment", str(first))
    press(page, "f")
    expect(current(page)).to_have_attribute("data-comment", str(second))

    page.goto(MAP)
    page.get_by_label("Tasten auf diesem Gerät verwenden").uncheck()
    page.goto(QUEUE)
    expect(current(page)).to_have_count(1)
    for key in ("f", "k", "r", "?"):
        page.keyboard.press(key)
    expect(current(page)).to_have_attribute("data-comment", str(first))
    expect(page.locator("dialog[open], details[open]")).to_have_count(0)

    page.goto(MAP)
    page.get_by_text("Wie sie waren").click()
    expect(page.locator("[data-name=next] kbd")).to_have_text("j")
    expect(page.get_by_label("Tasten auf diesem Gerät verwenden")).to_be_checked()


def test_the_author_is_shown_what_is_told_and_a_decision_can_be_undone(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    (first, second) = hold(2)
    page = queue()

    page.keyboard.press("t")
    page.keyboard.type("Bitte sachlich.")
    expect(card(page, first).locator(".case-preview")).to_have_text(
        "Der Verfasser liest: Ihr Kommentar wurde nicht veröffentlicht. Grund: … Bitte sachlich."
    )
    page.keyboard.press("Escape")
    press(page, "2")
    expect(card(page, first).locator(".case-line")).to_contain_text("Abgelehnt von Ihnen – Beleidigung")
    expect(page.locator("[data-announce]")).to_have_text("Abgelehnt: Beleidigung")
    expect(page.locator("[data-undo]")).to_contain_text("Rückgängig")
    wait_for(lambda: decided(moderator, first), seconds=10, what="it is decided")

    press(page, "u")
    expect(current(page)).to_have_attribute("data-comment", str(first))
    expect(card(page, first).locator(".case-deeds")).to_be_visible()
    assert decided(moderator, first) == []

    press(page, "a")
    expect(card(page, first)).to_have_class("case card is-waiting")
    press(page, "u")
    expect(current(page)).to_have_attribute("data-comment", str(first))
    assert decided(moderator, first) == []
    press(page, "s")
    expect(current(page)).to_have_attribute("data-comment", str(second))


def test_the_author_is_warned_and_the_case_ticked_by_keys(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    first, second, third = hold(3)
    page = queue()

    page.keyboard.press("x")
    expect(card(page, first).locator(".case-tick input")).to_be_checked()
    page.keyboard.press("x")
    expect(card(page, first).locator(".case-tick input")).not_to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("X")
    ticked = [card(page, each).get_attribute("data-case") for each in (second, third)]
    page.keyboard.press("A")
    page.wait_for_url("**/bulk/**")
    values = page.locator("main [name=case]").evaluate_all("all => all.map((each) => each.value.split('.')[0])")
    assert values == ticked
    page.go_back()

    page.keyboard.press("w")
    expect(card(page, first).locator("[name=warn]")).to_be_checked()
    press(page, "2")

    wait_for(lambda: decided(moderator, first), seconds=10, what="it is decided")
    author = moderator.get(f"/api/v1/comments/{first}/").json()["author"]["id"]
    warnings = moderator.get(f"/api/v1/moderation/people/{author}/warnings/").json()["results"]
    assert warnings[0]["reason"] == "insult"
    press(page, "u")  # takes the warning back
    expect(card(page, first).locator(".case-deeds")).to_be_visible()


def test_the_ticked_ones_are_rejected_by_keys(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    first, second, third = hold(3)
    page = queue()

    page.keyboard.press("x")
    press(page, "j")
    page.keyboard.press("x")
    page.keyboard.press("R")
    page.wait_for_url("**/bulk/**")
    assert page.locator("main button[name=deed]").evaluate_all("all => all.map((each) => each.value)") == [
        *("reject", "remove"),
    ]
    page.get_by_label("Grund").select_option("spam")
    page.locator("button[value=reject]").click()

    wait_for(lambda: len(waits(moderator)) == 1, seconds=30, what="both are rejected")
    assert [each[:2] for pk in (first, second) for each in decided(moderator, pk)] == [("reject", "spam")] * 2
    assert decided(moderator, third) == []


def test_a_case_is_handed_over_by_a_key_and_the_other_one_finds_it(
    site: Site,
    visit: Callable[..., Visitor],
    queue: Callable[..., Page],
    hold: Callable[[int], list[int]],
    moderator: httpx.Client,
) -> None:
    first, second = hold(2)
    with site.api("administrator") as client:
        name = client.get("/api/v1/me/").json()["name"]
    other, visitor = queue("administrator"), visit(site.process.url)
    wait_for(lambda: claimed(moderator) == [first], what="the other one reads the first")
    page = open_as(site, visitor, QUEUE, "moderator")
    expect(current(page)).to_have_attribute("data-comment", str(second))
    press(page, "k")
    other.evaluate(SHIFTS)

    page.keyboard.press("h")
    sheet = page.locator("dialog[data-sheet]")
    expect(sheet.get_by_label("An wen")).to_be_focused()
    page.keyboard.type("Niemand")
    page.keyboard.press("Enter")
    expect(sheet.locator("#hand-to-error")).to_have_text("Diese Person gibt es nicht.")
    assert axe.violations(page) == []
    (complaint,) = visitor.complaints
    assert "422" in complaint
    visitor.complaints.clear()
    sheet.get_by_label("An wen").fill(name)
    sheet.locator("[name=note]").fill("Das kennst du besser.")
    sheet.get_by_role("button", name="Weitergeben").click()

    expect(sheet).to_be_hidden()
    expect(current(page)).to_have_attribute("data-comment", str(second))
    expect(page.locator("[data-announce]")).to_have_text(f"An {name} weitergegeben")
    hint = card(other, first).locator(".case-reported")
    expect(hint).to_have_text(f"{moderator.get('/api/v1/me/').json()['name']} gibt das an {name} weiter")
    assert other.evaluate("moved") == []
    press(page, "a")
    expect(current(page)).to_have_attribute("data-comment", str(first))  # at last what others were asked to do
    press(other, "j")
    press(other, "k")
    expect(card(other, first).locator(".case-handed q")).to_have_text("Das kennst du besser.")


def test_a_text_is_changed_by_a_key_and_that_can_be_undone(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    first, _second = hold(2)
    page = queue()
    before = card(page, first).locator(".case-text").inner_text()

    page.keyboard.press("e")
    sheet = page.locator("dialog[data-sheet]")
    expect(sheet.get_by_label("Text", exact=True)).to_be_focused()
    sheet.get_by_label("Text", exact=True).fill("Gekürzt hier.")
    sheet.get_by_label("Grund", exact=True).select_option("privacy")
    sheet.get_by_role("button", name="Text ändern").click()

    expect(sheet).to_be_hidden()
    expect(card(page, first).locator(".case-text")).to_have_text("Gekürzt hier.")
    expect(current(page)).to_have_attribute("data-comment", str(first))
    assert [each[:2] for each in decided(moderator, first)] == [("edit", "privacy")]
    page.keyboard.press("u")
    expect(card(page, first).locator(".case-text")).to_have_text(before)
    assert decided(moderator, first) == []


def test_leaving_the_page_sends_what_waits(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    (first, _second) = hold(2)
    page = queue()

    press(page, "a")
    page.goto("/imprint/")

    wait_for(lambda: decided(moderator, first), seconds=10, what="it is decided")
    assert decided(moderator, first)[0][0] == "approve"


def test_nothing_moves_while_cases_arrive_and_they_come_when_asked_for(
    site: Site, queue: Callable[..., Page], hold: Callable[[int], list[int]]
) -> None:
    hold(8)
    page = queue()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.evaluate(SHIFTS)
    top = "() => document.querySelector('.case[aria-current]').getBoundingClientRect().top"
    here, at = page.evaluate(CURRENT), page.evaluate(top)

    hold(30)

    pill = page.locator("[data-load]")
    expect(pill).to_have_text("30 neu")
    expect(page.locator(".queue-link newsroom-queue-count")).to_contain_text("38")
    expect(page.locator("[data-tab=held] [data-number]")).to_have_text("38")
    expect(page.locator(".case")).to_have_count(8)
    assert page.evaluate("moved") == []
    assert (page.evaluate(CURRENT), page.evaluate(top)) == (here, at)

    page.keyboard.press(".")

    expect(page.locator(".case")).to_have_count(38)
    expect(pill).to_be_hidden()
    assert (page.evaluate(CURRENT), page.evaluate(top)) == (here, at)


@pytest.mark.parametrize("width", [1280, 320])
def test_the_number_in_the_header_comes_late_and_moves_nothing(
    site: Site, visit: Callable[..., Visitor], hold: Callable[[int], list[int]], width: int
) -> None:
    hold(1)
    page = visit(site.process.url, width=width).page
    asked: dict[str, Route] = {}
    page.route("**/api/v1/moderation/counts/", lambda route: asked.update(counts=route))
    page.route_web_socket("**/live/**", lambda socket: None)  # it opens, and nothing comes
    with page.expect_request("**/api/v1/moderation/counts/"):
        log_in(page, site.process, "moderator", QUEUE)
    expect(current(page)).to_be_visible()
    number = page.locator(".queue-link newsroom-queue-count")
    expect(number).to_be_hidden()
    page.evaluate(SHIFTS)

    asked["counts"].continue_()

    expect(number).to_be_visible()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("moved") == []
    assert page.evaluate(TOO_WIDE) <= 0


@pytest.fixture
def moderates(site: Site, visit: Callable[..., Visitor]) -> Iterator[Callable[..., None]]:
    """`moderates("Jonas Jahn", "Kultur", "Sport")`: in these sections, and does nothing else, until the test ends."""
    page = visit(site.process.url).page
    log_in(page, site.process, "administrator", QUEUE)
    given: list[str] = []

    def tick(name: str, labels: list[str]) -> None:
        page.goto(f"/admin/accounts/user/?q={name}")
        page.get_by_role("link", name=name).first.click()
        page.wait_for_url("**/change/**")
        boxes = page.locator("[name=given]")
        boxes.evaluate_all("all => all.forEach((each) => { each.checked = false; })")
        for label in labels:
            page.get_by_label(f"Moderieren: {label}").check()
        page.locator("[name=_save]").click()
        page.wait_for_url("**/user/?**")

    def give(name: str, *sections: str) -> None:
        given.append(name)
        tick(name, list(sections))

    yield give
    for name in given:
        tick(name, [])


def test_a_moderator_of_two_sections_hears_of_both_and_of_no_other(
    queue: Callable[..., Page],
    hold: Callable[..., list[int]],
    moderates: Callable[..., None],
    moderator: httpx.Client,
) -> None:
    moderates("Jonas Jahn", "Stadtleben", "Kultur")
    hold(1)
    page = queue("journalist")
    expect(page.locator("[data-empty]")).to_be_visible()

    (here,) = hold(1, "lotsenbruecke-hebt-wieder")
    expect(page.locator("[data-load]")).to_have_text("1 neu")
    (there,) = hold(1, "kino-im-gaswerk")
    expect(page.locator("[data-load]")).to_have_text("2 neu")
    hold(1, "muehle-mahlt-wieder")
    for kind, number in {"all": "2", "held": "2", "reported": "0"}.items():
        expect(page.locator(f"[data-tab={kind}] [data-number]")).to_have_text(number)

    page.keyboard.press(".")
    expect(page.locator(".case")).to_have_count(2)
    expect(current(page)).to_have_attribute("data-comment", str(here))
    decide(moderator, there, "reject")
    expect(card(page, there).locator(".case-line")).to_contain_text("Abgelehnt von")
    expect(page.locator("[data-tab=held] [data-number]")).to_have_text("1")
    expect(page.locator("[data-lost]")).to_be_hidden()
    assert len(waits(moderator)) == 3


def test_what_others_do_is_shown_in_the_card(
    site: Site, queue: Callable[..., Page], hold: Callable[[int], list[int]], reader: httpx.Client
) -> None:
    first, second, third, fourth = hold(4)
    page = queue()
    page.evaluate(SHIFTS)
    height = card(page, second).evaluate("each => each.offsetHeight")

    with site.api("administrator") as other:
        decide(other, second, "reject")
        name = other.get("/api/v1/me/").json()["name"]
    line = card(page, second).locator(".case-line")
    expect(line).to_contain_text(f"Abgelehnt von {name} – Am Thema vorbei")
    assert card(page, second).evaluate("each => each.offsetHeight") == height
    assert page.evaluate("moved") == []

    assert reader.delete(f"/api/v1/comments/{third}/").is_success
    expect(card(page, third).locator(".case-line")).to_contain_text("zurückgezogen")

    page.keyboard.press("n")
    page.keyboard.type("Meine Notiz")
    page.keyboard.press("Escape")
    below = card(page, first).locator(".case-author")
    at = below.evaluate(BOTTOM)
    assert reader.patch(f"/api/v1/comments/{first}/", json={"text": "Wartet anders hier."}).is_success
    expect(card(page, first).locator(".case-text")).to_have_text("Wartet anders hier.")
    assert abs(below.evaluate(BOTTOM) - at) < 1  # though the text is longer now; scrolling is by whole pixels
    assert page.evaluate("moved") == []
    expect(card(page, first).locator(".case-changes ins")).to_contain_text("anders")
    expect(card(page, first).locator("[name=note]")).to_have_value("Meine Notiz")
    page.keyboard.press("Escape")

    line.get_by_text("Wieder vorlegen").click()
    expect(page.locator("[data-load]")).to_have_text("1 neu")
    press(page, "j")
    expect(current(page)).to_have_attribute("data-comment", str(fourth))


def test_what_somebody_types_stays_when_another_one_decides(
    site: Site, queue: Callable[..., Page], hold: Callable[[int], list[int]]
) -> None:
    first, second = hold(2)
    page = queue()
    page.keyboard.press("n")
    page.keyboard.type("Meine Notiz")
    page.evaluate(SHIFTS)

    with site.api("administrator") as other:
        decide(other, first, "reject")

    expect(card(page, first).locator(".case-line")).to_contain_text("Abgelehnt von")
    expect(card(page, first).locator("[name=note]")).to_be_focused()
    expect(card(page, first).locator("[name=note]")).to_have_value("Meine Notiz")
    expect(card(page, first).locator(".case-palette button:enabled")).to_have_count(0)
    assert page.evaluate("moved") == []
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    press(page, "j")
    expect(current(page)).to_have_attribute("data-comment", str(second))


def test_a_text_that_was_changed_meanwhile_is_not_decided_about(
    site: Site,
    visit: Callable[..., Visitor],
    hold: Callable[[int], list[int]],
    reader: httpx.Client,
    moderator: httpx.Client,
) -> None:
    first, _second = hold(2)
    visitor = visit(site.process.url)
    page = visitor.page
    page.route_web_socket("**/live/**", lambda socket: None)  # it opens, and nothing comes
    log_in(page, site.process, "moderator", QUEUE)
    expect(current(page)).to_have_attribute("data-comment", str(first))
    assert reader.patch(f"/api/v1/comments/{first}/", json={"text": "Ganz anders hier."}).is_success

    page.keyboard.press("n")
    page.keyboard.type("Meine Notiz")
    page.keyboard.press("Escape")
    press(page, "2")

    expect(card(page, first).locator(".case-complaint")).to_contain_text("inzwischen geändert")
    expect(card(page, first).locator(".case-text")).to_have_text("Ganz anders hier.")
    expect(card(page, first).locator(".case-changes ins").first).to_contain_text("Ganz anders")
    expect(card(page, first).locator("[name=note]")).to_have_value("Meine Notiz")
    assert decided(moderator, first) == []
    (complaint,) = visitor.complaints
    assert "412" in complaint
    visitor.complaints.clear()


def test_one_sees_who_reads_a_case_and_passes_it_over(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    first, second, third = hold(3)
    one = queue("moderator")
    wait_for(lambda: claimed(moderator) == [first])
    other = queue("administrator")
    name = moderator.get("/api/v1/me/").json()["name"]
    expect(card(other, first).locator(".case-claim")).to_have_text(f"{name} liest das gerade")
    expect(current(other)).to_have_attribute("data-comment", str(second))
    expect(card(one, second).locator(".case-claim")).to_have_count(1)

    press(one, "j")

    expect(current(one)).to_have_attribute("data-comment", str(third))
    expect(card(other, first).locator(".case-claim")).to_have_count(0)
    expect(card(other, third).locator(".case-claim")).to_have_text(f"{name} liest das gerade")


def test_on_a_cyrillic_keyboard_the_same_keys_count(
    queue: Callable[..., Page], hold: Callable[[int], list[int]]
) -> None:
    (_first, second) = hold(2)
    page = queue()

    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ'}))")

    expect(current(page)).to_have_attribute("data-comment", str(second))


class Line:
    """The page's connection, in the hands of a test: what the server sends goes through until it is cut."""

    def __init__(self, page: Page) -> None:
        self.is_cut, self.socket, self.server = False, None, None
        page.route_web_socket("**/live/**", self._on_socket)
        page.route("**/live/sse*", lambda route: route.abort() if self.is_cut else route.continue_())

    def _on_socket(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
            return
        self.socket, self.server = socket, socket.connect_to_server()

    def cut(self) -> None:
        """For good."""
        assert self.socket
        self.is_cut = True
        self.socket.close()

    def say(self, frame: dict[str, Any]) -> None:
        assert self.socket
        self.socket.send(json.dumps(frame))


@pytest.fixture
def line(site: Site, visit: Callable[..., Visitor]) -> Callable[..., tuple[Page, Line]]:
    """`line()` is the queue with its connection in the hands of the test."""

    def look(*, clock: bool = False) -> tuple[Page, Line]:
        visitor = visit(site.process.url)
        held = Line(visitor.page)
        if clock:
            visitor.page.clock.install()
        return open_as(site, visitor, QUEUE, "moderator"), held

    return look


def test_what_cannot_be_continued_is_loaded_anew_and_the_focus_stays(
    line: Callable[..., tuple[Page, Line]], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    first, second, third = hold(3)
    page, held = line()
    page.keyboard.press("n")
    page.keyboard.type("Meine Notiz")
    page.evaluate("window.kept = document.querySelector('.case[aria-current]')")
    held.server.on_message(lambda message: None)  # what happens now is not heard of
    decide(moderator, second, "reject")
    (new,) = hold(1)

    held.say({"type": "reset", "stream": "moderation"})

    expect(card(page, second).locator(".case-line")).to_contain_text("Nicht mehr offen")
    expect(page.locator("[data-load]")).to_have_text("1 neu")
    expect(card(page, new)).to_have_count(0)
    expect(current(page)).to_have_attribute("data-comment", str(first))
    expect(current(page).locator("[name=note]")).to_have_value("Meine Notiz")
    expect(card(page, third).locator(".case-deeds")).to_be_visible()
    assert page.evaluate("window.kept.isConnected")


def test_a_burst_has_the_list_loaded_once(
    line: Callable[..., tuple[Page, Line]], hold: Callable[[int], list[int]]
) -> None:
    hold(2)
    page, held = line()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    (followed,) = json.loads(page.locator("newsroom-queue").get_attribute("streams") or "")
    epoch, offset = followed["epoch"], followed["offset"]
    events = [
        {"offset": offset + n, "kind": "case.changed", "at": "2026-01-01T00:00:00Z", "data": {"id": -n}}
        for n in range(1, 1002)
    ]

    with page.expect_response(lambda answer: answer.url.endswith(QUEUE)):
        held.say(
            {
                "type": "events",
                "stream": "moderation",
                "epoch": epoch,
                "from": 0,
                "upto": offset + 1001,
                "events": events,
            }
        )

    assert len([each for each in asked if each.endswith(QUEUE)]) == 1


def test_without_a_connection_it_asks(
    line: Callable[..., tuple[Page, Line]], hold: Callable[[int], list[int]], moderator: httpx.Client
) -> None:
    (_first, second) = hold(2)
    page, held = line(clock=True)
    lost = page.locator("[data-lost]")
    expect(lost).to_be_hidden()

    held.cut()
    page.clock.fast_forward(31_000)
    expect(lost).to_have_text("Nicht live: was andere tun, kommt verspätet.")
    decide(moderator, second, "reject")
    page.clock.fast_forward(11_000)

    expect(card(page, second).locator(".case-line")).to_contain_text("Abgelehnt von")


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_queue_breaks_no_rule(
    queue: Callable[..., Page], hold: Callable[[int], list[int]], moderator: httpx.Client, width: int
) -> None:
    first, *_others = hold(4)
    page = queue(width=width)
    violations = axe.violations if width != 390 else lambda page: []  # between two at which all rules are asked
    found = {"queue": violations(page)}
    wide = {"queue": page.evaluate(TOO_WIDE)}
    press(page, "r", "2")
    wait_for(lambda: decided(moderator, first), what="it is decided, before the page is left")
    page.keyboard.press("r")
    expect(current(page).locator(".case-palette")).to_be_visible()
    found["palette"], wide["palette"] = violations(page), page.evaluate(TOO_WIDE)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    found["map"] = violations(page)
    page.emulate_media(color_scheme="dark")
    found["dark"] = violations(page)
    page.emulate_media(color_scheme="light", forced_colors="active")
    page.keyboard.press("Escape")
    found["forced colours"] = violations(page)
    assert current(page).evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    page.goto(MAP)
    found["keys"], wide["keys"] = violations(page), page.evaluate(TOO_WIDE)

    assert {state: lines for state, lines in found.items() if lines} == {}
    assert {state: pixels for state, pixels in wide.items() if pixels > 0} == {}
