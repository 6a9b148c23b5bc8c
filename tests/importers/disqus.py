"""Writes small exports of Disqus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

SITE = "https://blatt.example"
_ROOT = '<?xml version="1.0"?>\n<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'


@dataclass(frozen=True, slots=True)
class Thread:
    id: str
    link: str = f"{SITE}/eins/"
    identifier: str = ""
    title: str = "Eins"
    is_closed: bool = False
    is_deleted: bool = False

    def __str__(self) -> str:
        return (
            f"<thread dsq:id={quoteattr(self.id)}>\n<id>{escape(self.identifier)}</id><link>{escape(self.link)}</link>"
            f"<title>{escape(self.title)}</title><message/><createdAt>2020-01-01T00:00:00Z</createdAt>"
            f"<isClosed>{_word(self.is_closed)}</isClosed><isDeleted>{_word(self.is_deleted)}</isDeleted></thread>\n"
        )


@dataclass(frozen=True, slots=True)
class Post:
    id: str
    thread: str = "1"
    parent: str = ""
    at: str = "2020-01-02T03:04:05Z"
    text: str = "<p>Text</p>"
    is_deleted: bool = False
    is_spam: bool = False
    name: str = "Ada"

    def __str__(self) -> str:
        parent = f"<parent dsq:id={quoteattr(self.parent)}/>" if self.parent else ""
        return (
            f"<post dsq:id={quoteattr(self.id)}>\n<id/><message><![CDATA[{self.text}]]></message>"
            f"<createdAt>{self.at}</createdAt><isDeleted>{_word(self.is_deleted)}</isDeleted>"
            f"<isSpam>{_word(self.is_spam)}</isSpam><author><name>{escape(self.name)}</name>"
            f"<isAnonymous>true</isAnonymous></author><thread dsq:id={quoteattr(self.thread)}/>{parent}</post>\n"
        )


def write(path: Path, records: Iterable[Thread | Post]) -> Path:
    path.write_text(f"{_ROOT}{''.join(map(str, records))}</disqus>\n", encoding="utf-8")
    return path


def _word(value: bool) -> str:
    return "true" if value else "false"
