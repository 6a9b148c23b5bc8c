"""`uv run python -m tests.browser.screenshots`: the pictures of docs/screenshots, of a demo whose moderators have had
some work.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.entering import log_in
from tests.browser.states import PHONE, THREAD, State, look_at, open_panel, opened, write
from tests.support.panel import api_of
from tests.support.product import ROOT, Demo, demo

WIDE = 1280
DISCUSSION = State("discussion", THREAD, "reader", write, near="#discussion-title")
PANEL = State("panel", THREAD, act=open_panel)
DOCS = ROOT / "docs" / "screenshots"
WAITING = (
    "Zum dritten Mal: Die Brücke öffnet zu spät, und niemand sagt es vorher an.",
    "Wer das geplant hat, ist ein Trottel.",
    "Kauft Uhren bei https://uhren.example und https://noch-mehr-uhren.example!",
)


def for_docs(data: Path) -> None:
    """Pages of readers, and the moderators' pages as they are in English on an ordinary day; in 256 colours."""
    with demo(data) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        pictures = {
            "front": _shot(browser, site, State("front", "/"), WIDE, "de-DE"),
            "discussion": _shot(browser, site, DISCUSSION, WIDE, "de-DE", "dark"),
            "phone": _shot(browser, site, PANEL, PHONE, "de-DE"),
        }
        for name, path in _work(site).items():
            pictures[f"moderating-{name}"] = _shot(browser, site, State(name, path, "moderator"), WIDE, "en-GB")
        for name, picture in pictures.items():
            Image.open(BytesIO(picture)).convert("RGB").quantize(256).save(DOCS / f"{name}.png", optimize=True)
        browser.close()


def _work(site: Demo) -> dict[str, str]:
    """Has comments wait, be reported and be decided about. Returns the moderators' pages, by name."""
    with api_of(site, "reader") as reader, api_of(site, "moderator") as moderator, api_of(site, "editor") as editor:
        person = _day(reader, moderator, editor)
    return {
        "board": "/moderation/",
        "queue": "/moderation/queue/",
        "person": f"/moderation/people/{person}/",
        "log": "/moderation/decisions/",
    }


def _day(reader: httpx.Client, moderator: httpx.Client, editor: httpx.Client) -> int:
    """The person's id about whom most was decided."""
    article = reader.get("articles/").json()["results"][0]
    there = f"discussions/{reader.get(f'articles/{article["slug"]}/').json()['discussion']}/"
    known = reader.get(f"{there}comments/").raise_for_status().json()["results"]
    for reason, comment in zip(("insult", "off_topic", "spam"), known, strict=False):
        editor.post(f"comments/{comment['id']}/reports/", json={"reason": reason}).raise_for_status()
    _ask(moderator.patch(there, json={"switch": "premoderated", "reason": "Es ging hoch her."}))
    said = [_ask(reader.post(f"{there}comments/", json={"text": text})) for text in WAITING]
    _ask(moderator.patch(there, json={"switch": "auto"}))
    spam = said[-1]
    deed = {"action": "reject", "reason": "spam", "seen": spam["version"]}
    _ask(moderator.post(f"comments/{spam['id']}/decisions/", json=deed))
    return int(spam["author"]["id"])


def _ask(answer: httpx.Response) -> Mapping[str, Any]:
    assert answer.is_success, answer.text
    known: Mapping[str, Any] = answer.json()
    return known


def _shot(browser: Browser, site: Demo, state: State, width: int, language: str, scheme: Any = "light") -> bytes:
    context = browser.new_context(
        base_url=site.url, viewport={"width": width, "height": 900}, locale=language, color_scheme=scheme
    )
    context.add_cookies([{"name": "language", "value": language[:2], "url": site.url}])
    page = context.new_page()
    if state.role:
        log_in(page, site, state.role)
    opened(page, state, {}, site.url)
    look_at(page, state)
    picture = page.screenshot()
    context.close()
    return picture


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for_docs(Path(folder))
