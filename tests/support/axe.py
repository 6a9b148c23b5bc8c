"""What axe-core, the checker of accessibility, finds on a page that is open in a browser."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Of rows that differ in words and addresses alone the third and later ones are left out: axe looks at each colour
# behind each word, which takes a second of a processor for every forty rows.
RUN = r"""async ([within, rules]) => {
  const worded = String.raw`id|for|href|src|srcset|alt|title|name|value|datetime|action|data-[\w-]+`;
  const named = "aria-label|aria-labelledby|aria-describedby|aria-controls";
  const words = new RegExp(String.raw`(\s(?:${worded}|${named})=")[^"]+"`, "g");
  const kinds = new Map();
  const count = (kind) => kinds.set(kind, (kinds.get(kind) ?? 0) + 1).get(kind);
  const alike = [...document.querySelectorAll("li, tbody > tr, .comment-box")].filter((row) => {
    const look = row.outerHTML.replace(/>\s+</g, "><").replace(/>[^<]+</g, ">x<").replace(words, '$1x"');
    const colours = look.match(/avatar-\d+/g) ?? [];
    const place = [row.parentElement.className, row.parentElement.closest("li")?.className].join("|");
    const isNew = colours.filter((colour) => count(colour) <= 2).length > 0;
    return count(place + look.replace(/avatar-\d+/g, "")) > 2 && !isNew;
  });
  for (const row of alike) row.toggleAttribute("data-alike", true);
  try {
    const where = { include: [within], exclude: ["[data-alike]"] };
    const preload = { assets: ["media"], timeout: 10_000 };  // style sheets are read for one experimental rule alone
    return await axe.run(where, { resultTypes: ["violations"], rules, preload });
  } finally {
    for (const row of alike) row.removeAttribute("data-alike");
  }
}"""


def violations(page: Page, *, within: str = "html", without: Collection[str] = ()) -> list[str]:
    """One line for each element that breaks a rule of WCAG 2 (A, AA) or of good practice; empty if none does.

    `within`: a selector that bounds what is looked at; `without`: names of rules that are left out.
    Each line is "rule: selector — what to do".
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # through the debugger, so the page's own policy for scripts does not matter
    rules = {name: {"enabled": False} for name in without}
    found: dict[str, Any] = page.evaluate(RUN, [within, rules])
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))} — {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
