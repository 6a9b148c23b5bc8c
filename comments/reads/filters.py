"""What stands beside the queue: sections, the filters that a moderator keeps, and how much waits for a second look."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Count, F, IntegerField, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from articles.models import Section
from comments.models import SavedFilter, SecondLook

_SECTION, _FILTER, _LOOKS = 0, 1, 2


def filters_of(viewer: User) -> list[SavedFilter]:
    """The viewer's own, by name. One statement."""
    return list(SavedFilter.objects.filter(person=viewer).order_by("name"))


def rail(viewer: User) -> tuple[list[dict[str, str]], list[dict[str, str]], int]:
    """All sections in their order, as {slug, name}; the viewer's own filters by name, as {query, name}; and how many
    decisions the viewer may judge once more. One statement.
    """
    columns = ("which", "place", "name", "value")
    kind = IntegerField()
    sections: Any = Section.objects.order_by().annotate(
        which=Value(_SECTION, output_field=kind), place=F("position"), value=F("slug")
    )
    own: Any = SavedFilter.objects.filter(person=viewer).annotate(
        which=Value(_FILTER, output_field=kind), place=Value(0, output_field=kind), value=F("query")
    )
    waiting = SecondLook.objects.waiting_for(viewer, timezone.now()).order_by().annotate(one=Value(1))
    number = Subquery(waiting.values("one").annotate(n=Count("pk")).values("n"), output_field=kind)
    looks: Any = (
        User.objects.order_by()
        .filter(pk=viewer.pk)
        .annotate(
            which=Value(_LOOKS, output_field=kind), place=Coalesce(number, 0), value=Value("", output_field=CharField())
        )
    )
    parts = (each.values_list(*columns) for each in (own, looks))
    rows = list(sections.values_list(*columns).union(*parts, all=True).order_by(*columns[:3]))
    return (
        [{"slug": value, "name": name} for which, _place, name, value in rows if which == _SECTION],
        [{"query": value, "name": name} for which, _place, name, value in rows if which == _FILTER],
        sum(place for which, place, _name, _value in rows if which == _LOOKS),
    )
