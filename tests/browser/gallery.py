"""`uv run python -m tests.browser.gallery [NAME …]`: pictures of the demo's pages and their states (all, or those whose
names begin so) on a wide screen and on a phone, light and dark, into var/gallery, with an index.html.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.entering import log_in
from tests.browser.states import LIMITS, PHONE, STATES, State, look_at, opened, prepared
from tests.support.product import ROOT, Demo, demo

INTO = ROOT / "var" / "gallery"
WIDTHS = (1280, PHONE)
SCHEMES = ("light", "dark")
HIGHEST = 2600  # pixels of a picture: the rest of a page is more of the same
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title><style>
body {{ font-family: sans-serif; margin: 2rem; background: #777; }} img {{ max-height: 80vh; vertical-align: top; }}
</style><h1>Gallery</h1>{parts}</html>
"""


def main(names: Collection[str]) -> None:
    shutil.rmtree(INTO, ignore_errors=True)
    INTO.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory() as data,
        demo(Path(data), **LIMITS) as site,
        sync_playwright() as playwright,
    ):
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        places = prepared(site, browser.new_page(base_url=site.url))
        chosen = [each for each in STATES if not names or each.name.startswith(tuple(names))]
        for look in product(WIDTHS, SCHEMES):
            _take(browser, site, places, chosen, *look)
        browser.close()
    (INTO / "index.html").write_text(PAGE.format(parts="".join(_parts(chosen))))


def _take(
    browser: Browser, site: Demo, places: Mapping[str, str], chosen: Collection[State], width: int, scheme: Any
) -> None:
    people: dict[str, BrowserContext] = {}
    for state in chosen:
        if state.width not in {None, width}:
            continue
        if state.role not in people:
            people[state.role] = browser.new_context(
                base_url=site.url,
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                locale="de-DE",
                timezone_id="Europe/Berlin",
                service_workers="block",
            )
            if state.role:
                log_in(page := people[state.role].new_page(), site, state.role)
                page.close()
        page = people[state.role].new_page()
        try:
            opened(page, state, places, site.url)
        except AssertionError as error:
            sys.stderr.write(f"{state.name}, {width}, {scheme}: {error}\n")
        (INTO / _name(state, width, scheme)).write_bytes(_shot(page, state))
        page.context.set_offline(False)
        page.close()
    for each in people.values():
        each.close()


def _shot(page: Page, state: State) -> bytes:
    """The whole page, as far as it is not too high; or the window, with what lies over the page or is looked at."""
    look_at(page, state)
    page.wait_for_timeout(300)  # until what moves has come to rest
    size = page.viewport_size
    assert size
    if state.near or page.locator("dialog[open], .side[open]").count():
        return page.screenshot()
    height = min(HIGHEST, page.evaluate("document.documentElement.scrollHeight"))
    return page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": size["width"], "height": height})


def _name(state: State, width: int, scheme: str) -> str:
    return f"{state.name}-{width}-{scheme}.png"


def _parts(chosen: Collection[State]) -> Iterator[str]:
    for state in chosen:
        yield f"<h2>{escape(state.name)}</h2><p>"
        for width, scheme in product(WIDTHS, SCHEMES):
            if state.width in {None, width}:
                name = _name(state, width, scheme)
                yield f'<a href="{name}"><img src="{name}" alt="{escape(state.name)}, {width}, {scheme}"></a> '
        yield "</p>"


if __name__ == "__main__":
    main(sys.argv[1:])
