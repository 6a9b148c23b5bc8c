"""What may be sent packed, and how small. Whose answers are packed where: docs/architecture.md."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

import brotli

WORTH_PACKING = 500  # bytes
BROTLI_QUALITY = 9  # of 11: the last two cost thirty times as much for five per cent
_TEXT = re.compile(r"(?:text/|image/svg\+xml|application/(?:[\w.+-]+\+)?(?:json|xml|javascript)\b)")


def is_text(content_type: str) -> bool:
    return _TEXT.match(content_type) is not None


@lru_cache(1024)
def accepts(accepted: str, coding: str) -> bool:
    """Whether an Accept-Encoding lets us send `coding`; what weighs nothing is refused."""
    weights: dict[str, str] = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        weights[name.strip()] = weight.replace(" ", "")
    weight = weights.get(coding, weights.get("*", "q=0"))
    return not re.fullmatch(r"q=0(?:\.0*)?", weight)


def packed(content: bytes, coding: str) -> bytes:
    """For what is packed once and sent often; `coding` is "br" or "gzip"."""
    if coding == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY))
    return gzip.compress(content, 9, mtime=0)
