"""Debian's Chromium on the demo. One browser a file: its event loop must be gone before other tests run theirs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.support.services import missing

# Without these Chromium looks for hosts that this machine may not reach.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
PATIENCE = 30_000  # ms: the machine may have much else to do
SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "var" / "tests" / "screenshots"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing("browser", "Chromium (Debian: chromium-headless-shell)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--no-first-run", *QUIET]
        )
        yield browser
        browser.close()


class Visitor:
    """A browser of one person. `complaints` are errors that scripts or the security policy raised, and what was asked
    of other sites than the one at `base_url`.
    """

    def __init__(self, context: BrowserContext, base_url: str) -> None:
        self.context, self._site = context, urlsplit(base_url).netloc
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        context.on("request", self._ask)

    def _ask(self, request: Request) -> None:
        scheme, host = urlsplit(request.url)[:2]
        if scheme in {"http", "https"} and host != self._site:
            self.complaints.append(f"asks {request.url}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "net::ERR_" not in message.text:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


@pytest.fixture
def some(request: pytest.FixtureRequest) -> Callable[[Sequence[Any]], list[Any]]:
    """`some(pages)`: of a long walk a third, another one with each seed of a run; with --full all of it."""
    if request.config.getoption("--full"):
        return list
    seed = int(request.config.getoption("randomly_seed"))
    return lambda things: list(things[seed % 3 :: 3])


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """`visit(base_url, width=1280)` opens a browser of its own; no page may complain before the test ends.

    `keeps`: with the service worker.
    """
    visitors: list[Visitor] = []

    def make(
        base_url: str, *, width: int = 1280, touch: bool = False, script: bool = True, keeps: bool = False
    ) -> Visitor:
        context = chromium.new_context(
            base_url=base_url,
            viewport={"width": width, "height": 900},
            locale="de-DE",
            timezone_id="Europe/Berlin",
            has_touch=touch,
            java_script_enabled=script,
            service_workers="allow" if keeps else "block",  # a test sees all requests, and no page of another test
        )
        context.set_default_timeout(PATIENCE)
        visitors.append(Visitor(context, base_url))
        return visitors[-1]

    failed_before = request.session.testsfailed
    yield make
    for number, visitor in enumerate(visitors):
        if request.session.testsfailed > failed_before:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            visitor.page.screenshot(path=SCREENSHOTS / f"{request.node.name}-{number}.png")
        visitor.context.close()
    assert [line for visitor in visitors for line in visitor.complaints] == []
