"""HTML as it is expected, with the direction that each of its blocks finds for itself."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"<(p|li|blockquote|pre|h[2-4]|t[hd]|d[td]|figcaption)(?=[ >])(?! dir)")


def directed(html: str) -> str:
    return _BLOCK.sub(r'<\1 dir="auto"', html)
