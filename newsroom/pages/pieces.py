"""Pieces of pages: a template drawn from facts alone, and kept for all readers for whom the facts are equal. What
stands between `{% later %}` and `{% endlater %}` in it is left out, and drawn anew with each page.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from secrets import token_hex
from threading import Lock
from typing import Any

import msgspec
from django.conf import settings
from django.template import Context, Node
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from newsroom.api.renderers import encode
from newsroom.face.present import Face, present
from newsroom.pages.context import settings_context

MOST_BYTES = 32 * 2**20  # in each process
IN_PIECE = "is_piece"  # a variable that only templates of pieces see
BESIDE = 300  # bytes that an entry takes beside its facts and its text

type Key = tuple[str, str | None, str, int, bytes]
type Parts = Sequence[str]  # text and, at odd places, a number in _laters

_MARK = f"<{token_hex(16)}>"  # on both sides of such a number; nobody can write it into a text
_laters: dict[int, Later] = {}
_numbers = count()


class Later(Node):
    """What is a reader's own in a piece: drawn with each page, as it would be outside of the piece, and never kept."""

    def __init__(self, nodes: Any) -> None:
        self.nodelist = nodes
        number = next(_numbers)
        _laters[number] = self
        self._mark = f"{_MARK}{number}{_MARK}"

    def render(self, context: Context) -> str:
        return self._mark if IN_PIECE in context else self.nodelist.render(context)


def drawn(template: str, facts: Mapping[str, Any], page: Context | None = None) -> SafeString:
    """The template as HTML, in the present language and time zone. It sees `facts` as JSON gives them back, the
    face and the settings that all templates have, and nothing else: no request, user, token or message, and no time but
    those among the facts. A text that was marked as safe is not safe there. `page` is for what is drawn later.

    Raises NotImplementedError for a fact that JSON cannot hold, such as a row or a user.
    """
    return drawing(page)(template, facts)


def drawing(page: Context | None = None) -> Callable[[str, Mapping[str, Any]], SafeString]:
    """`drawn` for many pieces in a row: asking for face, language and zone takes as long as finding a piece."""
    return partial(_drawn, page, present(), get_language(), timezone.get_current_timezone_name())


def _drawn(
    page: Context | None, face: Face, language: str | None, zone: str, template: str, facts: Mapping[str, Any]
) -> SafeString:
    key = (template, language, zone, face.version, encode(facts))
    parts = _kept.get(key)
    if parts is None:
        text = render_to_string(template, settings_context(face) | msgspec.json.decode(key[-1]) | {IN_PIECE: True})
        parts = text.split(_MARK)
        if not settings.DEBUG:  # there templates change while the process lives
            _kept.put(key, parts)
    return _laid(parts, page)


def _laid(parts: Parts, page: Context | None) -> SafeString:
    if page is not None and IN_PIECE in page:  # a piece in a piece: what comes later does so in the outer one
        return mark_safe(_MARK.join(parts))  # noqa: S308
    if len(parts) > 1:
        whole = list(parts)
        whole[1::2] = [_laters[int(number)].nodelist.render(page) for number in parts[1::2]]
        parts = whole
    return mark_safe("".join(parts))  # noqa: S308  templates have escaped it


def forget() -> None:
    """Draw everything anew, as if the process had just begun."""
    _kept.clear()


class _Kept:
    """Texts by key. The least recently used are dropped first."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._texts: OrderedDict[Key, Parts] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Parts | None:
        with self._lock:
            text = self._texts.get(key)
            if text is not None:
                self._texts.move_to_end(key)
        return text

    def put(self, key: Key, text: Parts) -> None:
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


def _weight(key: Key, text: Parts) -> int:
    return sys.getsizeof(key[-1]) + sum(map(sys.getsizeof, text)) + BESIDE


_kept = _Kept(MOST_BYTES)
