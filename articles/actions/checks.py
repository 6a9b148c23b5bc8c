"""What every action asks first: may this person do it, do the fields hold, is it still the version they saw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, Model, TextField
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from newsroom.errors import Forbidden, Invalid, PreconditionFailed
from newsroom.text import clean, clean_line

FURTHEST = timedelta(days=366 * 5)  # into the future something can be scheduled


def must_edit(actor: User) -> None:
    """Raises Forbidden unless `actor` is an editor whose address is confirmed."""
    if not (actor.is_active and actor.is_confirmed and actor.edits):
        raise Forbidden(_("Only editors can do that."))


def must_write(actor: User) -> None:
    """Raises Forbidden unless `actor` is a journalist or an editor whose address is confirmed."""
    if not (actor.is_active and actor.is_confirmed and actor.writes):
        raise Forbidden(_("Only journalists and editors can do that."))


def must_be_version(row: Model, version: int | None) -> None:
    """Raises PreconditionFailed if somebody has changed the (locked) row since `version` was seen."""
    current: int = row.version  # type: ignore[attr-defined]
    if version is not None and version != current:
        raise PreconditionFailed(_("Somebody changed it in the meantime."), version=current)


def must_be_past(moment: datetime) -> datetime:
    """Raises Invalid for a time to come, and for one before newspapers."""
    if not datetime(1600, 1, 1, tzinfo=UTC) < moment <= timezone.now():
        sentence = _("Choose a time in the past.")
        raise Invalid(sentence, {"published_at": [sentence]})
    return moment


def must_be_ahead(moment: datetime) -> datetime:
    """Raises Invalid for a time that has passed or lies further ahead than five years."""
    now = timezone.now()
    if not now < moment < now + FURTHEST:
        sentence = _("Choose a time in the future.")
        raise Invalid(sentence, {"publish_at": [sentence]})
    return moment


def fill(row: Model, fields: Mapping[str, Any], writable: frozenset[str]) -> None:
    """Set cleaned values. Raises TypeError for a field that is not `writable`: that is a bug of the caller."""
    if strange := set(fields) - writable:
        raise TypeError(f"cannot be written: {', '.join(sorted(strange))}")
    for name, value in fields.items():
        field = row._meta.get_field(name)  # noqa: SLF001  Django's own name for it
        if isinstance(value, str) and isinstance(field, TextField):
            value = clean(value)  # noqa: PLW2901
        elif isinstance(value, str) and isinstance(field, CharField):
            value = clean_line(value)  # noqa: PLW2901
        setattr(row, name, value)


def check(row: Model) -> None:
    """Raises Invalid with a sentence for each field that the model does not accept."""
    try:
        row.full_clean(validate_constraints=False)
    except ValidationError as error:
        raise Invalid(_("Some fields need another look."), dict(error.message_dict)) from error
