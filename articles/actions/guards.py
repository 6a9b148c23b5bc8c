"""Checks shared by all actions: the person's rights, the fields, and the version that they saw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, Model, TextField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.access import acting, must_somewhere
from accounts.models import User
from newsroom.api.renderers import iso
from newsroom.errors import Conflict, Invalid, PreconditionFailed
from newsroom.text import clean, clean_line

FURTHEST = timedelta(days=366 * 5)  # the latest time for scheduling, from now


def begin(deed: str, actor: User) -> User:
    """The actor loaded anew, with a duty that allows the deed in some section. Whether it covers the thing is asked
    once that is locked. Raises Forbidden, NotLoggedIn.
    """
    return must_somewhere(f"articles.{deed}", acting(actor))


def must_be_version(row: Model, seen: Collection[int] | None) -> None:
    """Raises PreconditionFailed if the (locked) row's version is not among `seen`; None: any version."""
    current: int = row.version  # type: ignore[attr-defined]
    if seen is not None and current not in seen:
        raise PreconditionFailed(_("Somebody changed it in the meantime."), version=current)


def must_be_past(moment: datetime) -> datetime:
    """Raises Invalid for a time in the future, and for one before there were newspapers."""
    if not datetime(1600, 1, 1, tzinfo=UTC) < moment <= timezone.now():
        sentence = _("Choose a time in the past.")
        raise Invalid(sentence, {"published_at": [sentence]})
    return moment


def must_be_ahead(moment: datetime) -> datetime:
    """Raises Invalid for a time in the past, or more than five years ahead."""
    now = timezone.now()
    if not now < moment < now + FURTHEST:
        sentence = _("Choose a time in the future.")
        raise Invalid(sentence, {"publish_at": [sentence]})
    return moment


def must_be_meant_now(row: Model, *, now: bool) -> None:
    """Raises Conflict, naming the time, if the row is scheduled for later and `now` is not set."""
    planned: datetime | None = row.publish_at  # type: ignore[attr-defined]
    if not now and planned is not None and planned > timezone.now():
        when = date_format(timezone.localtime(planned), "SHORT_DATETIME_FORMAT")
        raise Conflict(_("It is planned for %s and stays hidden until then.") % when, publish_at=iso(planned))


def fill(row: Model, fields: Mapping[str, Any], writable: frozenset[str]) -> frozenset[str]:
    """Set cleaned values. Returns the names of the fields that have changed.

    Raises TypeError for a field that is not `writable`: a bug of the caller.
    """
    if strange := set(fields) - writable:
        raise TypeError(f"cannot be written: {', '.join(sorted(strange))}")
    before = {name: getattr(row, name, None) for name in fields}
    for name, value in fields.items():
        setattr(row, name, _cleaned(row, name, value))
    return frozenset(name for name, known in before.items() if known != getattr(row, name))


def _cleaned(row: Model, name: str, value: Any) -> Any:
    """The value as it would be stored. Forms send other line ends than we store, which alone is no change."""
    field = row._meta.get_field(name)  # noqa: SLF001  Django's own name for it
    if isinstance(value, str) and isinstance(field, TextField):
        return clean(value)
    return clean_line(value) if isinstance(value, str) and isinstance(field, CharField) else value


def check(row: Model) -> None:
    """Raises Invalid with a sentence for each field that the model does not accept."""
    try:
        row.full_clean(validate_constraints=False)
    except ValidationError as error:
        raise Invalid(_("Some fields need another look."), dict(error.message_dict)) from error
