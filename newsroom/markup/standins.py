"""Stand-ins for ASCII signs. They come from Unicode's private use area, which `newsroom.text.clean` removes from
texts.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import quote

_FIRST = 0xE000  # the sign's own code is added
_ANY = re.compile("[\ue000-\uf8ff]")
_STAND_IN = re.compile("[\ue000-\ue07f]")
_IN_ADDRESS = re.compile(r"%EE%8([01])%([89AB][0-9A-F])")  # UTF-8, percent-encoded


def without(text: str) -> str:
    """The text without anything that could be taken for a stand-in."""
    return text if text.isascii() else _ANY.sub("", text)


def stand_in(signs: str) -> str:
    return "".join(chr(_FIRST + ord(sign)) for sign in signs)


def instead(found: re.Match[str]) -> str:
    """The stand-ins for all signs of a match."""
    return stand_in(found[0])


def reveal(html: str) -> str:
    """The HTML with its stand-ins replaced by the signs."""
    html = _IN_ADDRESS.sub(_quoted, html)
    return _STAND_IN.sub(lambda found: escape(chr(ord(found[0]) - _FIRST)), html)


def _quoted(found: re.Match[str]) -> str:
    sign = chr((int(found[1]) << 6) + int(found[2], 16) - 0x80)
    return escape(quote(sign, safe="-_.+!*'(),%#@?=;:/&$~"))
