"""Filters of the queue that a moderator keeps."""

from __future__ import annotations

from typing import Any

from django.db.models import F, IntegerField, Value

from accounts.models import User
from articles.models import Section
from comments.models import SavedFilter

_SECTION, _FILTER = 0, 1


def filters_of(viewer: User) -> list[SavedFilter]:
    """The viewer's own, by name. One statement."""
    return list(SavedFilter.objects.filter(person=viewer).order_by("name"))


def sections_and_filters(viewer: User) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """All sections in their order, as {slug, name}, and the viewer's own filters by name, as {query, name}. One
    statement for both.
    """
    columns = ("which", "place", "name", "value")
    kind = IntegerField()
    sections: Any = Section.objects.order_by().annotate(
        which=Value(_SECTION, output_field=kind), place=F("position"), value=F("slug")
    )
    own: Any = SavedFilter.objects.filter(person=viewer).annotate(
        which=Value(_FILTER, output_field=kind), place=Value(0, output_field=kind), value=F("query")
    )
    rows = list(sections.values_list(*columns).union(own.values_list(*columns), all=True).order_by(*columns[:3]))
    return (
        [{"slug": value, "name": name} for which, _place, name, value in rows if which == _SECTION],
        [{"query": value, "name": name} for which, _place, name, value in rows if which == _FILTER],
    )
