"""What pages cost in Chromium: bytes, requests, layout shifts, idle CPU, and a key in a discussion of 1,000 comments.

`python -m tests.bench.browser [--root ANOTHER_CHECKOUT] [--comments 1000]` starts the demo of a checkout, fills one
discussion over the API, opens pages on a slow line (150 ms, 1.6 Mbit/s) and a slow processor (a quarter), and prints
figures. To be run by hand on an idle machine; no test asserts a time.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.support.product import ROOT, environment

ARTICLE = "/articles/lotsenbruecke-hebt-wieder/"
PAGES = ("/", ARTICLE, "/newsticker/", "/chats/")
WIDTHS = (1280, 390)
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
THROTTLE = 4
KEYS = 20
IDLE_SECONDS = 10
SETTLED = 15_000  # ms after the last page was loaded: what follows is nothing that loading left to do
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) {
    const moved = each.sources.map(({ node }) => node?.className || node?.nodeName);
    shifts.push({ value: each.value, moved });
  }
}).observe({ type: "layout-shift", buffered: true });"""
LIVE = "() => document.querySelector('newsroom-live-badge')?.getAttribute('state') === 'live'"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--comments", type=int, default=1000)
    parser.add_argument("--data", type=Path, help="a demo's data folder to begin with, copied")
    asked = parser.parse_args()
    with _demo(asked.root, asked.data) as site, _chromium() as browser:
        _fill(site, asked.comments)
        chat = next(each["id"] for each in httpx.get(f"{site['url']}/api/v1/discussions/?mode=chat").json()["results"])
        for role in ("", "reader"):
            for path in (*PAGES, f"/chats/{chat}/"):
                for width in WIDTHS:
                    _say(path, role=role or "visitor", width=width, **_load(browser, site, role, path, width))
        _say("discussion", **_discussion(browser, site, asked.comments))


def _say(what: str, **figures: Any) -> None:
    print(json.dumps({"what": what, **figures}, ensure_ascii=False), flush=True)


@contextmanager
def _demo(root: Path, data: Path | None) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        if data:
            shutil.copytree(data, folder, dirs_exist_ok=True)
        env = environment(LIMIT_COMMENTS="100000/m", LIMIT_LOGINS="1000/m")
        command = [sys.executable, "manage.py", "demo", "--json", "--port", "0", "--data", folder]
        process = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        browser.close()


def _account(site: dict[str, Any], role: str) -> dict[str, str]:
    return next(each for each in site["accounts"] if each["role"] == role)


def _fill(site: dict[str, Any], size: int) -> None:
    """As many top-level comments as are wanted, by one person."""
    account = _account(site, "moderator")  # whom no slow mode keeps
    login = {"email": account["email"], "password": account["password"]}
    answer = httpx.post(f"{site['url']}/_allauth/app/v1/auth/login", json=login, timeout=60)
    headers = {"X-Session-Token": answer.json()["meta"]["session_token"]}
    with httpx.Client(base_url=site["url"], headers=headers, timeout=60) as client:
        thread = client.get(f"/api/v1{ARTICLE}").json()["discussion"]
        for number in range(size):
            text = f"Kommentar {number}. " + "Die Brücke hebt sich wieder, und alle warten. " * (1 + number % 4)
            answer = client.post(f"/api/v1/discussions/{thread}/comments/", json={"text": text})
            assert answer.is_success, answer.text


def _open(browser: Browser, site: dict[str, Any], role: str, width: int) -> Page:
    context = browser.new_context(
        base_url=site["url"], viewport={"width": width, "height": 844}, locale="de-DE", timezone_id="Europe/Berlin"
    )
    page = context.new_page()
    if role:
        account = _account(site, role)
        page.goto("/accounts/login/?next=/imprint/")
        page.fill("input[name=login]", account["email"])
        page.fill("input[name=password]", account["password"])
        page.locator("main form button.button-primary").click()
        page.wait_for_url("**/imprint/")
    return page


def _load(browser: Browser, site: dict[str, Any], role: str, path: str, width: int) -> dict[str, Any]:
    """A first visit on the slow line: bytes on the wire, requests, layout shifts, and when it is live."""
    page = _open(browser, site, role, width)
    page.add_init_script(SHIFTS)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    arrived: list[float] = []
    session.on("Network.loadingFinished", lambda event: arrived.append(event["encodedDataLength"]))
    begun = time.monotonic()
    page.goto(path, timeout=60_000)
    page.wait_for_function(LIVE, timeout=60_000)
    live = time.monotonic() - begun
    page.wait_for_timeout(1500)
    shifts = page.evaluate("shifts")
    page.context.close()
    return {
        "requests": len(arrived),
        "kilobytes": round(sum(arrived) / 1000),
        "live_seconds": round(live, 1),
        "cls": round(sum(each["value"] for each in shifts), 3),
        "moved": sorted(shifts, key=lambda each: -each["value"])[:2],
    }


def _discussion(browser: Browser, site: dict[str, Any], size: int) -> dict[str, Any]:
    page = _open(browser, site, "reader", 1280)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    idle_few = _after_live(page, session, browser)
    further = []
    while page.locator("[data-next] a").first.is_visible():
        before = _busy(session)
        rows = page.locator("[data-list] > li").count()
        page.evaluate("document.querySelector('[data-next] a').click()")
        page.wait_for_function(f"() => document.querySelectorAll('[data-list] > li').length > {rows}", timeout=60_000)
        page.wait_for_timeout(300)
        further.append(_busy(session) - before)
        if page.locator("[data-list] > li").count() >= size:
            break
    page.wait_for_timeout(SETTLED)
    idle_many = _idle(page, session, browser)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    page.locator("#composer-text").focus()
    page.keyboard.type("Anfang ")
    page.wait_for_timeout(2000)
    before = _busy(session)
    for _ in range(KEYS):
        page.keyboard.press("x")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    key = (_busy(session) - before) / KEYS
    figures = {"idle_percent_of_a_core_25": idle_few, f"idle_percent_of_a_core_{size}": idle_many}
    return figures | {
        "rows": page.locator("[data-list] > li").count(),
        "key_ms_at_a_quarter": round(key * 1000, 1),
        "last_further_page_ms": round(further[-1] * 1000) if further else None,
        "event_ms_at_a_quarter": _event(page, session),
    }


def _after_live(page: Page, session: CDPSession, browser: Browser) -> dict[str, float]:
    page.goto(ARTICLE)
    page.wait_for_function(LIVE)
    page.wait_for_timeout(2000)
    return _idle(page, session, browser)


def _event(page: Page, session: CDPSession) -> float:
    """What one's own comment costs, with its answer and its event."""
    page.wait_for_timeout(2000)
    before = _busy(session)
    page.keyboard.press("Control+Enter")
    page.wait_for_function("() => document.querySelector('#composer-text').value === ''")
    page.wait_for_timeout(1500)
    return round((_busy(session) - before) * 1000, 1)


def _busy(session: CDPSession) -> float:
    """Seconds that the page's main thread has worked."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration")


def _idle(page: Page, session: CDPSession, browser: Browser) -> dict[str, float]:
    """Per cent of a core while nothing happens: of the main thread, and of all of Chromium."""
    whole = browser.new_browser_cdp_session()
    first, main_before = _cpu(whole), _busy(session)
    page.wait_for_timeout(IDLE_SECONDS * 1000)
    all_of_it, main = _cpu(whole) - first, _busy(session) - main_before
    whole.detach()
    return {"main": round(100 * main / IDLE_SECONDS, 2), "all": round(100 * all_of_it / IDLE_SECONDS, 1)}


def _cpu(whole: CDPSession) -> float:
    return sum(float(each["cpuTime"]) for each in whole.send("SystemInfo.getProcessInfo")["processInfo"])


if __name__ == "__main__":
    main()
