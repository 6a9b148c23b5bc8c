"""Static files in memory, straight from the apps; each is read and packed once in a process, when first asked for.

One hash of all of them is part of each address (`/static/3f9a0c…/newsroom/live.js`). So url() in style sheets and
imports between ES modules need no rewriting, and no copies are collected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from mimetypes import MimeTypes
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

from newsroom.files import scripts, sheets
from newsroom.middleware.encodings import WORTH_PACKING, accepts, is_text, packed

CODINGS = ("br", "gzip")  # the smaller one first
PLAIN = ""
WHOLES: dict[str, Callable[[str, Callable[[str], str]], str]] = {
    "newsroom/site.css": sheets.whole,
    "newsroom/site.js": scripts.whole,
    "newsroom/reader.js": scripts.whole,
    "comments/writing.js": scripts.whole,
    "comments/newsroom-ignore.js": scripts.whole,
    "comments/newsroom-report.js": scripts.whole,
    "panel/panel.js": scripts.whole,
    "panel/thread.js": scripts.whole,
    "panel/thread.css": sheets.whole,
}
_TYPES = MimeTypes(filenames=())  # Python's own table, whatever the machine has besides
for _ending, _type in {
    ".eot": "application/vnd.ms-fontobject",
    ".map": "application/json",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}.items():
    _TYPES.add_type(_type, _ending)

_files: dict[str, File] = {}
_making = Lock()


@dataclass(frozen=True, slots=True)
class File:
    """`bodies`: the content by its coding, PLAIN and as far as it is worth it CODINGS. `changed`: POSIX seconds."""

    kind: str  # as Content-Type
    changed: int
    digest: str
    bodies: Mapping[str, bytes]

    @property
    def is_packed(self) -> bool:
        return len(self.bodies) > 1

    def etag(self, coding: str = PLAIN) -> str:
        return f'"{self.digest}-{coding}"' if coding else f'"{self.digest}"'


def best(accepted: str) -> str:
    """The coding for an Accept-Encoding header."""
    return next((each for each in CODINGS if accepts(accepted, each)), PLAIN)


def file(name: str) -> File | None:
    """The static file of this name ("newsroom/site.css"); None if there is none."""
    if name not in _files and name in names():
        with _making:
            if name not in _files:
                _files[name] = _made(name)
    return _files.get(name)


def names() -> Collection[str]:
    return _paths().keys()


@cache
def version() -> str:
    """Twelve hex digits from all static files' names and contents. Equal on every machine of a release."""
    digest = blake2b(digest_size=6)
    for name in sorted(names()):
        digest.update(name.encode() + b"\0")
        digest.update(_content(name)[0])
    return digest.hexdigest()


class HashedStaticStorage(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        return f"{settings.STATIC_URL}{version()}/{name or ''}"


@cache
def _paths() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            found.setdefault(name, Path(storage.path(name)))
    return found


def _made(name: str) -> File:
    content, changed = _content(name)
    kind = _TYPES.guess_type(name)[0] or "application/octet-stream"
    bodies = {PLAIN: content}
    if is_text(kind):
        kind += "; charset=utf-8"
        if len(content) >= WORTH_PACKING:
            bodies |= {coding: packed(content, coding) for coding in CODINGS}
    return File(kind, changed, blake2b(content, digest_size=8).hexdigest(), bodies)


def _content(name: str) -> tuple[bytes, int]:
    """The bytes to send, and when one of the files that they are made of has last changed."""
    read: list[Path] = []

    def text(part: str) -> str:
        if part not in _paths():
            raise ValueError(f"There is no static file {part}, which is a part of {name}.")
        read.append(_paths()[part])
        return read[-1].read_text("utf-8")

    if name in WHOLES:
        content = WHOLES[name](name, text).encode()
    else:
        read.append(_paths()[name])
        content = read[-1].read_bytes()
    return content, max(int(each.stat().st_mtime) for each in read)
