"""The ASGI application in front of Django. One a process; all of it runs in the event loop's thread.

What keeps it honest: an entry knows how its streams stood before its rows were read. A ring drops what was made from
that stream; once a second the log is looked at and what has fallen behind is dropped, ring or no ring; without a look
nothing is answered from memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from newsroom import metrics
from newsroom.edge.asked import Asked, Key, Reader, Scope
from newsroom.edge.cache import Cache, family_of
from newsroom.edge.entry import HIT, MISS, VARY, Entry, Headers, Reply, Send, whole
from newsroom.edge.noting import EXTENSION, READ_HERE, Note, Place
from newsroom.live.outbox import Head

type Receive = Callable[[], Awaitable[dict[str, Any]]]
type App = Callable[[Any, Any, Any], Awaitable[None]]
type Answer = Callable[[Reply | None], None]

TRUST_SECONDS = 2.0  # after the last look had begun: looks come every second, unless one hangs
KEPT_SECONDS = 300.0  # what somebody changed by hand in the database shows after that, if nothing else happens
FAMILY_SECONDS = 1.0  # nobody can look how a whole family of streams stands
_NOT_PUBLIC = ("user", "moderation", "live")  # families of streams that no page is made from
_PRIVATE = (b"private", b"no-store")
_READ = "newsroom.read"
_READING = frozenset(["GET", "HEAD"])

_NAME, _HELP = "newsroom_edge_requests_total", "Requests in front of Django: from memory, computed, joined, passed on."
_COUNTS = {result: metrics.counter(_NAME, _HELP, result=result) for result in ("hit", "miss", "joined", "passed")}
_HITS = _COUNTS["hit"]
_BYTES = metrics.counter("newsroom_edge_bytes_total", "Bytes of the pages that were answered from memory.")
_DROPS = metrics.counter("newsroom_edge_drops_total", "Answers that an event or an outage made worthless.")


@dataclass(slots=True, eq=False)
class Plain:
    """An answer that is not kept: everybody who waited for it gets it, unless it is one reader's own."""

    status: int
    headers: Headers
    body: bytes

    @property
    def is_for_one(self) -> bool:
        return any(
            name == b"set-cookie" or (name == b"cache-control" and any(word in value for word in _PRIVATE))
            for name, value in self.headers
        )

    def reply(self, *, is_head: bool) -> Reply:
        kept = [(name, value) for name, value in self.headers if name != b"vary"]
        return Reply(self.status, [*kept, VARY, MISS], b"" if is_head else self.body)


class Waiting(NamedTuple):
    """Somebody who waits for a computation without a task of their own."""

    headers: Mapping[bytes, bytes]
    is_head: bool
    answer: Answer


@dataclass(slots=True, eq=False)
class Flight:
    """A computation that is under way. `heard`: the streams that have rung since it began."""

    began: float
    heard: set[str] = field(default_factory=set)
    is_void: bool = False
    task: asyncio.Task[Entry | Plain] | None = None
    waiting: list[Waiting] = field(default_factory=list)

    def is_outdated(self, streams: Iterable[str]) -> bool:
        names = set(streams)
        return self.is_void or any(name in names or family_of(name) in names for name in self.heard)


class Edge:
    """In front of `app`; a hub's watcher. `most`: bytes that it may keep, 0 for none."""

    def __init__(self, app: App, *, most: int | None = None) -> None:
        self._app = app
        self._reader = Reader()
        self.cache = cache = Cache(settings.EDGE_BYTES if most is None else most)
        metrics.gauge("newsroom_edge_kept_bytes", "Memory that kept answers take.", lambda: cache.size)
        metrics.gauge("newsroom_edge_kept_answers", "Answers kept.", lambda: len(cache))
        self._trusted_until = self._look_began = 0.0
        self._stand: dict[str, Place] = {}  # of READ_HERE at the last look, unless one has rung since
        self._joinable: dict[Key, Flight] = {}
        self._flights: set[Flight] = set()
        self._packing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self._read(scope)
        if asked is None:
            _COUNTS["passed"].add()
            await self._app(scope, receive, send)
        elif (reply := self._kept(asked, scope) or await self._packed(asked, scope)) is not None:
            await reply.send(send)
        else:
            await self._answer_anew(asked, scope, receive, send)

    def at_once(self, scope: Scope) -> Reply | None:
        """What is kept for a request without a body, if something is; otherwise it has to be asked by calling us.

        What was read of it is noted in `scope`, for the next time that somebody asks in these words.
        """
        asked: Asked | None = scope.get(_READ) or self._read(scope)
        if asked is None or not self._is_trusted(monotonic()):
            return None
        scope[_READ] = asked
        return self._kept(asked, scope)

    def join(self, scope: Scope, answer: Answer) -> bool:
        """For a request that `at_once` has just had nothing for: have `answer` called in the loop with what is computed
        for it, and for whoever joins, or with None if that is not for everybody: then we have to be called.

        False if we have to be called at once.
        """
        asked: Asked | None = scope.get(_READ)
        now = monotonic()
        if asked is None or not self._is_trusted(now) or self.cache.get(asked.key, now):  # it is kept, but not packed
            return False
        self._flight(asked)[0].waiting.append(Waiting(asked.headers, scope["method"] == "HEAD", answer))
        return True

    def _read(self, scope: Scope) -> Asked | None:
        if scope["method"] in _READING and self._is_trusted(monotonic()):
            return self._reader.read(scope)
        return None

    def _kept(self, asked: Asked, scope: Scope) -> Reply | None:
        now = monotonic()
        entry = self.cache.get(asked.key, now)
        if entry is None or entry.is_unpacked_for(asked.headers):
            return None
        _HITS.add()
        _BYTES.add(len(entry.plain.body))
        return entry.reply(asked.headers, now=now, is_head=scope["method"] == "HEAD", status=HIT)

    async def _packed(self, asked: Asked, scope: Scope) -> Reply | None:
        """What is kept, once it is compressed; None if nothing is, or no longer after that."""
        entry = self.cache.get(asked.key, monotonic())
        if entry is None:
            return None
        await self._pack(entry)
        return self._kept(asked, scope) if self._is_trusted(monotonic()) else None

    async def _pack(self, entry: Entry) -> None:
        await entry.pack()
        self.cache.weigh(entry)

    def _is_trusted(self, now: float) -> bool:
        """Whether somebody has looked lately; if not, what is kept may be old."""
        if now < self._trusted_until and self.cache.most:
            return True
        if len(self.cache):
            self._forget()
        return False

    async def _answer_anew(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        flight, is_mine = self._flight(asked)
        assert flight.task is not None
        answer = await asyncio.shield(flight.task)
        is_head = scope["method"] == "HEAD"
        if isinstance(answer, Entry):
            if answer.is_unpacked_for(asked.headers):
                await self._pack(answer)
            await answer.reply(asked.headers, now=monotonic(), is_head=is_head, status=MISS).send(send)
        elif is_mine or not answer.is_for_one:
            await answer.reply(is_head=is_head).send(send)
        else:
            await self._app(scope, receive, send)

    def _flight(self, asked: Asked) -> tuple[Flight, bool]:
        """The computation to join, and whether it begins with that."""
        known = self._joinable.get(asked.key)
        _COUNTS["miss" if known is None else "joined"].add()
        if known is not None:
            return known, False
        flight = self._joinable[asked.key] = Flight(monotonic())
        self._flights.add(flight)
        flight.task = asyncio.create_task(self._compute(flight, asked))
        flight.task.add_done_callback(lambda task: self._land(asked.key, flight, task))
        return flight, True

    def _land(self, key: Key, flight: Flight, task: asyncio.Task[Entry | Plain]) -> None:
        self._flights.discard(flight)
        if self._joinable.get(key) is flight:
            del self._joinable[key]
        if flight.waiting:
            is_there = not task.cancelled() and task.exception() is None
            self._hand_out(task.result() if is_there else None, flight.waiting)

    def _hand_out(self, made: Entry | Plain | None, waiting: Iterable[Waiting]) -> None:
        now, unpacked = monotonic(), []
        for each in waiting:
            if not isinstance(made, Entry):
                each.answer(None if made is None or made.is_for_one else made.reply(is_head=each.is_head))
            elif made.is_unpacked_for(each.headers):
                unpacked.append(each)
            else:
                each.answer(made.reply(each.headers, now=now, is_head=each.is_head, status=MISS))
        if unpacked:
            assert isinstance(made, Entry)
            task = asyncio.create_task(self._hand_out_packed(made, unpacked))
            self._packing.add(task)
            task.add_done_callback(self._packing.discard)

    async def _hand_out_packed(self, entry: Entry, waiting: Iterable[Waiting]) -> None:
        try:
            await self._pack(entry)
        except BaseException:
            self._hand_out(None, waiting)
            raise
        self._hand_out(entry, waiting)

    async def _compute(self, flight: Flight, asked: Asked) -> Entry | Plain:
        """Ask Django for the whole of it, with nothing of the request but its key; keep it if it still holds."""
        note = Note(dict(self._stand))
        status, headers, body = await _ask(self._app, _clean(asked, note))
        answer = Plain(status, headers, body)
        if status != HTTPStatus.OK or not note.streams or answer.is_for_one:
            return answer
        until = None if note.until is None else flight.began + (note.until - timezone.now()).total_seconds()
        most = FAMILY_SECONDS if any(name.endswith(".*") for name in note.streams) else KEPT_SECONDS
        expires = flight.began + most if until is None else min(flight.began + most, until)
        entry = Entry(asked.key, note.streams, flight.began, until, expires, whole(headers, body))
        if not flight.is_outdated(note.streams):
            self.cache.put(entry)
        return entry

    # --- what the hub says

    def streams(self) -> Iterable[str]:
        self._look_began = monotonic()
        return {*self.cache.streams(), *READ_HERE} if self.cache.most else ()

    def heard(self, stream: str) -> None:
        """Whoever asks from now on joins no computation that had begun before."""
        if stream.partition(".")[0] in _NOT_PUBLIC:
            return
        _DROPS.add(self.cache.drop(stream))
        self._stand.pop(stream, None)
        self._joinable.clear()
        for flight in self._flights:
            flight.heard.add(stream)

    def looked(self, heads: Mapping[str, Head] | None) -> None:
        if heads is None:
            self._trusted_until = 0.0
            self._forget()
            return
        self._trusted_until = self._look_began + TRUST_SECONDS
        for stream in self.cache.compare(heads):
            self.heard(stream)
        self._stand = {name: (heads[name].epoch, heads[name].top) for name in READ_HERE if name in heads}

    def _forget(self) -> None:
        _DROPS.add(self.cache.clear())
        self._joinable.clear()
        for flight in self._flights:
            flight.is_void = True


def _clean(asked: Asked, note: Note) -> Scope:
    """The request that Django sees: made from the key alone, so that nobody's headers get into everybody's answer."""
    path, query, language, is_secure = asked.key
    headers = [(b"host", asked.host), (b"cookie", f"{settings.LANGUAGE_COOKIE_NAME}={language}".encode())]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https" if is_secure else "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": headers,
        "client": None,
        "server": None,
        "extensions": {EXTENSION: note},
    }


async def _ask(app: App, scope: Scope) -> tuple[int, Headers, bytes]:
    """Status, headers and body of a GET."""
    messages: list[dict[str, Any]] = []
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # nobody leaves: whoever waits is served by the same answer
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start, *rest = messages
    headers = [(name.lower(), value) for name, value in start["headers"]]
    return start["status"], headers, b"".join(each.get("body", b"") for each in rest)
