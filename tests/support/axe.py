"""What axe-core, the checker of accessibility, finds on a page that is open in a browser."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page


def violations(page: Page, *, within: str = "html", without: Collection[str] = ()) -> list[str]:
    """One line for each element that breaks a rule of WCAG 2 (A, AA) or of good practice; empty if none does.

    `within`: a selector that bounds what is looked at; `without`: names of rules that are left out.
    Each line is "rule: selector — what to do".
    """
    page.evaluate(AXE_SCRIPT)  # through the debugger, so the page's own policy for scripts does not matter
    rules = {name: {"enabled": False} for name in without}
    found: dict[str, Any] = page.evaluate(
        "([within, rules]) => axe.run(within, {resultTypes: ['violations'], rules})", [within, rules]
    )
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))} — {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
