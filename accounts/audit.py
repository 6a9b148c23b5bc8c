"""The record of what staff do: one entry a deed, written by its action in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import AuditEntry, User
from accounts.representations import masked
from newsroom.api.renderers import iso

LONGEST = 200  # characters of a value if the whole text is stored elsewhere


def record(
    actor: User,
    deed: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    *,
    has_versions: bool = False,
) -> None:
    """Record that `actor` did `deed` ("comment.removed") to `subject` ("comment.17"), with the values that changed.

    Long texts are cut if the subject `has_versions`, which hold them. Otherwise nothing else keeps the earlier text, so
    the record has it in full.

    Never record readers' text: it would survive its removal.
    """
    was, now = before or {}, after or {}
    changed = {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)}
    if not changed:
        return  # nothing was changed
    AuditEntry.objects.create(
        actor=actor,
        role=actor.role,
        deed=deed,
        subject=subject,
        before={name: _plain(value, short=has_versions) for name, value in was.items() if name in changed},
        after={name: _plain(value, short=has_versions) for name, value in now.items() if name in changed},
    )


def record_look(actor: User, person: User) -> None:
    """Record that `actor` has read somebody's e-mail address."""
    record(actor, "address.shown", f"user.{person.pk}", {}, {"email": masked(person.email)})


def values_of(row: Model | None, names: Iterable[str]) -> dict[str, Any]:
    """The values of a row's fields `names`, for `before` and `after`."""
    return {} if row is None else {name: getattr(row, name) for name in names}


def _plain(value: Any, *, short: bool) -> Any:
    match value:
        case Model():
            return value.pk
        case datetime():
            return iso(value)
        case bool() | int() | float() | None | list():  # of numbers
            return value
        case _:
            text = str(value)
            return text if not short or len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
