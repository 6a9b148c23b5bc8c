"""Pictures of the demo's pages in two widths: `uv run python -m tests.support.screenshots FOLDER [DATA]`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

from tests.support.product import Demo, demo

WIDTHS = (1280, 390)


def main(into: Path, data: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    with demo(data) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (role, path) in _pages(site).items():
            for width in WIDTHS:
                _shoot(browser, site, role, path, width, into / f"{name}-{width}.png")
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
        "moderation": ("moderator", "/admin/"),
        "desk": ("editor", "/admin/"),
    }


def _shoot(browser: Browser, site: Demo, role: str, path: str, width: int, file: Path) -> None:
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 900}, locale="de-DE")
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
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2] if sys.argv[2:] else tempfile.mkdtemp()))
