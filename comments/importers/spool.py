"""Keeps what a source yields until all of it is read, in a temporary database on disk that vanishes with the process.

So a file is parsed once, it is checked whole before anything is written, and neither its size nor that of its largest
discussion needs memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from errno import ENOSPC
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import msgspec

AT_ONCE = 500  # replies
REMEMBERED = 10_000  # numbers of pages
_TABLES = """
PRAGMA journal_mode = off;
CREATE TABLE threads (number INTEGER PRIMARY KEY, data BLOB, size INTEGER, is_taken INTEGER DEFAULT 0);
CREATE TABLE replies (place INTEGER PRIMARY KEY, thread INTEGER, id TEXT, parent TEXT, at REAL, left TEXT,
is_seen INTEGER, data BLOB);
-- The replies of one thread by age. `above`: what it answers; `stands`: itself, or if left out what stands above
CREATE TABLE tree (age INTEGER PRIMARY KEY, id TEXT, parent TEXT, place INTEGER, above INTEGER, stands INTEGER);
CREATE INDEX tree_id ON tree (id);
CREATE INDEX tree_above ON tree (above);
CREATE TABLE turns (turn INTEGER PRIMARY KEY, age INTEGER UNIQUE);
-- What a file says of the pages of threads. `thread`: to which it belongs in the end
CREATE TABLE pages (number INTEGER PRIMARY KEY, id TEXT UNIQUE, thread INTEGER, data BLOB);
CREATE TABLE claims (name TEXT PRIMARY KEY, owner TEXT) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX reply_id ON replies (id);
CREATE INDEX reply_thread ON replies (thread);
"""
_GATHER = """UPDATE replies SET thread = (SELECT pages.thread FROM pages WHERE number = replies.thread)
WHERE thread IN (SELECT number FROM pages WHERE thread <> number)"""
# Those above what readers will see
_SAVE = """UPDATE replies SET left = NULL WHERE left = ? AND place IN (
WITH RECURSIVE above (age) AS (
SELECT tree.above FROM tree JOIN replies USING (place) WHERE is_seen AND left IS NULL AND tree.above IS NOT NULL
UNION SELECT tree.above FROM above JOIN tree USING (age) WHERE tree.above IS NOT NULL
) SELECT place FROM above JOIN tree USING (age))"""
_IS_FIRST = """(replies.id <> '' AND NOT EXISTS (
SELECT 1 FROM replies AS other WHERE other.id = replies.id AND CASE WHEN other.thread = replies.thread
THEN other.place < replies.place ELSE (SELECT is_taken FROM threads WHERE number = other.thread) END))"""
_GROW = f"""INSERT INTO tree (id, parent, place)
SELECT id, parent, place FROM replies WHERE thread = ? AND {_IS_FIRST} ORDER BY at, length(id), id"""  # noqa: S608
_JOIN = """UPDATE tree SET stands = age, above =
(SELECT other.age FROM tree AS other WHERE other.id = tree.parent AND other.age <> tree.age)"""
# A reply comes at its time, but not before what it answers.
_TURNS = """INSERT INTO turns (age) WITH RECURSIVE under (age, due, depth) AS (
SELECT age, age, 0 FROM tree WHERE {tops}
UNION ALL SELECT tree.age, max(tree.age, under.due), under.depth + 1 FROM under JOIN tree ON tree.above = under.age
) SELECT age FROM under ORDER BY due, depth, age"""
_OLDEST_LEFT = """SELECT age FROM tree WHERE age > ?
AND NOT EXISTS (SELECT 1 FROM turns WHERE turns.age = tree.age) ORDER BY age LIMIT 1"""


class Entry(Protocol):
    """A comment as its source tells it. Ids are permanent; `parent` is the id of another one, or ""."""

    @property
    def source_id(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def at(self) -> datetime | None: ...  # None: unknown, and the reply is left out


class Turn[Reply](NamedTuple):
    """A reply whose turn it is; `left`: the reason for which it was left out already; `is_torn`: it answers something
    that is not in its thread, or itself by way of others.
    """

    age: int
    left: str | None
    is_torn: bool
    reply: Reply


class Spool[Thread, Reply: Entry]:
    """Threads and their replies, as records that msgspec can encode: first all are added, then read, thread by thread.

    Raises OSError if the disk is full.
    """

    def __init__(self, thread: type[Thread], reply: type[Reply]) -> None:
        self._base = sqlite3.connect("", isolation_level=None)  # SQLite keeps it in TMPDIR, or else in /var/tmp
        self._base.executescript(_TABLES)
        self._encode = msgspec.msgpack.Encoder().encode
        self._thread, self._reply = msgspec.msgpack.Decoder(thread), msgspec.msgpack.Decoder(reply)
        self._waiting: list[tuple[object, ...]] = []
        self._number, self._size = 1, 0
        self._pages: dict[str, int] = {}
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, error: object, _trace: TracebackType | None) -> None:
        self._base.close()
        if isinstance(error, sqlite3.OperationalError):
            said = f"the temporary database could not be written ({error}); is the disk full?"
            raise OSError(ENOSPC, said) from error

    def add_reply(
        self, reply: Reply, left: str | None = None, *, is_seen: bool = True, thread: int | None = None
    ) -> None:
        """Add a reply of the thread with this number, else of the one that comes next.

        `left`: the reason for which it will be left out. `is_seen`: whether readers will see its text.
        """
        number = self._number if thread is None else thread
        at = reply.at.timestamp() if reply.at else 0
        self._waiting.append((number, reply.source_id, reply.parent, at, left, is_seen, self._encode(reply)))
        self._size += 1
        if len(self._waiting) >= AT_ONCE:
            self._put()

    def add_thread(self, thread: Thread) -> None:
        """Add a thread after its replies."""
        self._base.execute(
            "INSERT INTO threads (number, data, size) VALUES (?, ?, ?)",
            (self._number, self._encode(thread), self._size),
        )
        self._number, self._size = self._number + 1, 0

    def threads(self) -> Iterator[tuple[int, int, Thread]]:
        """(number, replies, thread) of each. Nothing can be added from now on."""
        self.close()
        number = 0
        while found := self._base.execute(
            "SELECT number, size, data FROM threads WHERE number > ? ORDER BY number LIMIT 1", (number,)
        ).fetchone():
            number, size, data = found
            yield number, size, self._thread.decode(data)

    def close(self) -> None:
        """Nothing is added to it from now on, other than threads of what it holds."""
        if not self._is_closed:
            self._put()
            self._base.executescript(_INDEXES)
            self._is_closed = True

    def page(self, name: str) -> int:
        """The number of the page with this id; a new one, if the id is new."""
        number = self._pages.get(name)
        if number is None:
            self._base.execute("INSERT OR IGNORE INTO pages (id) VALUES (?)", (name,))
            (number,) = self._base.execute("SELECT number FROM pages WHERE id = ?", (name,)).fetchone()
            if len(self._pages) >= REMEMBERED:
                self._pages.clear()
            self._pages[name] = number
        return int(number)

    def told_of(self, page: int) -> bytes | None:
        """What is kept about a page."""
        found = self._base.execute("SELECT data FROM pages WHERE number = ?", (page,)).fetchone()
        return found[0] if found else None

    def tell_of(self, page: int, data: bytes) -> None:
        self._base.execute("UPDATE pages SET data = ? WHERE number = ?", (data, page))

    def pages(self) -> Iterator[tuple[int, bytes | None]]:
        """(number, what is kept) of each page."""
        number = 0
        while rows := self._base.execute(
            "SELECT number, data FROM pages WHERE number > ? ORDER BY number LIMIT ?", (number, AT_ONCE)
        ).fetchall():
            yield from rows
            number = rows[-1][0]

    def gather(self, threads: Mapping[int, int]) -> None:
        """Put the replies of these pages into the threads of these numbers: those of other pages. All others stay where
        they are. No reply is added afterwards.
        """
        self.close()
        self._base.execute("UPDATE pages SET thread = number")
        self._base.executemany("UPDATE pages SET thread = ? WHERE number = ?", ((to, of) for of, to in threads.items()))
        self._base.execute(_GATHER)

    def size(self, thread: int) -> int:
        """How many replies a thread has. After `close`."""
        (size,) = self._base.execute("SELECT count(*) FROM replies WHERE thread = ?", (thread,)).fetchone()
        return int(size)

    def make_thread(self, number: int, thread: Thread) -> None:
        """Make those replies a thread that have this number."""
        self._base.execute(
            "INSERT INTO threads (number, data, size) VALUES (?, ?, ?)",
            (number, self._encode(thread), self.size(number)),
        )

    def left_out(self, number: int) -> Iterator[Reply]:
        """Those replies of a thread that were added as left out, if they are the first of their id."""
        rows = self._base.execute(
            f"SELECT data FROM replies WHERE thread = ? AND left IS NOT NULL AND {_IS_FIRST}",  # noqa: S608
            (number,),
        )
        return (self._reply.decode(data) for (data,) in rows)

    def take(self, number: int, repeated: str, *, saved: str = "") -> Mapping[str, int]:
        """Arrange the replies of a thread for `turns`. Of several with one id the first in the taken threads counts.

        Those that were left out for the reason `saved` come in all the same if readers will see anything below them.
        Returns how many were left out so far, by reason; `repeated` is the reason of those whose id is missing or came
        before.
        """
        base = self._base
        base.execute("DELETE FROM turns")
        base.execute("DELETE FROM tree")
        base.execute(_GROW, (number,))
        base.execute(_JOIN)
        base.execute(_TURNS.format(tops="above IS NULL"))
        self._cut_circles()
        if saved:
            base.execute(_SAVE, (saved,))
        counts = base.execute(
            "SELECT coalesce(left, ?), count(*) FROM replies WHERE thread = ? AND (left IS NOT NULL OR "  # noqa: S608
            f"NOT {_IS_FIRST}) GROUP BY 1",
            (repeated, number),
        ).fetchall()
        base.execute("UPDATE threads SET is_taken = 1 WHERE number = ?", (number,))
        return dict(counts)

    def turns(self) -> Iterator[list[Turn[Reply]]]:
        """The replies of the thread taken last, a few hundred at once, by time, but each after what it answers.

        Call `leave_out` for some of them, and `parents` for the others, before the next are read.
        """
        after = 0
        while rows := self._base.execute(
            "SELECT turn, age, left, tree.parent <> '' AND above IS NULL, data "
            "FROM turns JOIN tree USING (age) JOIN replies USING (place) WHERE turn > ? ORDER BY turn LIMIT ?",
            (after, AT_ONCE),
        ).fetchall():
            after = rows[-1][0]
            yield [Turn(age, left, bool(is_torn), self._reply.decode(data)) for _, age, left, is_torn, data in rows]

    def is_empty(self) -> bool:
        """Whether of the thread taken last nothing comes in."""
        found = self._base.execute("SELECT 1 FROM tree JOIN replies USING (place) WHERE left IS NULL LIMIT 1")
        return found.fetchone() is None

    def leave_out(self, ages: list[int]) -> None:
        """Replies to these hang on what is above them. In the order of their turns."""
        self._base.executemany(
            "UPDATE tree SET stands = (SELECT other.stands FROM tree AS other WHERE other.age = tree.above) "
            "WHERE age = ?",
            ((age,) for age in ages),
        )

    def parents(self, ages: list[int]) -> dict[int, str]:
        """Age → id of what each of these replies answers; nothing for those at the top."""
        return dict(
            self._base.execute(
                "SELECT tree.age, stood.id FROM json_each(?) AS asked JOIN tree ON tree.age = asked.value "
                "JOIN tree AS answered ON answered.age = tree.above JOIN tree AS stood ON stood.age = answered.stands",
                (msgspec.json.encode(ages).decode(),),
            )
        )

    def owners(self, names: Iterable[str]) -> dict[str, str]:
        """Name → owner, for those that have one."""
        asked = msgspec.json.encode(list(names)).decode()
        found = self._base.execute("SELECT name, owner FROM claims JOIN json_each(?) ON name = value", (asked,))
        return dict(found)

    def claim(self, names: Iterable[str], owner: str) -> None:
        """Make names belong to `owner`, unless they have one."""
        self._base.executemany("INSERT OR IGNORE INTO claims VALUES (?, ?)", ((name, owner) for name in names))

    def _put(self) -> None:
        self._base.execute("BEGIN")
        self._base.executemany(
            "INSERT INTO replies (thread, id, parent, at, left, is_seen, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._waiting,
        )
        self._base.execute("COMMIT")
        self._waiting.clear()

    def _cut_circles(self) -> None:
        """Replies that answer each other in a circle have no top: the oldest becomes one."""
        oldest = 0
        while found := self._base.execute(_OLDEST_LEFT, (oldest,)).fetchone():
            (oldest,) = found
            self._base.execute("UPDATE tree SET above = NULL WHERE age = ?", found)
            self._base.execute(_TURNS.format(tops=f"age = {oldest}"))
