"""Reads the demo's content from the files beside this one: articles, tickers, people and comments."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
_LINE = re.compile(r"(?P<indent>(?:  )*)(?P<person>\w+): (?P<text>.+)")
_CHAT = re.compile(r"chat ?(?P<slug>[\w-]*): (?P<title>.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """`parent` is the index of another line in the same discussion."""

    person: str
    text: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread under the article `slug`, or with a `title` a chat, perhaps about that article."""

    slug: str
    title: str
    lines: list[Line] = field(default_factory=list)


def articles() -> Iterator[dict[str, Any]]:
    """Front matter, with "slug" from the file's name and "body" in Markdown."""
    for path in sorted((HERE / "articles").glob("*.md")):
        _before, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
        yield {**tomllib.loads(front), "slug": path.stem, "body": body.strip()}


def tickers() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table("tickers")["ticker"]
    return found


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def talks() -> list[Talk]:
    """All discussions in the order of the file; each line knows what it answers."""
    found: list[Talk] = []
    above: list[int] = []  # the last line of each depth
    for raw in (HERE / "comments.txt").read_text(encoding="utf-8").splitlines():
        if raw.startswith("== "):
            chat = _CHAT.fullmatch(raw[3:])
            found.append(Talk(chat["slug"], chat["title"]) if chat else Talk(raw[3:], ""))
            above = []
        elif match := _LINE.fullmatch(raw):
            depth = len(match["indent"]) // 2
            del above[depth:]
            lines = found[-1].lines
            lines.append(Line(match["person"], match["text"], above[-1] if above else None))
            above.append(len(lines) - 1)
    return found
