"""Somebody at the editors' desk who keeps a list: what each of its pages offers to press, and what was pressed."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Dialog, Frame, Locator, Page, Response, expect

# What can be pressed, each by the name that a list of it goes by. Buttons, actions and pop-ups belong to their page;
# what the theme or its calendar draws alike on every page counts once, by the expression that it runs.
OFFERED = """() => {
  const found = new Set();
  const seen = (each) => each.checkVisibility({ visibilityProperty: true });
  for (const each of document.querySelectorAll("select[name=action] option:not([value=''])")) {
    found.add(`action ${each.value}`);
  }
  for (const each of document.querySelectorAll(".related-widget-wrapper-link")) found.add(`pop-up ${each.id}`);
  for (const each of document.querySelectorAll("button, [type=submit], [type=button]")) {
    if (!seen(each) || each.hasAttribute("x-on:click")) continue;
    const isWayOut = each.closest("form")?.id === "logout-form";
    const text = each.textContent.trim().replace(/\\s+/g, " ");
    const name = isWayOut ? "logout" : each.name || each.id.replace(/\\d+$/, "") || text;
    found.add(`${each.closest("#nav-sidebar-inner") ? "menu" : "button"} ${name}`);
  }
  for (const each of document.querySelectorAll("[x-on\\\\:click]")) {
    if (seen(each)) found.add(`theme ${each.getAttribute("x-on:click").split(/[({=]/)[0].trim()}`);
  }
  for (const each of document.querySelectorAll("main a[href], #main a[href]")) {
    const deed = each.getAttribute("href").match(/[/](history|delete|add)[/]([?]|$)|[/]admin[/](r)[/]/);
    if (seen(each) && deed) found.add(`link ${deed[1] || deed[3]}`);
  }
  return [...found];
}"""
SHARED = (
    "theme ",
    "menu ",
    "link history",
    "link add",
    "link r",
    "button calendarlink",
    "button clocklink",
    "button searchbar-submit",
)
# Nothing moves and nothing is blurred: there is less to wait for and to draw.
STILL = """
  const still = new CSSStyleSheet();
  const nothing = "{ transition: none !important; animation: none !important; backdrop-filter: none !important }";
  still.replaceSync(`*, *::before, *::after ${nothing}`);
  document.adoptedStyleSheets = [still];
"""


class Desk:
    """A person's browser at /admin/. Every answer must be a good one.

    What the page hears is a finger if it knows of one, else a mouse.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.has_touch = page.evaluate("navigator.maxTouchPoints > 0")
        self.offered: set[str] = set()
        self.pressed: set[str] = set()
        self.looked: set[str] = set()  # the paths of the pages
        self.failed: list[str] = []
        self.asked: list[str] = []
        page.add_init_script(STILL)
        page.on("response", self._answered)
        page.on("dialog", self._agree)

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.look()

    def look(self) -> None:
        self.looked.add(urlsplit(self.page.url).path)
        self.offered |= {self._key(each) for each in self.page.evaluate(OFFERED)}

    def hit(self, target: Locator) -> None:
        if self.has_touch:
            target.tap()
        else:
            target.click()

    def press(self, control: str, locator: Locator | None = None) -> None:
        """Press what the list calls so, and follow it to the page that it leads to."""
        kind, _space, name = control.partition(" ")
        self.pressed.add(self._key(control))
        with self.page.expect_navigation():
            self.hit(locator or self.page.locator(f"{kind}[name={name}]:visible"))
        self.look()

    def touch(self, control: str, locator: Locator, *, stirs: bool = True) -> None:
        """Press what changes the page that it is on; what does not stir its elements the caller has to look for."""
        self.pressed.add(self._key(control))
        self.page.evaluate(
            "() => { window.hasStirred = false; const all = {subtree: true, childList: true, attributes: true};"
            "new MutationObserver(() => { window.hasStirred = true; }).observe(document, all); }"
        )
        self.hit(locator)
        if stirs:
            self.page.wait_for_function("window.hasStirred")
        self.look()

    def more(self) -> None:
        """Open the menu of what else can be done with a row, where a narrow screen has one."""
        menu = self.page.locator("a[x-on\\:click^='showActions']")
        if menu.is_visible():
            self.touch("theme showActions", menu)

    def told(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()

    def tick(self, action: str, *rows: str, fill: Callable[[], None] | None = None) -> None:
        """Choose rows of a list by what stands in them, and what to do with them."""
        for words in rows:
            self.row(words).locator("input.action-select").check()
        self.page.locator("select[name=action]").select_option(action)
        if fill is not None:
            fill()
        self.press(f"action {action}", self.page.locator("#changelist-actions button[type=submit]"))

    def row(self, words: str) -> Locator:
        return self.page.locator("#result_list tbody tr", has_text=words).first

    def into(self, words: str) -> None:
        """From a list to the form of the row in which these words stand."""
        with self.page.expect_navigation():
            self.row(words).locator('a[href*="/change/"]').last.click()
        self.look()

    def pop_up(self, deed: str, field: str) -> Frame:
        """Open one of the pop-ups beside a field and give what stands in it."""
        link = self.page.locator(f"#{deed}_id_{field}")
        self.page.mouse.click(3, 3)  # another field's menu may lie above it
        expect(self.page.locator("nav[id^=related-widget-wrapper]:visible")).to_have_count(0)
        if not link.is_visible():
            opener = self.page.locator(f'[x-ref="relatedWidgetWrapper{field}"]')
            self.touch("theme openRelatedWidgetWrapper", opener)
        self.pressed.add(self._key(f"pop-up {deed}_id_{field}"))
        self.hit(link)
        frame = self.page.locator(f"#modal-content iframe[name={deed}_id_{field}]")
        expect(frame).to_be_visible(timeout=30_000)  # it opens once all in it has come
        handle = frame.element_handle()
        assert handle is not None
        inside = handle.content_frame()
        assert inside is not None
        expect(inside.locator("form:visible").first).to_be_visible()
        return inside

    def has_pop_up(self, deed: str, field: str) -> bool:
        return self.page.locator(f"#{deed}_id_{field}").count() > 0

    def closed(self) -> None:
        expect(self.page.locator("#modal-content iframe")).to_be_hidden()

    def _key(self, control: str) -> str:
        if control.startswith(SHARED):
            return control
        parts = re.sub(r"^.*/admin/", "", self.page.url.partition("?")[0]).strip("/").split("/")
        place = parts[-1] if parts[-1] in {"add", "change", "delete", "history"} else "list"
        return f"{'.'.join(parts[:2])} {'form' if place in {'add', 'change'} else place}: {control}"

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.failed.append(f"{response.status} {response.request.method} {response.url}")

    def _agree(self, dialog: Dialog) -> None:
        self.asked.append(dialog.message)
        dialog.accept()


def missed(*desks: Desk) -> list[str]:
    """What was offered at any of them, and pressed at none."""
    return sorted({name for each in desks for name in each.offered} - {name for each in desks for name in each.pressed})
