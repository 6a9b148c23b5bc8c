"""Ids of rows, and comparisons of several columns for keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

LARGEST_ID = 2**63 - 1


def key_number(key: str | None) -> int | None:
    """The id from 1 to LARGEST_ID that `key` writes as a decimal without leading zeros; otherwise None."""
    if not key or not (key.isascii() and key.isdigit() and len(key) <= 19) or key.startswith("0"):
        return None
    number = int(key)
    return number if number <= LARGEST_ID else None


def beyond(keys: Sequence[str], bound: Sequence[Any], *, downwards: bool) -> Q:
    """A row-wise comparison `(a, b) > (x, y)`. Written with OR, it would scan the index from the first row with the
    first key.
    """
    if len(keys) == 1:
        return Q(**{f"{keys[0]}__{'lt' if downwards else 'gt'}": bound[0]})
    compare = TupleLessThan if downwards else TupleGreaterThan
    return Q(compare(Tuple(*[F(key) for key in keys]), tuple(bound)))
