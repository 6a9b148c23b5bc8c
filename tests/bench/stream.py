"""The open queue while events keep coming: does anything move under the cursor, and what does it cost? By hand:

    uv run python -m tests.bench.stream [--minutes 10] [--rate 5]

Starts a demo, has comments wait, opens the queue in Chromium with the cursor on a card, and lets a reader and a second
moderator do things to cases in sight and out of sight: comments that wait, edits, withdrawals, claims, decisions.
Prints a line a minute; the exit code is 1 if anything has moved.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.bench.machine import facts
from tests.support.panel import api_of
from tests.support.product import Demo, demo

QUEUE = "/moderation/queue/"
AT_FIRST = 12  # comments that wait, and at least so many at any time
LIVE = "() => document.querySelector('newsroom-live-badge')?.getAttribute('state') === 'live'"
# Of the current card, where its buttons stand: its text may grow upwards.
BOTTOM = "() => document.querySelector('.case[aria-current]')?.getBoundingClientRect().bottom ?? null"
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) shifts.push(each.value);
}).observe({ type: "layout-shift" });"""
_numbers = count(1)


class Company:
    """A reader who writes and a moderator who decides, each deed one or more events of the queue."""

    def __init__(self, site: Demo) -> None:
        self._reader, self._other = api_of(site, "reader"), api_of(site, "administrator")  # open until the end
        chat = self._reader.get("discussions/?mode=chat").json()["results"][0]["id"]
        self._place = f"discussions/{chat}/"
        self._other.patch(self._place, json={"switch": "premoderated", "reason": ""}).raise_for_status()
        self._waiting: list[tuple[int, int]] = []  # comment, case
        self._chance = random.Random(7)
        for case in self._other.get("moderation/cases/?limit=200").json()["results"]:
            self._waiting.append((case["comment"]["id"], case["id"]))
        while len(self._waiting) < AT_FIRST:
            self.post()

    def deeds(self) -> Iterator[Callable[[], None]]:
        while True:
            if len(self._waiting) < AT_FIRST:
                yield self.post
            else:
                yield self._chance.choice([self.post, self.edit, self.claim, self.decide, self.withdraw])

    def post(self) -> None:
        said = {"text": f"Wartet hier, Nummer {next(_numbers)}. " + "Das ist ein längerer Satz. " * 3}
        made = self._reader.post(f"{self._place}comments/", json=said).raise_for_status().json()
        newest = self._other.get("moderation/cases/?order=newest&limit=1").json()["results"][0]
        self._waiting.append((made["id"], newest["id"]))

    def edit(self) -> None:
        comment, _case = self._chance.choice(self._waiting)
        wish = {"text": f"Anders gesagt, Nummer {next(_numbers)}."}
        self._reader.patch(f"comments/{comment}/", json=wish).raise_for_status()

    def claim(self) -> None:
        _comment, case = self._chance.choice(self._waiting)
        self._other.put(f"moderation/cases/{case}/claim/")  # 409 where the first moderator has it

    def decide(self) -> None:
        comment, _case = self._taken()
        wish = {"action": "reject", "reason": "spam"}
        self._other.post(f"comments/{comment}/decisions/", json=wish).raise_for_status()

    def withdraw(self) -> None:
        comment, _case = self._taken()
        self._reader.delete(f"comments/{comment}/").raise_for_status()

    def _taken(self) -> tuple[int, int]:
        return self._waiting.pop(self._chance.randrange(len(self._waiting)))


def watch(page: Page, devtools: CDPSession, company: Company, minutes: float, rate: float) -> bool:
    """Returns whether nothing has moved."""
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_function(f"({BOTTOM})() !== null")
    page.wait_for_timeout(2000)  # until the focus has come to rest
    page.evaluate(SHIFTS)
    at, before, deeds = page.evaluate(BOTTOM), figures(devtools), company.deeds()
    began, done, still = time.monotonic(), 0, True
    while done < minutes * 60 * rate:
        if done < (time.monotonic() - began) * rate:
            next(deeds)()
            done += 1
        else:
            page.wait_for_timeout(1000 / rate / 4)
            continue
        if done % int(60 * rate) and done < minutes * 60 * rate:
            continue
        passed = time.monotonic() - began
        moved, here, now = page.evaluate("shifts"), page.evaluate(BOTTOM), figures(devtools)
        still = still and moved == [] and here is not None and abs(here - at) < 1  # scrolling is by whole pixels
        busy = 100 * (now["ThreadTime"] - before["ThreadTime"]) / passed
        print(
            f"{passed / 60:5.1f} min  {done:5} deeds, {done / passed:.1f} a second  {len(moved)} shifts (sum"
            f" {sum(moved):.4f})  cursor moved {here - at if here is not None else None} px  main thread {busy:.1f} %"
            f"  heap {now['JSHeapUsedSize'] / 1e6:.1f} MB, {now['Nodes']:.0f} nodes",
            flush=True,
        )
    return still


def figures(devtools: CDPSession) -> dict[str, Any]:
    """Chromium's own of the page; memory after a collection."""
    devtools.send("HeapProfiler.collectGarbage")
    return {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=5, help="deeds a second")
    parser.add_argument("--data", type=Path, help="a demo's folder that exists already")
    options = parser.parse_args()
    print(facts())
    unlimited = {f"LIMIT_{name}": "100000/m" for name in ("COMMENTS", "LOGINS")}
    with demo(options.data or Path(tempfile.mkdtemp()), **unlimited) as site, sync_playwright() as playwright:
        program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=site.url, viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        page.goto("/accounts/login/")
        page.fill("input[name=login]", site.accounts["moderator"]["email"])
        page.fill("input[name=password]", site.accounts["moderator"]["password"])
        page.locator("main form button.button-primary").click()
        page.wait_for_url(f"{site.url}/")
        company = Company(site)
        page.goto(QUEUE)
        page.wait_for_function(LIVE)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        still = watch(page, devtools, company, options.minutes, options.rate)
        browser.close()
    if not still:
        sys.exit("Something has moved.")


if __name__ == "__main__":
    main()
