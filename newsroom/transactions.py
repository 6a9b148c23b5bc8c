"""Kinds of transactions that our two databases do better than others: short ones, and those that wait at their end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction


def short[**P, Result](deed: Callable[P, Result]) -> Callable[P, Result]:
    """`transaction.atomic` for what many do at the same time and takes some milliseconds, all of it in the database.

    On SQLite, with its one writer, those that wait for each other are committed together: see
    `newsroom.sqlite3.turns`. A constraint that is looked at but at the commit fails for all of them, so what a deed
    refers to, it has looked up before.
    """

    @wraps(deed)
    def run(*args: P.args, **kwargs: P.kwargs) -> Result:
        here = _here()
        block: AbstractContextManager[Any] = transaction.atomic() if here.vendor == "postgresql" else here.grouped()
        with block:
            return deed(*args, **kwargs)

    return run


def has_company() -> bool:
    """Whether others write beside this transaction, so that what one can do for all had better wait for its end."""
    here = _here()
    return here.vendor == "postgresql" or bool(here.has_company)


def for_all(key: str, deed: Callable[[], object]) -> Callable[[], bool]:
    """For a transaction with company: have `deed` done once for all that are committed together, by the last of them.

    Gives what says after the commit whether it was done; if not, who needs it has to do it. On PostgreSQL it never is.
    """
    here = _here()
    is_done: Callable[[], bool] = _never if here.vendor == "postgresql" else here.for_all(key, deed)
    return is_done


def _never() -> bool:
    return False


def pipelined() -> AbstractContextManager[None]:
    """A block in which PostgreSQL is not waited for until an answer is looked at; around a transaction, or inside.

    What fails may be said by a later statement, at the latest at the block's end.
    """
    here = _here()
    pipeline: AbstractContextManager[None] = here.pipelined() if here.vendor == "postgresql" else nullcontext()
    return pipeline


def _here() -> Any:
    """This thread's connection."""
    return connections[DEFAULT_DB_ALIAS]
