"""What an open page costs its reader, as far as it can be counted and not only timed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.elements.conftest import ARTICLE, Site, expect_live
from tests.browser.entering import log_in

RULES = """() => {
  const selectors = (rule) => [rule.selectorText ?? "", ...[...(rule.cssRules ?? [])].flatMap(selectors)];
  return [...document.styleSheets].flatMap(selectors);
}"""
# Whatever else moves is painted by the main thread, sixty times a second.
MOVING = """() => {
  const badge = document.querySelector("newsroom-live-badge");
  badge.setAttribute("state", "offline");
  document.querySelector("[data-list] > li").classList.add("is-new");
  document.getAnimations(); // brings styles up to date
  badge.setAttribute("state", "live");
  return document.getAnimations().flatMap((each) => each.effect.getKeyframes().flatMap(
    (frame) => Object.keys(frame).filter((name) => !["offset", "computedOffset", "easing", "composite"].includes(name))
  ));
}"""
ENDLESS = "() => document.getAnimations().filter((each) => each.effect.getTiming().iterations === Infinity).length"
# Looks at rows of a list of a thousand: for an event at its end, one in its middle, one of a row that it has, a page.
LOOKS = """async () => {
  const beside = document.querySelector("head script[src]").src; // site.js, or panel.js, which holds it
  const { LiveList } = await import(new URL("../newsroom/list.js", beside).href);
  const row = (n) => Object.assign(document.createElement("li"), { textContent: n });
  const made = (n) => {
    const element = row(n);
    Object.assign(element.dataset, { id: n, order: n, version: 1 });
    return element;
  };
  const root = document.createElement("ol");
  for (let n = 2000; n > 0; n -= 2) root.append(made(n));
  const redraw = (element, { text }) => (element.textContent = text);
  const list = new LiveList({ root, draw: ({ id }) => row(id), redraw, descending: true, isCut: () => false });
  const { get } = Object.getOwnPropertyDescriptor(HTMLElement.prototype, "dataset");
  let looks = 0;
  const looked = { configurable: true, get() { looks += 1; return get.call(this); } };
  Object.defineProperty(HTMLElement.prototype, "dataset", looked);
  const counted = (deed) => { looks = 0; deed(); return looks; };
  const figures = [
    counted(() => list.place({ id: 3000, order: 3000, version: 1 })),
    counted(() => list.place({ id: 1001, order: 1001, version: 1 })),
    counted(() => list.place({ id: 500, order: 500, version: 2, text: "neu" })),
    counted(() => list.remove(700, 2)),
    counted(() => list.adopt([made(-1), made(-2)])) / 2,
  ];
  Object.defineProperty(HTMLElement.prototype, "dataset", { configurable: true, get });
  const orders = [...root.children].map((each) => Number(each.dataset.order));
  return { figures, isInOrder: orders.every((each, at) => at === 0 || each < orders[at - 1]), size: orders.length };
}"""


SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
SHIFTS = """window.moved = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    const who = each.sources.map(({ node }) => node?.className || node?.nodeName);
    if (!each.hadRecentInput) moved.push([each.value, ...who]);
  }
}).observe({ type: "layout-shift", buffered: true });"""
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_nothing_on_a_page_costs_more_the_longer_its_discussion_is(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "moderator")

    selectors = [each.strip() for rule in page.evaluate(RULES) for each in re.split(r",(?![^(]*\))", rule)]
    looks = page.evaluate(LOOKS)

    assert ".comment-box" in selectors
    assert [
        each for each in selectors if ":has(" in each and not each.startswith(".form ")
    ] == []  # each change below such a rule makes the browser look at everything once more
    assert looks["isInOrder"]
    assert looks["size"] == 1003
    assert max(looks["figures"]) < 30


LATER = "/comments/writing.js"  # once a composer is in view
MOST_REQUESTS, MOST_BYTES = 10, 41_500  # beside pictures; of style sheets and scripts on the wire
# With what the script of threads has more for moderators (10,500), and the sheet of lines that wait (3,000).
MOST_BYTES_WHERE_THEY_MODERATE = 55_000


@pytest.mark.parametrize("role", [None, "reader", "moderator"])
def test_a_first_visit_asks_for_little_and_all_of_it_at_once(
    site: Site, visit: Callable[..., Visitor], role: str | None
) -> None:
    with site.api("reader") as reader:
        chat = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]
    page = visit(site.process.url).page
    if role:
        log_in(page, site.process, role, "/imprint/")
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: dict[str, dict[str, Any]] = {}
    line.on("Network.requestWillBeSent", lambda each: asked.update({each["requestId"]: each}))
    arrived: dict[str, int] = {}
    line.on("Network.loadingFinished", lambda each: arrived.update({each["requestId"]: each["encodedDataLength"]}))
    moderated: set[str] = {ARTICLE, f"/chats/{chat}/"} if role == "moderator" else set()

    for path in ("/", ARTICLE, "/newsticker/", f"/chats/{chat}/", "/chats/"):
        asked.clear()
        page.goto(path, wait_until="load")
        expect_live(page)
        files = [
            each
            for each in asked.values()
            if each["type"] in {"Stylesheet", "Script"} and not each["request"]["url"].endswith(LATER)
        ]
        beside = {f"{site.process.url}{each}" for each in ("/newsticker/", "/chats/")}  # the panel asks for it later
        others = [
            each
            for each in asked.values()
            if each["type"] not in {"Stylesheet", "Script", "Image"}
            and not (each["type"] == "Fetch" and each["request"]["url"] in beside)
        ]

        of_lines_that_wait = ["Stylesheet"] * (path in moderated)
        assert [each["type"] for each in files] == ["Stylesheet", "Script", *of_lines_that_wait], path
        assert {each["initiator"]["type"] for each in files} == {"parser"}, path  # the page itself names them
        # And a socket, which is no request to CDP. Moderators ask how much waits: kept pages are the same for all.
        assert [each["type"] for each in others] == ["Document", *["Fetch"] * (role == "moderator")], path
        assert len(files) + len(others) + 2 <= MOST_REQUESTS
        most = MOST_BYTES_WHERE_THEY_MODERATE if path in moderated else MOST_BYTES
        assert 0 < sum(arrived[each["requestId"]] for each in files) <= most, path


# What is placed against the page itself, from within a row, is placed anew at each key.
PLACED_FAR_AWAY = """() => [...document.querySelectorAll("[data-list] > li *")].filter(
  (each) => getComputedStyle(each).position === "absolute" && each.getClientRects().length > 0
    && !each.offsetParent?.closest("[data-list]")
).map((each) => each.className)"""


def test_no_part_of_a_row_is_placed_against_the_page(at: Callable[..., Page]) -> None:
    for path in (ARTICLE, "/newsticker/", "/chats/"):
        assert at(path, "moderator").evaluate(PLACED_FAR_AWAY) == []


def test_an_idle_page_rests(at: Callable[..., Page]) -> None:
    page = at(ARTICLE)

    assert set(page.evaluate(MOVING)) == {"opacity", "transform"}  # of the dot and of what is new
    assert page.evaluate(ENDLESS) == 0


# A discussion of 400 comments, of which all but the first hundred are skipped, and all say a time that is past.
LONG = """async () => {
  const rows = document.querySelector("[data-list]");
  const row = rows.querySelector("li");
  row.querySelector("[data-replies]").replaceChildren();
  row.querySelector("time[data-time]").dateTime = new Date(Date.now() - 5 * 60_000).toISOString();
  rows.replaceChildren(...Array.from({ length: 400 }, () => row.cloneNode(true)));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const skipped = [...rows.querySelectorAll("time")].filter(
    (each) => !each.checkVisibility({ contentVisibilityAuto: true })
  );
  return skipped.length;
}"""
COME_BACK = """() => {
  document.dispatchEvent(new Event("visibilitychange"));
  return [...document.querySelectorAll("main [data-list] > li time[data-time]")].map((each) => each.textContent);
}"""


def test_times_that_pass_have_no_comment_laid_out_that_is_out_of_sight(at: Callable[..., Page]) -> None:
    page = at(ARTICLE)
    skipped = page.evaluate(LONG)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")  # it counts from here

    words = page.evaluate(COME_BACK)

    metrics = session.send("Performance.getMetrics")["metrics"]
    assert skipped > 200
    assert words == ["vor 5 Minuten"] * 400  # what is out of sight can be read aloud
    assert next(each["value"] for each in metrics if each["name"] == "LayoutCount") in range(1, 10)


def watch_on_a_slow_line(page: Page) -> None:
    """From here on `moved` holds what moves on its pages, which are painted before their scripts are there."""
    page.add_init_script(SHIFTS)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_LINE)


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_stand_still_while_they_come_to_life_on_a_slow_line(
    site: Site, visit: Callable[..., Visitor], width: int
) -> None:
    page = visit(site.process.url, width=width).page
    watch_on_a_slow_line(page)
    with site.api("reader") as reader:
        chat = reader.get("/api/v1/discussions/?mode=chat").json()["results"][0]["id"]

    for path in ("/", ARTICLE, "/newsticker/", f"/chats/{chat}/", "/chats/"):
        page.goto(path)
        if page.locator("newsroom-live-badge").count():
            expect_live(page)
        expect(page.locator("time[title]").first).to_be_attached(timeout=30_000)  # worded by the browser
        page.evaluate(FRAMES)
        moved = page.evaluate("moved")
        assert sum(value for value, *_ in moved) < 0.02, (path, moved)


def test_what_a_script_adds_above_a_comment_does_not_move_it(site: Site, visit: Callable[..., Visitor]) -> None:
    with site.api("journalist") as journalist, site.api("moderator") as moderator:
        top = site.say(moderator, "Ein Strang, dessen Antworten sich einklappen lassen")
        replies = [site.say(journalist, f"Antwort {n} mit einer Zeile", top) for n in range(3)]
    page = visit(site.process.url, width=412).page
    log_in(page, site.process, "reader")
    watch_on_a_slow_line(page)

    page.goto(f"/comments/{replies[-1]}/")
    expect_live(page)
    expect(page.locator(f"#comment-{top} > .comment-box [data-branch]")).to_be_visible()
    page.evaluate(FRAMES)

    moved = page.evaluate("moved")
    assert sum(value for value, *_ in moved) < 0.02, moved
