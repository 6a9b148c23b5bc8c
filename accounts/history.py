"""The history of a thing for people: who did what when, and the values before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEntry

type _Field = Field[Any, Any]
_CREATED, _CHANGED = _("created"), _("changed")
_MAKES = frozenset(["added", "started", "kept", "set", "written"])  # deeds without a value before
_DEEDS: dict[str, Promise] = {
    **dict.fromkeys(["kept", "set", "written", "described", "changed", "named"], _CHANGED),
    "merged": _("merged"),
    "taken_apart": _("taken apart"),
    "imposed": _("restricted"),
    "lifted": _("restriction lifted"),
    "approved": _("approved"),
    "rejected": _("rejected"),
    "removed": _("removed"),
    "restored": _("restored"),
    "pinned": _("pinned"),
    "unpinned": _("unpinned"),
    "featured": _("featured"),
    "unfeatured": _("no longer featured"),
    "locked": _("replies closed"),
    "unlocked": _("replies opened"),
    "shown": _("looked at"),
    "handed_over": _("handed over"),
    "noted": _("note written"),
    "warned": _("warned"),
    "unwarned": _("warning taken back"),
}


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    at: datetime
    by: str
    deed: str
    note: str
    changes: list[Change]


type Words = Callable[[str, Any], str]


def recorded(
    subject: str, models: Sequence[type[Model]], names: Mapping[str, Promise], words: Words | None = None
) -> list[Entry]:
    """The entries about `subject` ("section.17") in the record of deeds, the latest first.

    `models`: the models whose fields were recorded. `names`: labels of values that are no model's field, and
    `words(name, value)` says what such a value means.
    """
    fields = {field.name: field for model in reversed(models) for field in model._meta.fields}  # noqa: SLF001
    found = AuditEntry.objects.filter(subject=subject).select_related("actor").order_by("-id")
    return [_entry(each, fields, names, words) for each in found]


def _entry(entry: AuditEntry, fields: Mapping[str, _Field], names: Mapping[str, Promise], words: Words | None) -> Entry:
    deed = entry.deed.rpartition(".")[2]
    is_new = deed in _MAKES and not entry.before
    said, changes = (_CREATED, []) if is_new else (_DEEDS.get(deed, deed), _changes(entry, fields, names, words))
    return Entry(entry.created_at, str(entry.actor or "–"), str(said), "", changes)


def _changes(
    entry: AuditEntry, fields: Mapping[str, _Field], names: Mapping[str, Promise], words: Words | None
) -> list[Change]:
    found = []
    for name in dict.fromkeys([*entry.before, *entry.after]):
        field = fields.get(name)
        label = field.verbose_name if field else names.get(name, name)
        values = [said.get(name) for said in (entry.before, entry.after)]
        before, after = (words(name, each) if words and name in names else _shown(field, each) for each in values)
        found.append(Change(capfirst(str(label)), before, after))
    return found


def _shown(field: _Field | None, value: Any) -> str:
    """A recorded value in words: names for keys, labels for choices."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value is None or field is None:
        return str(value or "")
    if isinstance(field, ForeignKey):
        return str(field.related_model._default_manager.filter(pk=value).first() or f"#{value}")  # noqa: SLF001
    moment = parse_datetime(value) if field.get_internal_type() == "DateTimeField" and isinstance(value, str) else None
    return (
        date_format(localtime(moment), "SHORT_DATETIME_FORMAT")
        if moment
        else str(dict(field.flatchoices).get(value, value))
    )
