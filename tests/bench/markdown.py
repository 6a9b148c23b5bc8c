"""What hostile Markdown costs: 10,000 marks of each kind, as a comment and as an article, and twice as many. By hand:

    uv run python -m tests.bench.markdown

Milliseconds of CPU, the best of five. Aims: at most 100 ms, and linear when doubled. The kinds that take longest come
first; a doubling is told where it takes 3 ms at least.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product

from newsroom.text import render_article, render_comment
from tests.bench.machine import facts

MARKS = 10_000
KINDS: dict[str, Callable[[int], str]] = {
    "nested quotes": lambda n: ">" * n + " a",
    "quotes line by line": lambda n: "> a\n" * n,
    "nested lists": lambda n: "1. " * n,
    "lists in quotes": lambda n: "* > " * (n // 2),
    "brackets": lambda n: "[" * n,
    "empty brackets": lambda n: "[]" * n,
    "brackets and parentheses": lambda n: "[](" * n,
    "closed brackets": lambda n: "[" * (n // 2) + "a" + "](b)" * (n // 2),
    "links": lambda n: "[a](b) " * n,
    "open links": lambda n: "[a](" * n,
    "pictures": lambda n: "![" * n,
    "addresses": lambda n: "http://a.b " * n,
    "mail addresses": lambda n: "a@b.cd " * n,
    "addresses with parentheses": lambda n: "http://a.b/" + ")" * n,
    "emphasis": lambda n: "*a " * n,
    "emphasis and its ends": lambda n: "*a* " * n,
    "strong emphasis": lambda n: "a**b" * n,
    "both kinds of emphasis": lambda n: "*a_ " * n,
    "marks alone": lambda n: "*_" * n,
    "nested emphasis": lambda n: "*a " * (n // 2) + "b* " * (n // 2),
    "nested strikes": lambda n: "~~a " * (n // 2) + "b~~ " * (n // 2),
    "code": lambda n: "`a``b" * n,
    "ever more backticks": lambda n: "".join("`" * k + "a" for k in range(int((2 * n) ** 0.5))),
    "open fences": lambda n: "```a\n" * n,
    "fences, some of them closed": lambda n: "```a\n" * (n // 2) + "```\n" * (n // 2),
    "ever shorter fences": lambda n: "".join("`" * k + "a\n" for k in range(int((2 * n) ** 0.5), 2, -1)) + "```\n" * n,
    "fences in ever more quotes": lambda n: "".join(">" * k + "```\n" for k in range(int((2 * n) ** 0.5))) + "x\n" * n,
    "rulers": lambda n: "|a\n|-\n" * (n // 2) + "|a|b",
    "entities": lambda n: "&amp;" * n,
    "hidden entities": lambda n: "&#x202e;" * n,
    "escapes": lambda n: "\\*" * n,
    "tags": lambda n: "<a " * n,
    "comments": lambda n: "<!-- " * n,
    "blocks of tags": lambda n: "<a>\n\n" * n,
    "references": lambda n: "[a]: b\n" * n,
    "cells": lambda n: "|a" * (n // 2) + "\n" + "|-" * (n // 2) + "\n" + "|a" * (n // 2),
    "rows": lambda n: "|a|b|\n|-|-|\n" + "|a|b|\n" * (n // 3),
    "a wide table of short rows": lambda n: "|a" * (n // 3) + "\n" + "|-" * (n // 3) + "\n" + "|a\n" * (n // 3),
}


def main() -> None:
    print(facts())
    found = []
    for (kind, text), render in product(KINDS.items(), (render_comment, render_article)):
        once, twice = (_cost(render, text(count)) for count in (MARKS, 2 * MARKS))
        found.append((once, twice, f"{kind}, {render.__name__.removeprefix('render_')}"))
    for once, twice, name in sorted(found, reverse=True):
        print(f"{once:8.1f} ms{f'   {twice / once:.2f} x when doubled' if once >= 3 else '':26}{name}")


def _cost(render: Callable[[str], str], text: str) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.thread_time()
        render(text)
        best = min(best, time.thread_time() - start)
    return best * 1000


if __name__ == "__main__":
    main()
