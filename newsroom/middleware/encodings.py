"""Compression of answers: what is compressed, and how. docs/architecture.md says which part compresses which
answers.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

import brotli

WORTH_PACKING = 500  # bytes
# Of 11. The last two levels make it smaller by six per cent, and cost a second for each megabyte.
BROTLI_QUALITY, QUALITY_OF_LARGE = 11, 9
LARGE = 256 * 1024  # bytes
_TEXT = re.compile(r"(?:text/|image/svg\+xml|application/(?:[\w.+-]+\+)?(?:json|xml|javascript)\b)")


def is_text(content_type: str) -> bool:
    return _TEXT.match(content_type) is not None


@lru_cache(1024)
def accepts(accepted: str, coding: str) -> bool:
    """Whether an Accept-Encoding header allows `coding`; a coding with q=0 is not allowed."""
    weights: dict[str, str] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "")
    weight = weights.get(coding, weights.get("*", "q=0"))
    return not re.fullmatch(r"q=0(?:\.0*)?", weight)


def packed(content: bytes, coding: str) -> bytes:
    """Compress what is compressed once and sent often. `coding` is "br" or "gzip"."""
    if coding == "br":
        quality = BROTLI_QUALITY if len(content) <= LARGE else QUALITY_OF_LARGE
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=quality))
    return gzip.compress(content, 9, mtime=0)
