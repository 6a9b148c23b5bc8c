"""Archives of any size, in the files of each system: deep trees, circles, equal times, parents that come later, that
stand on another page, or that are missing. The same size gives the same file.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched, chain
from pathlib import Path
from random import Random
from typing import Any

from comments.importers.records import State
from tests.importers import disqus
from tests.importers.archives import Comment
from tests.importers.test_artalk import _written as artalk_line
from tests.importers.test_commento import PAGE as COMENTARIO_PAGE
from tests.importers.test_commento import _newly_written as comentario_line
from tests.importers.test_commento import _written as commento_line
from tests.importers.test_coral import STORY, USER
from tests.importers.test_coral import _written as coral_line
from tests.importers.test_discourse import TOPIC
from tests.importers.test_discourse import _line as discourse_line
from tests.importers.test_isso import _SCHEMA as ISSO
from tests.importers.test_remark42 import HEAD
from tests.importers.test_remark42 import _written as remark42_line
from tests.importers.test_waline import _written as waline_line

type Text = Callable[[int, Random], str]
PAGE_SIZE = 40  # comments; one page has a twentieth of all, in one chain
SHUFFLED = 300  # so far from its place in time a comment may stand in the file
PEOPLE = 500
BEGAN = datetime(2015, 3, 1, tzinfo=UTC)
SHOWN, HELD, DELETED, SPAM = State.SHOWN, State.HELD, State.DELETED, State.SPAM


def _sentence(number: int, _chance: Random) -> str:
    return f"Satz {number}, 5 < 6."


def comments(size: int, states: Iterable[State], text: Text) -> Iterator[Comment]:
    """In an order that is not that of their times."""
    chance, allowed = Random(size), set(states)
    for window in batched(range(1, size + 1), SHUFFLED):
        for number in chance.sample(window, len(window)):
            yield _comment(number, size, allowed, chance, text)


def _comment(number: int, size: int, allowed: set[State], chance: Random, text: Text) -> Comment:
    drawn = chance.choices([SHOWN, HELD, DELETED, SPAM], [90, 2, 5, 3])[0]
    chain_end = size // 20
    return Comment(
        number,
        page=0 if number <= chain_end else 1 + number // PAGE_SIZE,
        parent=number - 1 if number <= chain_end else _parent(number, size, chance),
        at=BEGAN + timedelta(seconds=number // 3),
        text=text(number, chance),
        name=f"Ölfaß {number % PEOPLE}",
        up=chance.choice([0, 0, 0, 1, 7]),
        down=chance.choice([0, 0, 0, 2]),
        state=drawn if drawn in allowed else SHOWN,
        is_guest=number % 2 == 0,
        is_pinned=chance.random() < 0.001,
    )


def _parent(number: int, size: int, chance: Random) -> int:
    first = number // PAGE_SIZE * PAGE_SIZE
    if number % 100 in {50, 51}:
        return number + 1 if number % 100 == 50 else number - 1  # each answers the other
    match chance.choices(["none", "earlier", "later", "anywhere", "missing"], [50, 44, 3, 2, 1])[0]:
        case "earlier":
            return chance.randrange(first, number + 1)  # at times itself
        case "later":
            return chance.randrange(number, first + PAGE_SIZE)
        case "anywhere":
            return chance.randrange(1, size + 1)
        case "missing":
            return size + number
    return 0


@dataclass(frozen=True, slots=True)
class System:
    site: str
    states: tuple[State, ...]
    write: Callable[[Path, Iterable[Comment], int], None]  # path, comments, number of pages


def write(system: str, path: Path, size: int, text: Text = _sentence) -> list[str]:
    """Write an archive with so many comments. Returns the options of its import."""
    made = SYSTEMS[system]
    made.write(path, comments(size, made.states, text), 2 + size // PAGE_SIZE)
    return ["--site", made.site]


def _lines(path: Path, *parts: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(each, ensure_ascii=False)}\n" for each in chain(*parts))


def _document(path: Path, head: str, records: Iterable[Any], tail: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(head)
        for number, each in enumerate(records):
            file.write(f"{', ' * bool(number)}{json.dumps(each, ensure_ascii=False)}\n")
        file.write(tail)


def _disqus(path: Path, found: Iterable[Comment], pages: int) -> None:
    threads = (disqus.Thread(str(page), link=f"{disqus.SITE}/{page}/") for page in range(pages))
    posts = (
        disqus.Post(
            str(each.number),
            thread=str(each.page),
            parent=str(each.parent or ""),
            at=each.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            text=f"<p>{each.text.replace('<', '&lt;')}</p>",
            name=each.name,
            is_deleted=each.state == DELETED,
            is_spam=each.state == SPAM,
        )
        for each in found
    )
    disqus.write(path, chain(threads, posts))


def _isso(path: Path, found: Iterable[Comment], pages: int) -> None:
    modes = {SHOWN: 1, HELD: 2, DELETED: 4}
    with closing(sqlite3.connect(path)) as made:
        made.executescript(ISSO)
        made.executemany("INSERT INTO threads VALUES (?, ?, ?)", ((n + 1, f"/{n}/", f"Page {n}") for n in range(pages)))
        made.executemany(
            "INSERT INTO comments (tid, id, parent, created, mode, text, author, likes, dislikes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (c.page + 1, c.number, c.parent or None, c.at.timestamp() + 0.5, modes[c.state],
                 "" if c.state == DELETED else c.text, c.name, c.up, c.down)
                for c in found
            ),
        )  # fmt: skip
        made.commit()


def _people(key: str) -> Iterator[dict[str, Any]]:
    return ({key: f"pÖlfaß {n}", "name": f"Ölfaß {n}", "email": f"{n}@quarry.example"} for n in range(PEOPLE))


def _comentario(path: Path, found: Iterable[Comment], pages: int) -> None:
    told = [COMENTARIO_PAGE | {"id": f"g{n}", "path": f"/{n}"} for n in range(pages)]
    _document(
        path,
        f'{{"version": 3, "pages": {json.dumps(told)}, "comments": [',
        map(comentario_line, found),
        '], "commenters": []}',
    )


def _coral(path: Path, found: Iterable[Comment], pages: int) -> None:
    stories = (STORY | {"id": f"s{n}", "url": f"https://tide.example/{n}"} for n in range(pages))
    users = (USER | {"id": f"uÖlfaß {n}", "username": f"Ölfaß {n}"} for n in range(PEOPLE))
    _lines(path, stories, map(coral_line, found), users)


def _discourse(path: Path, found: Iterable[Comment], pages: int) -> None:
    topics = (TOPIC | {"id": n, "url": f"https://orchard.example/{n}", "opening": None} for n in range(pages))
    _lines(path, topics, map(discourse_line, found))


def _wordpress(path: Path, found: Iterable[Comment], pages: int) -> None:
    """An item must hold its comments, so they are sorted by page."""
    approved = {SHOWN: "1", HELD: "0", SPAM: "spam"}
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><link>https://hafen.example</link>\n'
            "<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://hafen.example</wp:base_blog_url>\n"
        )
        page = -1
        for each in sorted(found, key=lambda each: each.page):
            if each.page != page:
                file.write("</item>\n" * (page >= 0))
                page = each.page
                file.write(
                    f"<item><title>Post {page}</title><link>https://hafen.example/{page}/</link>"
                    f"<wp:post_id>{page + 1}</wp:post_id><wp:post_type>post</wp:post_type>"
                    "<wp:status>publish</wp:status><wp:post_date_gmt>2015-01-01 10:00:00</wp:post_date_gmt>\n"
                )
            file.write(
                f"<wp:comment><wp:comment_id>{each.number}</wp:comment_id>"
                f"<wp:comment_author>{each.name}</wp:comment_author>"
                f"<wp:comment_date_gmt>{each.at:%Y-%m-%d %H:%M:%S}</wp:comment_date_gmt>"
                f"<wp:comment_content>{each.text.replace('<', '&lt;')}</wp:comment_content>"
                f"<wp:comment_approved>{approved[each.state]}</wp:comment_approved>"
                f"<wp:comment_parent>{each.parent}</wp:comment_parent></wp:comment>\n"
            )
        file.write("</item>\n</channel></rss>\n")


SYSTEMS = {
    "artalk": System(
        "https://mill.example",
        (SHOWN, HELD),
        lambda path, found, _pages: _document(path, "[", (artalk_line(c, closed=False) for c in found), "]"),
    ),
    "comentario": System("https://quarry.example", (SHOWN, HELD, SPAM, DELETED), _comentario),
    "commento": System(
        "https://quarry.example",
        (SHOWN, HELD, DELETED),
        lambda path, found, _pages: _document(
            path,
            '{"version": 1, "comments": [',
            map(commento_line, found),
            f'], "commenters": {json.dumps(list(_people("commenterHex")))}}}',
        ),
    ),
    "coral": System("https://tide.example", (SHOWN, HELD, SPAM, DELETED), _coral),
    "discourse": System("https://orchard.example", (SHOWN, DELETED), _discourse),
    "disqus": System(disqus.SITE, (SHOWN, DELETED, SPAM), _disqus),
    "isso": System("https://blatt.example", (SHOWN, HELD, DELETED), _isso),
    "remark42": System(
        "https://ferry.example",
        (SHOWN, DELETED),
        lambda path, found, _pages: _lines(path, [HEAD], map(remark42_line, found)),
    ),
    "waline": System(
        "https://kite.example",
        (SHOWN, HELD, SPAM),
        lambda path, found, _pages: _document(
            path,
            '{"type": "waline", "version": 1, "data": {"Users": [], "Comment": [',
            map(waline_line, found),
            "]}}",
        ),
    ),
    "wordpress": System("https://hafen.example", (SHOWN, HELD, SPAM), _wordpress),
}
