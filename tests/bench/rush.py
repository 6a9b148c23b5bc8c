"""What an open page does in a rush: a ticker of 5,000 items and a chat of 10,000 lines get 20 a second for 2 minutes.

`python -m tests.bench.rush [--root ANOTHER_CHECKOUT] [--items 5000] [--lines 10000] [--rate 20] [--seconds 120]` starts
the demo of a checkout, fills a ticker and a chat over the API, opens one after the other in Chromium, and posts. It
prints for each page how many of the new rows came into the list and how many stand there twice, the size of the page's
heap and how many nodes it has before and after, and the longest time that its main thread was held up, while the page
opened and in the rush. The exit code is 1 if a row is missing or doubled, if the heap has grown by more than `GROWTH`,
or if a task of the rush took over `LONGEST` ms. To be run by hand on a quiet machine, see docs/benchmarks-pages.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from tests.bench.browser import LIVE, Told, Writer, chromium, demo, metered, open_as
from tests.support.product import ROOT

GROWTH = 4  # MB
LONGEST = 100  # ms
SETTLED = 3000  # ms until what was posted last is drawn
TOGETHER = 4  # connections that fill
# Rows that come, by number, and tasks over 50 ms, which a browser calls long.
WATCH = """window.come = []; window.held = [];
new PerformanceObserver((list) => held.push(...list.getEntries().map((each) => Math.round(each.duration))))
  .observe({ type: "longtask" });
window.watchRows = () => new MutationObserver((changes) => {
  for (const { addedNodes } of changes)
    for (const each of addedNodes) if (each.dataset?.id) come.push(Number(each.dataset.id));
}).observe(document.querySelector("main [data-list]"), { childList: true });"""
STANDING = (
    "() => [...document.querySelectorAll('main [data-list] > li[data-id]')].map((each) => Number(each.dataset.id))"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=20, help="rows a second")
    parser.add_argument("--seconds", type=int, default=120)
    asked = parser.parse_args()
    told = Told()
    with demo(asked.root, None) as site, chromium() as browser:
        chat = Writer(site, "moderator").get("/api/v1/discussions/?mode=chat")["results"][0]["id"]
        ticker, talk = "/api/v1/tickers/newsticker/items/", f"/api/v1/discussions/{chat}/comments/"
        _fill(site, "editor", ticker, asked.items)
        _rush(told, browser, site, asked, "/newsticker/", Post("editor", ticker))
        _fill(site, "moderator", talk, asked.lines)
        _rush(told, browser, site, asked, f"/chats/{chat}/", Post("moderator", talk))
    print("\n".join(told.beyond) or "none dropped, none doubled, memory flat, never held up")
    sys.exit(1 if told.beyond else 0)


class Post:
    """Posts one row after the other, as somebody of the staff."""

    def __init__(self, role: str, path: str) -> None:
        self.role, self.path = role, path
        self.done = 0

    def __call__(self, writer: Writer) -> None:
        self.done += 1
        writer.post(self.path, _row(self.path, f"Nummer {self.done}"))


def _row(path: str, words: str) -> dict[str, Any]:
    said = f"{words}: die Brücke hebt sich wieder, und alle warten am Kai."
    return {"headline": words, "text": said} if path.endswith("/items/") else {"text": said}


def _fill(site: dict[str, Any], role: str, path: str, size: int) -> None:
    writers = [Writer(site, role) for _ in range(TOGETHER)]
    with ThreadPoolExecutor(TOGETHER) as pool:
        for number in range(0, size, TOGETHER):
            rows = [_row(path, f"Älteres {number + at}") for at in range(TOGETHER)]
            list(pool.map(lambda writer, row: writer.post(path, row), writers, rows))


def _rush(told: Told, browser: Browser, site: dict[str, Any], asked: argparse.Namespace, path: str, post: Post) -> None:
    page = open_as(browser, site, "")
    page.add_init_script(WATCH)
    session = metered(page)
    page.goto(path)
    page.wait_for_function(LIVE)
    page.evaluate("watchRows()")
    before, nodes_before = _size(page, session)
    opening = page.evaluate("held.splice(0)")
    posting = Thread(target=_post, args=(Writer(site, post.role), post, asked.rate, asked.seconds))
    posting.start()
    while posting.is_alive():
        page.wait_for_timeout(1000)
    page.wait_for_timeout(SETTLED)
    pill = page.locator("main .pill button").first
    waiting = int("".join(filter(str.isdigit, pill.text_content() or "")) or 0) if pill.is_visible() else 0
    come, standing, held = page.evaluate("come"), page.evaluate(STANDING), page.evaluate("held")
    after, nodes = _size(page, session)
    if waiting:
        pill.click()
        pill.wait_for(state="hidden")
        standing = page.evaluate(STANDING)
    page.context.close()
    new, doubled = len(set(come)), len(come) - len(set(come)) + len(standing) - len(set(standing))
    missing = post.done - new - waiting
    told.say(
        f"{path}, {post.done} rows at {asked.rate} a second",
        come=new,
        counted_by_the_pill=waiting,
        missing=missing,
        doubled=doubled,
        standing=len(standing),
        heap_mb=[before, after],
        nodes=[nodes_before, nodes],
        longest_task_of_opening_ms=max(opening, default=0),
        longest_task_ms=max(held, default=0),
        tasks_over_50_ms=len(held),
    )
    if missing or doubled:
        told.beyond.append(f"{path}: {missing} missing, {doubled} doubled")
    if after - before > GROWTH:
        told.beyond.append(f"{path}: the heap grew from {before} to {after} MB, at most {GROWTH} more")
    if max(held, default=0) > LONGEST:
        told.beyond.append(f"{path}: held up for {max(held)} ms, at most {LONGEST}")


def _post(writer: Writer, post: Post, rate: int, seconds: int) -> None:
    """At even distances; where one takes longer, the next follow at once."""
    begun = time.monotonic()
    for number in range(rate * seconds):
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
        post(writer)


def _size(page: Page, session: CDPSession) -> tuple[float, int]:
    """MB of the heap without what may be collected, and nodes of the document."""
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return round(metrics["JSHeapUsedSize"] / 1e6, 1), page.evaluate("document.getElementsByTagName('*').length")


if __name__ == "__main__":
    main()
