"""What an open page costs its reader, as far as it can be counted and not only timed."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.elements.conftest import ARTICLE

RULES = """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules].flatMap((rule) =>
  [...(rule.cssRules?.length ? rule.cssRules : [rule])].map((each) => each.selectorText ?? "")))"""
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
  const { LiveList } = await import(document.querySelector('script[src$="-badge.js"]').src.replace(/[^/]+$/, "list.js"));
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
  Object.defineProperty(HTMLElement.prototype, "dataset", { configurable: true, get() { looks += 1; return get.call(this); } });
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


def test_nothing_on_a_page_costs_more_the_longer_its_discussion_is(at: Callable[..., Page]) -> None:
    page = at(ARTICLE, "moderator")

    selectors = [each.strip() for rule in page.evaluate(RULES) for each in re.split(r",(?![^(]*\))", rule)]
    looks = page.evaluate(LOOKS)

    assert [each for each in selectors if ":has(" in each and not each.startswith(".form ")] == []  # each change below such a rule makes the browser look at everything once more
    assert looks["isInOrder"]
    assert looks["size"] == 1003
    assert max(looks["figures"]) < 30


def test_an_idle_page_rests(at: Callable[..., Page]) -> None:
    page = at(ARTICLE)

    assert set(page.evaluate(MOVING)) == {"opacity", "transform"}  # of the dot and of what is new
    assert page.evaluate(ENDLESS) == 0
