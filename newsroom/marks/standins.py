"""Stand-ins for ASCII signs, from Unicode's private use area, which `newsroom.text.clean` lets into no text."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

_FIRST = 0xE000  # the sign's own number is added
_ANY = re.compile("[\ue000-\uf8ff]")
_STAND_IN = re.compile("[\ue000-\ue07f]")
_IN_ADDRESS = re.compile(r"%EE%8([01])%([89AB][0-9A-F])")  # its UTF-8, quoted


def without(text: str) -> str:
    """The text without what could be taken for a stand-in."""
    return text if text.isascii() else _ANY.sub("", text)


def stand_in(signs: str) -> str:
    return "".join(chr(_FIRST + ord(sign)) for sign in signs)


def instead(found: re.Match[str]) -> str:
    """The same for all of a match."""
    return stand_in(found[0])


def reveal(html: str) -> str:
    """The HTML with the signs that its stand-ins stand for."""
    html = _IN_ADDRESS.sub(_quoted, html)
    return _STAND_IN.sub(lambda found: escape(chr(ord(found[0]) - _FIRST)), html)


def _quoted(found: re.Match[str]) -> str:
    sign = chr((int(found[1]) << 6) + int(found[2], 16) - 0x80)
    return escape(quote(sign, safe="-_.+!*'(),%#@?=;:/&$~"))
