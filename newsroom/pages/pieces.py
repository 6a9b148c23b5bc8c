"""Pieces of pages: a template drawn from facts alone, and kept for all readers for whom the facts are equal."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from threading import Lock
from typing import Any

import msgspec
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from newsroom.api.renderers import encode
from newsroom.pages.context import settings_context

MOST_BYTES = 32 * 2**20  # in each process
BESIDE = 300  # bytes that an entry takes beside its facts and its text

type Key = tuple[str, str | None, str, bytes]


def drawn(template: str, facts: Mapping[str, Any]) -> SafeString:
    """The template as HTML, in the present language and time zone. It sees `facts` as JSON gives them back, the
    settings that all templates have, and nothing else: no request, user, token or message, and no time but those among
    the facts. A text that was marked as safe is not safe there.

    Raises NotImplementedError for a fact that JSON cannot hold, such as a row or a user.
    """
    return drawing()(template, facts)


def drawing() -> Callable[[str, Mapping[str, Any]], SafeString]:
    """`drawn` for many pieces in a row: asking for language and zone takes as long as finding a piece."""
    return partial(_drawn, get_language(), timezone.get_current_timezone_name())


def _drawn(language: str | None, zone: str, template: str, facts: Mapping[str, Any]) -> SafeString:
    key = (template, language, zone, encode(facts))
    text = _kept.get(key)
    if text is None:
        text = render_to_string(template, settings_context() | msgspec.json.decode(key[-1]))
        if not settings.DEBUG:  # there templates change while the process lives
            _kept.put(key, text)
    return text


def forget() -> None:
    """Draw everything anew, as if the process had just begun."""
    _kept.clear()


class _Kept:
    """Texts by key. The least recently used are dropped first."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._texts: OrderedDict[Key, SafeString] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> SafeString | None:
        with self._lock:
            text = self._texts.get(key)
            if text is not None:
                self._texts.move_to_end(key)
        return text

    def put(self, key: Key, text: SafeString) -> None:
        with self._lock:
            if key in self._texts:  # another thread has drawn it meanwhile
                return
            self._texts[key] = text
            self._size += _weight(key, text)
            while self._size > self._most:
                self._size -= _weight(*self._texts.popitem(last=False))

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()
            self._size = 0


def _weight(key: Key, text: SafeString) -> int:
    return sys.getsizeof(key[-1]) + sys.getsizeof(text) + BESIDE


_kept = _Kept(MOST_BYTES)
