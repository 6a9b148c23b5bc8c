"""Pictures of the demo's pages.

`uv run python -m tests.support.screenshots FOLDER [DATA]`: all, in two widths. `uv run python -m
tests.support.screenshots --docs`: those of docs/screenshots, after some work for its moderators.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.support.panel import api_of
from tests.support.product import ROOT, Demo, demo

WIDTHS = (1280, 390)
DOCS = ROOT / "docs" / "screenshots"
WAITING = (
    "Zum dritten Mal: Die Brücke öffnet zu spät, und niemand sagt es vorher an.",
    "Wer das geplant hat, ist ein Trottel.",
    "Kauft Uhren bei https://uhren.example und https://noch-mehr-uhren.example!",
)


def main(into: Path, data: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    with demo(data) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (role, path) in _pages(site).items():
            for width in WIDTHS:
                (into / f"{name}-{width}.png").write_bytes(_shot(browser, site, role, path, width))
        browser.close()


def for_docs(data: Path) -> None:
    """The front page, and the moderators' pages as they are in English on an ordinary day; in 256 colours."""
    with demo(data) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        pages = {"front": ("", "/", "de-DE")}
        for name, path in _work(site).items():
            pages[f"moderating-{name}"] = ("moderator", path, "en-GB")
        for name, (role, path, language) in pages.items():
            picture = Image.open(BytesIO(_shot(browser, site, role, path, WIDTHS[0], language)))
            picture.convert("RGB").quantize(256).save(DOCS / f"{name}.png", optimize=True)
        browser.close()


def _pages(site: Demo) -> dict[str, tuple[str, str]]:
    articles = httpx.get(f"{site.url}/api/v1/articles/").json()["results"]
    chats = httpx.get(f"{site.url}/api/v1/discussions/?mode=chat").json()["results"]
    return {
        "front": ("", "/"),
        "article": ("", f"/articles/{articles[0]['slug']}/"),
        "article-reader": ("reader", f"/articles/{articles[0]['slug']}/#discussion"),
        "ticker": ("", "/newsticker/"),
        "chats": ("", "/chats/"),
        "chat": ("reader", f"/chats/{chats[0]['id']}/"),
        "signup": ("", "/accounts/signup/"),
        "login": ("", "/accounts/login/"),
        "profile": ("reader", "/accounts/profile/"),
        "moderation": ("moderator", "/moderation/"),
        "desk": ("editor", "/admin/"),
    }


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


def _shot(browser: Browser, site: Demo, role: str, path: str, width: int, language: str = "de-DE") -> bytes:
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 900}, locale=language)
    context.add_cookies([{"name": "language", "value": language[:2], "url": site.url}])
    page = context.new_page()
    if role:
        page.goto("/accounts/login/")
        page.fill("input[name=login]", site.accounts[role]["email"])
        page.fill("input[name=password]", site.accounts[role]["password"])
        page.locator("main form button.button-primary").click()
        page.wait_for_url(f"{site.url}/")
    page.goto(path)
    page.wait_for_load_state("load")
    if page.locator("newsroom-live-badge").count():
        page.locator("newsroom-live-badge[state=live]").first.wait_for(timeout=15_000)
    picture = page.screenshot()
    context.close()
    return picture


if __name__ == "__main__":
    if sys.argv[1:] == ["--docs"]:
        for_docs(Path(tempfile.mkdtemp()))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2] if sys.argv[2:] else tempfile.mkdtemp()))
