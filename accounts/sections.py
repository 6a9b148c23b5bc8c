"""The sections in which duties and sanctions may hold. The app that has them registers them; here they are ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.duties import EVERYWHERE, Duties, Duty, Sections


class Known(NamedTuple):
    id: int
    slug: str
    name: str


type FindAll = Callable[[], Sequence[Known]]
_registered: list[FindAll] = []


def register(find_all: FindAll) -> None:
    """`find_all()` gives all sections in their order."""
    _registered.append(find_all)


def every() -> list[Known]:
    """All sections in their order."""
    return [section for find_all in _registered for section in find_all()]


def are_known(ids: Iterable[int | None]) -> bool:
    """Whether each of these is the id of a section; None, which stands for all, is."""
    wanted = {each for each in ids if each is not None}
    return not wanted or wanted <= {each.id for each in every()}


def by_slug(slug: str) -> int | None:
    """The id of the section with this slug."""
    return next((each.id for each in every() if each.slug == slug), None)


def slug_of(section: int | None) -> str | None:
    return next((each.slug for each in every() if each.id == section), None) if section is not None else None


def in_words(sections: Sections) -> str:
    """Such as “all sections” or “Sport, Kultur”. A section that is no more is told by its number."""
    if sections == EVERYWHERE:
        return _("all sections")
    names = {each.id: each.name for each in every()} if sections else {}
    gone = [f"#{pk}" for pk in sorted(sections - names.keys())]
    return ", ".join([*(name for pk, name in names.items() if pk in sections), *gone])


def duties_in_words(duties: Duties) -> list[str]:
    """One line for each duty that was given, such as “Moderate: Sport, Kultur”."""
    lines = ((duty, duties.given_in(duty)) for duty in Duty)
    return [f"{duty.label}: {in_words(sections)}" for duty, sections in lines if sections]
