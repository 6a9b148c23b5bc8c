"""What pages cost in Chromium, beside budgets: bytes, requests, layout shifts, LCP, INP, idle CPU, keys at 1,000 rows.

`python -m tests.bench.browser [--root ANOTHER_CHECKOUT] [--comments 1000] [--only pages]` starts the demo of a
checkout, fills one discussion over the API, opens pages on a slow line (150 ms, 1.6 Mbit/s) and a slow processor (a
quarter), and prints figures; the exit code is 1 if one is beyond its budget. To be run by hand, see
docs/benchmarks-pages.md; no test asserts a time.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from tests.support.product import ROOT, environment

ARTICLE = "/articles/lotsenbruecke-hebt-wieder/"
QUIET = ("/search/?q=Brücke", "/imprint/", "/accounts/login/", "/accounts/signup/")
OWN = ("/accounts/profile/", "/accounts/sessions/", "/accounts/email/", "/accounts/2fa/")
WIDTH, HEIGHT = 412, 823
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
THROTTLE = 4
NEXT_PAGE = "(id) => document.querySelector('main [data-list] > li:last-child').dataset.id !== id"
BACK = "() => document.querySelector('main [data-previous]')?.hidden ?? true"
KEYS = 20
TRIES = 3  # of a press
IDLE_SECONDS = 60  # a whole round of what a page does by itself: times are worded by the minute
CALM = 1500  # ms until what has arrived is drawn
KB = 1000
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) {
    const moved = each.sources.map(({ node }) => node?.className || node?.nodeName);
    shifts.push({ value: each.value, moved });
  }
}).observe({ type: "layout-shift", buffered: true });
window.vitals = { lcp: 0, inp: 0 };
new PerformanceObserver((list) => list.getEntries().forEach((each) => { vitals.lcp = Math.round(each.startTime); }))
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (each.interactionId) vitals.inp = Math.max(vitals.inp, each.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });"""
# What one does on a page: opens or folds something, and goes on by the keyboard.
PRESSED = "main summary:visible, main [aria-expanded]:visible, main [data-fold]:visible"
LIVE = "() => document.querySelector('newsroom-live-badge')?.getAttribute('state') === 'live'"
BUDGETS = {
    "cls": 0.019,
    "cls_scrolled": 0.019,
    "cls_arrival": 0.019,
    "css_kilobytes": 20,
    "js_kilobytes": 30.72,  # 30 KiB
    "js_kilobytes_with_more": 35,  # where a composer is in view, or passkeys are used
    "lcp_ms": 2500,  # "good" by web.dev/articles/vitals
    "inp_ms": 200,
    "requests_beside_pictures": 10,
    "uncompressed": 0,
    "idle_percent": 1,
    "key_ms": 20,
}


@dataclass(slots=True)
class Told:
    """What was printed, and what of it was beyond its budget."""

    beyond: list[str] = field(default_factory=list)

    def say(self, what: str, **figures: Any) -> None:
        print(json.dumps({"what": what, **figures}, ensure_ascii=False), flush=True)

    def check(self, what: str, name: str, figure: float) -> None:
        if figure > BUDGETS[name]:
            self.beyond.append(f"{what}: {name} is {figure}, at most {BUDGETS[name]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--comments", type=int, default=1000)
    parser.add_argument("--data", type=Path, help="a demo's data folder to begin with, copied")
    parser.add_argument("--only", nargs="+", default=["pages", "discussion"], choices=["pages", "discussion"])
    parser.add_argument("--match", default="", help="regular expression of the pages and roles to visit")
    asked = parser.parse_args()
    told = Told()
    with demo(asked.root, asked.data) as site, chromium() as browser:
        if "pages" in asked.only:
            for role in ("", "reader"):
                for path, happen in _pages(site, role).items():
                    if re.search(asked.match, f"{path}, {role or 'visitor'}"):
                        _visit(told, browser, site, role, path, happen)
        if "discussion" in asked.only:
            _discussion(told, browser, site, asked.comments)
    print("\n".join(told.beyond) or "all within their budgets")
    sys.exit(1 if told.beyond else 0)


type Happen = Callable[[], None]


def _pages(site: dict[str, Any], role: str) -> dict[str, Happen | None]:
    """All kinds of pages, and what happens live while they are open."""
    editor, moderator = Writer(site, "editor"), Writer(site, "moderator")
    chat = editor.get("/api/v1/discussions/?mode=chat")["results"][0]["id"]
    article = editor.get(f"/api/v1{ARTICLE}")
    blog = next(each for each in editor.get("/api/v1/tickers/")["results"] if each["article"])
    comment = editor.get(f"/api/v1/discussions/{article['discussion']}/comments/")["results"][0]["id"]

    def item(slug: str) -> Happen:
        body = {"headline": "Die Fähre legt ab", "text": "Der Hafen meldet das eben."}
        return lambda: editor.post(f"/api/v1/tickers/{slug}/items/", body)

    def line(discussion: int) -> Happen:
        path = f"/api/v1/discussions/{discussion}/comments/"
        return lambda: moderator.post(path, {"text": f"Das war zu erwarten. {uuid4()}"})

    made: dict[str, Happen | None] = {
        "/": item("newsticker"),
        f"/sections/{article['section']}/": None,
        ARTICLE: line(article["discussion"]),
        f"/articles/{blog['article']}/": item(blog["slug"]),
        "/newsticker/": item("newsticker"),
        "/chats/": line(chat),
        f"/chats/{chat}/": line(chat),
        f"/comments/{comment}/": None,
    }
    return made | dict.fromkeys((*QUIET[:2], *OWN) if role else QUIET)


class Writer:
    """Somebody of the staff, over the API."""

    def __init__(self, site: dict[str, Any], role: str) -> None:
        account = _account(site, role)
        self._client = httpx.Client(base_url=site["url"], timeout=60)
        login = {"email": account["email"], "password": account["password"]}
        answer = self._client.post("/_allauth/app/v1/auth/login", json=login)
        self._client.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]

    def get(self, path: str) -> Any:
        answer = self._client.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> None:
        answer = self._client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.is_success, answer.text


@contextmanager
def demo(root: Path, data: Path | None) -> Iterator[dict[str, Any]]:
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
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        browser.close()


def _account(site: dict[str, Any], role: str) -> dict[str, str]:
    return next(each for each in site["accounts"] if each["role"] == role)


def _fill(site: dict[str, Any], size: int) -> None:
    """As many top-level comments as are wanted, by one person whom no slow mode keeps."""
    writer = Writer(site, "moderator")
    thread = writer.get(f"/api/v1{ARTICLE}")["discussion"]
    for number in range(size):
        text = f"Kommentar {number}. " + "Die Brücke hebt sich wieder, und alle warten. " * (1 + number % 4)
        writer.post(f"/api/v1/discussions/{thread}/comments/", {"text": text})


def open_as(browser: Browser, site: dict[str, Any], role: str) -> Page:
    size = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(base_url=site["url"], viewport=size, locale="de-DE", timezone_id="Europe/Berlin")
    page = context.new_page()
    if role:
        account = _account(site, role)
        page.goto("/accounts/login/?next=/imprint/")
        page.fill("input[name=login]", account["email"])
        page.fill("input[name=password]", account["password"])
        page.locator("main form button.button-primary").click()
        page.wait_for_url("**/imprint/")
    return page


class _Wire:
    """What a page loads, by kind, and which styles and scripts come uncompressed."""

    def __init__(self, session: CDPSession) -> None:
        self.requests: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.uncompressed: list[str] = []
        self._kinds: dict[str, str] = {}
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.webSocketCreated", lambda _event: self.requests.update(["WebSocket"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._loaded)

    def _asked(self, event: Any) -> None:
        if event["request"]["url"].startswith("http"):
            self._kinds[event["requestId"]] = event["type"]
            self.requests[event["type"]] += 1

    def _answered(self, event: Any) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        is_packed = headers.get("content-encoding") in {"br", "gzip", "zstd"}
        if event["type"] in {"Stylesheet", "Script"} and not is_packed and int(headers["content-length"]) > KB:
            self.uncompressed.append(event["response"]["url"])

    def _loaded(self, event: Any) -> None:
        self.bytes[self._kinds.get(event["requestId"], "Other")] += event["encodedDataLength"]

    def beside_pictures(self) -> int:
        return sum(self.requests.values()) - self.requests["Image"]


def _visit(told: Told, browser: Browser, site: dict[str, Any], role: str, path: str, happen: Happen | None) -> None:
    """A first visit on the slow line, during which something happens."""
    page = open_as(browser, site, role)
    page.add_init_script(SHIFTS)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    wire = _Wire(session)
    begun = time.monotonic()
    page.goto(path, timeout=120_000)
    live = _live(page, begun)
    page.wait_for_timeout(CALM)
    first = wire.beside_pictures(), wire.bytes["Stylesheet"], wire.bytes["Script"]
    kinds, size = dict(wire.requests), {kind.lower(): round(each / KB, 1) for kind, each in wire.bytes.items()}
    cls, moved = _shifts(page)
    lcp = page.evaluate("vitals.lcp")
    if happen:
        happen()
        page.wait_for_timeout(2 * CALM)
    arrival, pushed = _shifts(page)
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(CALM)
    scrolled, jumped = _shifts(page)
    inp = _interact(page)
    page.context.close()
    what = f"{path}, {role or 'visitor'}"
    shifts = {"cls": cls, "cls_scrolled": scrolled, "cls_arrival": arrival, "moved": moved + jumped + pushed}
    told.say(what, requests=kinds, kilobytes=size, live_seconds=live, lcp_ms=lcp, inp_ms=inp, **shifts)
    for name in ("cls", "cls_scrolled", "cls_arrival"):
        told.check(what, name, shifts[name])
    told.check(what, "uncompressed", len(wire.uncompressed))
    if not role:
        told.check(what, "requests_beside_pictures", first[0])
    told.check(what, "css_kilobytes", round(first[1] / KB, 1))
    has_more = wire.requests["Script"] > 1
    told.check(what, "js_kilobytes_with_more" if has_more else "js_kilobytes", round(first[2] / KB, 1))
    told.check(what, "lcp_ms", lcp)
    told.check(what, "inp_ms", inp)


def _interact(page: Page) -> int:
    """Milliseconds from the slowest of some keys and presses until the page has drawn what follows."""
    for button in page.locator(PRESSED).all()[:2]:
        button.press("Enter")
        page.wait_for_timeout(CALM)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.wait_for_timeout(CALM)
    return int(page.evaluate("vitals.inp"))


def _shifts(page: Page) -> tuple[float, list[Any]]:
    """How much has moved since the last look, and what moved most."""
    found = page.evaluate("shifts.splice(0)")
    return round(sum(each["value"] for each in found), 3), sorted(found, key=lambda each: -each["value"])[:1]


def _live(page: Page, begun: float) -> float | None:
    """Seconds until the page is live; None for a page that never is."""
    if not page.locator("newsroom-live-badge").count():
        return None
    with suppress(TooLate):
        page.wait_for_function(LIVE, timeout=60_000)
        return round(time.monotonic() - begun, 1)
    return None


def _discussion(told: Told, browser: Browser, site: dict[str, Any], size: int) -> None:
    for path in ("/", ARTICLE, "/newsticker/", "/chats/"):
        page = open_as(browser, site, "")
        session = metered(page)
        page.goto(path)
        page.wait_for_function(LIVE, timeout=60_000)
        page.wait_for_timeout(CALM)
        idle = _idle(page, session, browser)
        page.context.close()
        told.say(f"idle {path}", **idle)
        told.check(f"{path}, idle", "idle_percent", idle["main"])
    _fill(site, size)
    page = open_as(browser, site, "reader")
    session = metered(page)
    page.goto(ARTICLE)
    page.wait_for_function(LIVE, timeout=60_000)
    further = _further(page, session)
    page.wait_for_timeout(CALM)
    idle = _idle(page, session, browser)
    key = _key(page, session)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    slow = _key(page, session)
    told.say(
        f"discussion of {size}",
        idle=idle,
        key_ms=key,
        key_ms_at_a_quarter=slow,
        last_further_page_ms=further,
        event_ms_at_a_quarter=_event(page, session),
    )
    told.check("discussion", "key_ms", key)
    told.check("discussion, idle", "idle_percent", idle["main"])


def _further(page: Page, session: CDPSession) -> float | None:
    """Load all pages, of which the list keeps the last rows; milliseconds of the last one."""
    further = None
    while page.locator("main [data-next] a").first.is_visible():
        before = _busy(session)
        last = page.locator("main [data-list] > li").last.get_attribute("data-id")
        for _ in range(TRIES):  # rows that are drawn late may move the link away from the pointer
            page.locator("main [data-next] a").click()  # where a reader is: rows far from there leave the list
            with suppress(TooLate):
                page.wait_for_function(NEXT_PAGE, arg=last, timeout=5000)
                break
        page.wait_for_timeout(300)
        further = round((_busy(session) - before) * 1000)
    return further


def _key(page: Page, session: CDPSession) -> float:
    """Milliseconds of a key in the composer, with what it draws."""
    page.locator("#composer-text").focus()
    page.wait_for_function(BACK)  # the first rows, which had left the list
    page.keyboard.type("Anfang ")
    page.wait_for_timeout(2000)
    before = _busy(session)
    for _ in range(KEYS):
        page.keyboard.press("x")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return round((_busy(session) - before) / KEYS * 1000, 1)


def metered(page: Page) -> CDPSession:
    """Its figures are CPU time of the thread: a machine that others use does not move them."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def _event(page: Page, session: CDPSession) -> float:
    """What one's own comment costs, with its answer and its event."""
    page.wait_for_timeout(2000)
    before = _busy(session)
    page.keyboard.press("Control+Enter")
    page.wait_for_function("() => document.querySelector('#composer-text').value === ''")
    page.wait_for_timeout(1500)
    return round((_busy(session) - before) * 1000, 1)


def _busy(session: CDPSession) -> float:
    """CPU seconds that the page's main thread has worked."""
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
