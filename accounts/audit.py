"""The record of what those who work here do: one entry a deed, written by its action in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import AuditEntry, User
from newsroom.api.renderers import iso

LONGEST = 200  # characters of a value; whole texts are kept elsewhere


def record(
    actor: User,
    deed: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """`actor` did `deed` ("comment.removed") to `subject` ("comment.17"); of what was before and after the difference.

    What readers wrote never stands in here: it would outlive its removal.
    """
    was, now = before or {}, after or {}
    changed = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    if not changed:
        return  # nothing was done
    AuditEntry.objects.create(
        actor=actor,
        role=actor.role,
        deed=deed,
        subject=subject,
        before={name: _plain(value) for name, value in was.items() if name in changed},
        after={name: _plain(value) for name, value in now.items() if name in changed},
    )


def values_of(row: Model | None, names: Iterable[str]) -> dict[str, Any]:
    """How `names` of a row stand, for `before` and `after`."""
    return {} if row is None else {name: getattr(row, name) for name in names}


def _plain(value: Any) -> Any:
    match value:
        case Model():
            return value.pk
        case datetime():
            return iso(value)
        case bool() | int() | float() | None:
            return value
        case _:
            text = str(value)
            return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
