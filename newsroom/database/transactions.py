"""Transactions whose statements are sent without waiting for each result."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def pipelined() -> AbstractContextManager[None]:
    """A block in which PostgreSQL's results are awaited only when they are read. Use it around or inside a transaction.

    An error may be raised by a later statement, at the latest at the block's end.
    """
    here: Any = connections[DEFAULT_DB_ALIAS]
    pipeline: AbstractContextManager[None] = here.pipelined() if here.vendor == "postgresql" else nullcontext()
    return pipeline
