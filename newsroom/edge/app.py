"""The cache as ASGI application in front of Django. One in a process; everything runs in the event loop's thread.

An entry holds the positions of its streams from before its rows were read. A ring on a stream drops the entries made
from it. Once a second the hub reads all positions, and entries that are behind are dropped, even if a ring was lost.

If the hub cannot read, or waits for an answer, the database is away. For EDGE_STALE_IF_ERROR seconds entries are then
answered also after their time, marked as stale; afterwards nothing is. Rings count meanwhile, and the first look that
works again drops what has moved. What was taken down before the outage is shown only if its ring was lost, and no look
has found it.

An answer made from a whole family of streams ("discussion.*") is kept for its second whatever rings in the family, so
that it is computed once a second, not once a comment.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from time import monotonic

from django.conf import settings
from django.utils import timezone

from newsroom import metrics
from newsroom.edge.asking import App, Receive, ask, request_for
from newsroom.edge.cache import Cache
from newsroom.edge.entry import HIT, MISS, STALE, VARY, Entry, Headers, Reply, Send, whole
from newsroom.edge.middleware import EXTENSION, READ_HERE, Note
from newsroom.edge.request import Asked, Choice, Key, Reader, Scope
from newsroom.live.outbox import Head, Position

TRUST_SECONDS = 2.0  # after the start of the last look; looks come every second, unless one hangs
KEPT_SECONDS = 300.0  # after this time readers see changes made by hand in the database, which cause no event
UNPLACED_SECONDS = 1.0  # for an answer from a stream without a position, which no look can compare
_NOT_PUBLIC = ("user", "moderation", "live")  # families of streams that no public page is made from
_PRIVATE = (b"private", b"no-store")
_READING = frozenset(["GET", "HEAD"])

_NAME, _HELP = "newsroom_edge_requests_total", "Requests in front of Django: from memory, computed, joined, passed on."
_RESULTS = ("hit", "stale", "miss", "joined", "passed")
_COUNTS = {result: metrics.counter(_NAME, _HELP, result=result) for result in _RESULTS}
_HITS = _COUNTS["hit"]
_BYTES = metrics.counter("newsroom_edge_bytes_total", "Bytes of the pages that were answered from memory.")
_DROPS = metrics.counter("newsroom_edge_drops_total", "Answers that an event or an outage made worthless.")


@dataclass(slots=True, eq=False)
class Plain:
    """An answer that is not cached. All waiting requests get it, unless it is private to one reader."""

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


@dataclass(slots=True, eq=False)
class Computation:
    """A running computation of an answer. `heard`: the streams that have rung since it began, in order."""

    began: float
    heard: dict[str, None] = field(default_factory=dict)
    is_void: bool = False
    task: asyncio.Task[Entry | Plain] | None = None

    def is_outdated(self, streams: Container[str]) -> bool:
        """Whether something that the answer is made from has changed since it began."""
        return self.is_void or any(name in streams for name in self.heard)

    def is_good_for(self, answer: Entry | Plain, rings: int) -> bool:
        """Whether `answer` may go to a request that came after this number of rings."""
        streams = answer.streams if isinstance(answer, Entry) else self.heard
        return not any(name in streams for name in islice(self.heard, rings))


class Edge:
    """The cache in front of `app`, and a watcher of the hub. `most`: its maximum of bytes, 0 for no cache."""

    def __init__(self, app: App, *, most: int | None = None, choice: Choice | None = None) -> None:
        self._app, self._choice = app, choice
        self._reader = Reader(choice)
        self.cache = cache = Cache(settings.EDGE_BYTES if most is None else most)
        metrics.gauge("newsroom_edge_kept_bytes", "Memory that kept answers take.", lambda: cache.size)
        metrics.gauge("newsroom_edge_kept_answers", "Answers kept.", lambda: len(cache))
        self._trusted_until = self._known_at = -math.inf
        self._look_began = 0.0
        # Positions of READ_HERE at the last look, without those that have rung since.
        self._stand: dict[str, Position] = {}
        self._joinable: dict[Key, Computation] = {}
        self._computations: set[Computation] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = self._read(scope)
        if asked is not None and (reply := self._kept(asked, scope) or await self._packed(asked, scope)) is not None:
            await reply.send(send)
        elif asked is not None and self._is_trusted(monotonic()):
            await self._answer_anew(asked, scope, receive, send)
        else:
            _COUNTS["passed"].inc()
            await self._app(scope, receive, send)

    def at_once(self, scope: Scope) -> Reply | None:
        """The cached answer for a request without a body; None if the application has to be called."""
        asked = self._read(scope)
        return self._kept(asked, scope) if asked is not None else None

    def _read(self, scope: Scope) -> Asked | None:
        if scope["method"] in _READING and (self._is_trusted(now := monotonic()) or self._may_be_stale(now)):
            return self._reader.read(scope)
        return None

    def _kept(self, asked: Asked, scope: Scope) -> Reply | None:
        now = monotonic()
        entry, status = self._find(asked, now)
        if entry is None or entry.is_unpacked_for(asked.headers):
            return None
        (_HITS if status is HIT else _COUNTS["stale"]).inc()
        _BYTES.inc(len(entry.plain.body))
        return entry.reply(asked.headers, now=now, is_head=scope["method"] == "HEAD", status=status)

    def _stale(self, asked: Asked, scope: Scope) -> Reply | None:
        """The answer for a request that the database fails, before a look has told that it is away."""
        now = monotonic()
        entry = self.cache.last(asked.key) if self._may_be_stale(now) else None
        if entry is None:
            return None
        _COUNTS["stale"].inc()
        return entry.reply(asked.headers, now=now, is_head=scope["method"] == "HEAD", status=STALE)

    async def _packed(self, asked: Asked, scope: Scope) -> Reply | None:
        """The cached answer after its compression; None if there is none, or no longer."""
        entry, _status = self._find(asked, monotonic())
        if entry is None:
            return None
        await self._pack(entry)
        return self._kept(asked, scope)

    def _find(self, asked: Asked, now: float) -> tuple[Entry | None, tuple[bytes, bytes]]:
        if self._is_trusted(now):
            return self.cache.get(asked.key, now), HIT
        return (self.cache.last(asked.key) if self._may_be_stale(now) else None), STALE

    async def _pack(self, entry: Entry) -> None:
        await entry.pack()
        self.cache.weigh(entry)

    def _is_trusted(self, now: float) -> bool:
        """Whether the last look is recent; if not, entries may be outdated."""
        return now < self._trusted_until and self.cache.most > 0

    def _may_be_stale(self, now: float) -> bool:
        """Whether the last look that worked is recent enough for stale answers."""
        if now < self._known_at + settings.EDGE_STALE_IF_ERROR and self.cache.most:
            return True
        if len(self.cache):
            self._forget()
        return False

    async def _answer_anew(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        computation, is_mine = self._join_or_begin(asked)
        rings = len(computation.heard)
        answer = await self._settled(computation, asked, scope)
        if not isinstance(answer, Reply) and not computation.is_good_for(answer, rings):
            # What was joined had read before a ring that came before this request. Nothing begun from now on has.
            computation, is_mine = self._join_or_begin(asked)
            answer = await self._settled(computation, asked, scope)
        is_head = scope["method"] == "HEAD"
        if isinstance(answer, Reply):
            await answer.send(send)
        elif isinstance(answer, Entry):
            if answer.is_unpacked_for(asked.headers):
                await self._pack(answer)
            await answer.reply(asked.headers, now=monotonic(), is_head=is_head, status=MISS).send(send)
        elif is_mine or not answer.is_for_one:
            await answer.reply(is_head=is_head).send(send)
        else:
            await self._app(scope, receive, send)

    async def _settled(self, computation: Computation, asked: Asked, scope: Scope) -> Entry | Plain | Reply:
        """What was computed; or the reply from memory, if the database does not give it."""
        assert computation.task is not None
        await asyncio.wait([computation.task], timeout=TRUST_SECONDS)
        if _fails(computation.task) and (kept := self._stale(asked, scope)) is not None:
            return kept
        return await asyncio.shield(computation.task)

    def _join_or_begin(self, asked: Asked) -> tuple[Computation, bool]:
        """The computation to join, and whether it was begun just now."""
        known = self._joinable.get(asked.key)
        _COUNTS["miss" if known is None else "joined"].inc()
        if known is not None:
            return known, False
        computation = self._joinable[asked.key] = Computation(monotonic())
        self._computations.add(computation)
        computation.task = asyncio.create_task(self._compute(computation, asked))
        computation.task.add_done_callback(lambda _: self._finish(asked.key, computation))
        return computation, True

    def _finish(self, key: Key, computation: Computation) -> None:
        self._computations.discard(computation)
        if self._joinable.get(key) is computation:
            del self._joinable[key]

    async def _compute(self, computation: Computation, asked: Asked) -> Entry | Plain:
        """Ask Django for the answer, with a request made only from the key. Cache it unless it is outdated by then."""
        note = Note(dict(self._stand))
        status, headers, body = await ask(self._app, self._clean(asked, note))
        answer = Plain(status, headers, body)
        if status != HTTPStatus.OK or not note.streams or answer.is_for_one:
            return answer
        until = None if note.until is None else computation.began + (note.until - timezone.now()).total_seconds()
        most = UNPLACED_SECONDS if None in note.streams.values() else KEPT_SECONDS
        expires = computation.began + most if until is None else min(computation.began + most, until)
        entry = Entry(asked.key, note.streams, computation.began, until, expires, whole(headers, body))
        if not computation.is_outdated(note.streams):
            self.cache.put(entry)
        return entry

    def _clean(self, asked: Asked, note: Note) -> Scope:
        """The request for Django, made only from the key, so that no header of a reader influences a public answer."""
        path, query, language, is_secure, chosen = asked.key
        cookies = f"{settings.LANGUAGE_COOKIE_NAME}={language}"
        if self._choice and chosen:
            cookies = f"{cookies}; {self._choice.cookie}={chosen}"
        headers = [(b"host", asked.host), (b"cookie", cookies.encode())]
        return request_for(path, query, headers, is_secure=is_secure, extensions={EXTENSION: note})

    # --- called by the hub

    def streams(self) -> Iterable[str]:
        self._look_began = monotonic()
        return {*self.cache.streams(), *READ_HERE} if self.cache.most else ()

    def heard(self, stream: str) -> None:
        """Drop the stream's entries. No later request gets an answer whose computation began before, if it is made from
        the stream.
        """
        if stream.partition(".")[0] in _NOT_PUBLIC:
            return
        _DROPS.inc(self.cache.drop(stream))
        self._stand.pop(stream, None)
        for computation in self._computations:
            computation.heard[stream] = None

    def looked(self, heads: Mapping[str, Head] | None) -> None:
        if heads is None:
            self._trusted_until = 0.0
            self._void()
            return
        self._known_at = self._look_began
        self._trusted_until = self._known_at + TRUST_SECONDS
        for stream in self.cache.compare(heads):
            self.heard(stream)
        self._stand = {name: heads[name].position for name in READ_HERE if name in heads}

    def stopped(self) -> None:
        self._trusted_until = self._known_at = -math.inf
        self._forget()

    def _forget(self) -> None:
        _DROPS.inc(self.cache.clear())
        self._void()

    def _void(self) -> None:
        """Let no running computation be kept or joined: it may have read before a change that nobody will hear of."""
        self._joinable.clear()
        for computation in self._computations:
            computation.is_void = True


def _fails(task: asyncio.Task[Entry | Plain]) -> bool:
    """Whether the database does not answer, or not yet."""
    if not task.done():
        return True
    answer = task.result()
    return isinstance(answer, Plain) and answer.status == HTTPStatus.SERVICE_UNAVAILABLE
