"""How much a person and an address may search: a search that costs more uses up more of the limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from newsroom import limits
from newsroom.database.fit import TookTooLong

LIMIT = "searches"
COST_OF_TOO_LONG = 15


@contextmanager
def allowance(network: str, person: int | None) -> Iterator[Callable[[int], None]]:
    """A block that searches for an address, and for a person if one is logged in. Call what it gives with the cost of
    each page, 1 for a cheap one. Raises TooManyRequests before the block; the block itself is finished whatever it
    costs.
    """
    keys = [network] if person is None else [network, f"person.{person}"]
    for key in keys:
        limits.hit(LIMIT, key)
    spent: list[int] = []
    try:
        yield spent.append
    except TookTooLong:
        spent.append(COST_OF_TOO_LONG)
        raise
    finally:
        for key in keys:
            limits.charge(LIMIT, key, sum(cost - 1 for cost in spent))
