"""A public answer in memory: its body, a compressed variant made on demand, and its headers."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings

from newsroom.api.responses import etag_of
from newsroom.edge.request import Key
from newsroom.live.outbox import Position
from newsroom.middleware.encodings import WORTH_PACKING, accepts, is_text

type Headers = list[tuple[bytes, bytes]]
type Send = Callable[[dict[str, Any]], Any]
type Streams = Mapping[str, Position | None]

PACKING_LEVEL = 6
OVERHEAD = 3000  # approximate bytes of an entry besides its bodies
VARY = (b"vary", b"Accept-Encoding, Authorization, Cookie, X-Session-Token")
_OURS = frozenset([b"vary", b"cache-control", b"etag", b"content-length", b"content-encoding", b"date", b"server"])
_TAG = re.compile(rb'(?:W/)?("[^"]*")')
# https://www.rfc-editor.org/rfc/rfc9211
HIT, MISS = (b"cache-status", b"newsroom; hit"), (b"cache-status", b"newsroom; fwd=miss")
STALE = (b"cache-status", b"newsroom; hit; detail=stale")


class Reply(NamedTuple):
    """A whole answer. `lines` are its headers as HTTP/1.1 bytes, if they are encoded already."""

    status: int
    headers: Headers
    body: bytes
    lines: bytes = b""

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(slots=True, eq=False)
class Variant:
    """The body in one encoding. `headers` and `unchanged` (for 304) lack the headers that vary between answers.

    `usual` and `same` are the common answers with 200 and 304, to a HIT and to a MISS, completely encoded.
    """

    body: bytes
    etag: bytes
    kept: Headers  # Django's headers that hold for every variant
    headers: Headers
    unchanged: Headers
    usual: Mapping[tuple[bytes, bytes], Reply]
    same: Mapping[tuple[bytes, bytes], Reply]
    is_worth_packing: bool = False


@dataclass(slots=True, eq=False)
class Entry:
    """Times are `monotonic()`. `until` is the end of the content's validity, `expires` that of the entry's use, unless
    the database is away.
    """

    key: Key
    streams: Streams
    made: float
    until: float | None
    expires: float
    plain: Variant
    packed: Variant | None = None
    _packing: asyncio.Task[None] | None = None

    @property
    def size(self) -> int:
        """Approximate bytes of memory."""
        return len(self.plain.body) + (len(self.packed.body) if self.packed else 0) + OVERHEAD

    def is_unpacked_for(self, asked: Mapping[bytes, bytes]) -> bool:
        """Whether to call `pack` before `reply`: compression is worth it, and the request accepts gzip or names its
        ETag.
        """
        if self.packed is not None or not self.plain.is_worth_packing:
            return False
        if accepts(asked.get(b"accept-encoding", b"").decode("latin1"), "gzip"):
            return True
        return b'-gzip"' in asked.get(b"if-none-match", b"") or b'-gzip"' in asked.get(b"if-match", b"")

    async def pack(self) -> None:
        """Compress the body. Concurrent callers share one run."""
        if self._packing is None:
            self._packing = asyncio.create_task(self._pack())
        await asyncio.shield(self._packing)

    async def _pack(self) -> None:
        plain = self.plain
        small = await asyncio.to_thread(gzip.compress, plain.body, PACKING_LEVEL, mtime=0)
        if len(small) < len(plain.body):
            self.packed = variant(plain.kept, small, plain.etag[:-1] + b'-gzip"', (b"content-encoding", b"gzip"))
        else:
            plain.is_worth_packing = False

    def reply(self, asked: Mapping[bytes, bytes], *, now: float, is_head: bool, status: tuple[bytes, bytes]) -> Reply:
        """The answer with 200, 304 or 412, by the request's conditional headers."""
        variant = self.plain
        if self.packed is not None and accepts(asked.get(b"accept-encoding", b"").decode("latin1"), "gzip"):
            variant = self.packed
        keep = _NO_CACHE if status is STALE else self._keep(now)
        seen = asked.get(b"if-none-match")
        if keep is _NO_CACHE and status is not STALE and not is_head and b"if-match" not in asked:
            if not seen:
                return variant.usual[status]
            if seen == variant.etag:
                return variant.same[status]
        code, headers, body = HTTPStatus.OK, variant.headers, variant.body
        if b"if-match" in asked and self._named(asked[b"if-match"], weak=False) is None:
            code, headers, body = HTTPStatus.PRECONDITION_FAILED, [VARY, (b"content-length", b"0")], b""
        elif seen:
            known = variant if seen == variant.etag else self._named(seen, weak=True)
            if known is not None:
                code, headers, body = HTTPStatus.NOT_MODIFIED, known.unchanged, b""
        return Reply(code, [*headers, keep, status], b"" if is_head else body)

    def _named(self, tags: bytes, *, weak: bool) -> Variant | None:
        """The variant whose ETag is among `tags`."""
        if tags.strip() == b"*":
            return self.plain
        found = {match[1] for match in _TAG.finditer(tags) if weak or not match[0].startswith(b"W/")}
        return next((each for each in (self.plain, self.packed) if each and each.etag in found), None)

    def _keep(self, now: float) -> tuple[bytes, bytes]:
        """Browsers must revalidate each time. A CDN may cache if the publisher has set EDGE_S_MAXAGE."""
        seconds = settings.EDGE_S_MAXAGE
        if self.until is not None:
            seconds = min(seconds, int(self.until - now))
        return (b"cache-control", b"public, max-age=0, s-maxage=%d" % seconds) if seconds > 0 else _NO_CACHE


_NO_CACHE = (b"cache-control", b"no-cache")


def whole(headers: Headers, body: bytes) -> Variant:
    """The uncompressed variant; `headers` are Django's."""
    kept = [(name, value) for name, value in headers if name not in _OURS]
    etag = next((value for name, value in headers if name == b"etag"), b"")
    made = variant(kept, body, etag if etag.startswith(b'"') else etag_of(body).encode())
    kind = next((value.decode("latin1") for name, value in kept if name == b"content-type"), "")
    made.is_worth_packing = is_text(kind) and len(body) >= WORTH_PACKING
    return made


def variant(kept: Headers, body: bytes, etag: bytes, *more: tuple[bytes, bytes]) -> Variant:
    shared = [(b"etag", etag), VARY]
    headers = [*kept, *shared, *more, (b"content-length", b"%d" % len(body))]
    usual, same = _encoded(HTTPStatus.OK, headers, body), _encoded(HTTPStatus.NOT_MODIFIED, shared, b"")
    return Variant(body, etag, kept, headers, shared, usual, same)


def _encoded(status: int, headers: Headers, body: bytes) -> Mapping[tuple[bytes, bytes], Reply]:
    return {how: written(status, [*headers, _NO_CACHE, how], body) for how in (HIT, MISS)}


def written(status: int, headers: Headers, body: bytes) -> Reply:
    """A reply whose headers are encoded already."""
    return Reply(status, headers, body, b"".join(b"%b: %b\r\n" % each for each in headers))
