"""The ranking of comments in the order `best`."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

Z = 1.96  # of a 95 % interval
WHOLE = 1_000_000
SUNK = -1  # a comment that was taken down is below all others


def best(likes: int, dislikes: int) -> int:
    """How surely a comment is liked: the lower bound of the share of likes, in millionths; 0 without a like.

    A 95 % interval, so 10 likes of 10 come before 1 of 1, and 90 of 100 before 9 of 10. Raises ValueError on negative
    counts. Source: E. B. Wilson, JASA 22 (1927) 209–212, doi:10.1080/01621459.1927.10502953
    """
    if min(likes, dislikes) < 0:
        raise ValueError("votes cannot be negative")
    n, z2 = max(1, likes + dislikes), Z**2  # without votes the bound is 0 all the same
    spread = Z * sqrt(likes * dislikes / n + z2 / 4)
    return max(0, int(WHOLE * (likes + z2 / 2 - spread) / (n + z2)))


def score(reactions: Mapping[str, int], *, is_out: bool) -> int:
    """The score in the order `best` for these reactions."""
    return SUNK if is_out else best(reactions.get("like", 0), reactions.get("dislike", 0))
