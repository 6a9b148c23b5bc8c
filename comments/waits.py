"""How long something waited, in buckets of which eight make up a doubling: a median from them is true to a twelfth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import log2

_OF_A_DOUBLING = 8


def bucket(waited: timedelta) -> int:
    """0 holds what took a second at most."""
    return int(_OF_A_DOUBLING * log2(max(waited.total_seconds(), 1)))


def median(counts: Mapping[int, int]) -> int | None:
    """The median in seconds of a histogram, bucket → number; None of nothing."""
    whole, passed = sum(counts.values()), 0
    for each in sorted(counts):
        passed += counts[each]
        if 2 * passed >= whole > 0:
            return round(2 ** ((each + 0.5) / _OF_A_DOUBLING))
    return None
