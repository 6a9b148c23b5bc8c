"""Duties: what members of staff may do beside what readers do, each in all sections or in named ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class Duty(TextChoices):
    """From the least to the most, as forms list them."""

    CONTRIBUTE = "contribute", _("Contribute")
    WRITE = "write", _("Write")
    MODERATE = "moderate", _("Moderate")
    HEAD = "head", _("Lead moderation")
    EDIT = "edit", _("Edit")
    ADMINISTRATE = "administrate", _("Administrate")


class Role(TextChoices):
    """The badge that everybody sees beside a name: the highest duty, wherever it holds. It decides nothing."""

    READER = "reader", _("Reader")
    JOURNALIST = "journalist", _("Journalist")
    MODERATOR = "moderator", _("Moderator")
    EDITOR = "editor", _("Editor")
    ADMINISTRATOR = "administrator", _("Administrator")


_WRITES = {Duty.CONTRIBUTE, Duty.WRITE}
_MODERATES = {Duty.MODERATE, Duty.HEAD}
INCLUDES: dict[Duty, frozenset[Duty]] = {  # a duty, and what those who have it may do without being given it
    Duty.CONTRIBUTE: frozenset({Duty.CONTRIBUTE}),
    Duty.WRITE: frozenset(_WRITES),
    Duty.MODERATE: frozenset({Duty.MODERATE}),
    Duty.HEAD: frozenset(_MODERATES),
    Duty.EDIT: frozenset(_WRITES | {Duty.EDIT}),
    Duty.ADMINISTRATE: frozenset(Duty),
}
_BADGES = {
    Duty.CONTRIBUTE: Role.JOURNALIST,
    Duty.WRITE: Role.JOURNALIST,
    Duty.MODERATE: Role.MODERATOR,
    Duty.HEAD: Role.MODERATOR,
    Duty.EDIT: Role.EDITOR,
    Duty.ADMINISTRATE: Role.ADMINISTRATOR,
}
RANKS = tuple(Role)  # only a person of a higher one may restrict another

EVERYWHERE: Literal["everywhere"] = "everywhere"
type Sections = frozenset[int] | Literal["everywhere"]  # ids of sections
type Stored = dict[str, list[int] | Literal["everywhere"]]  # as JSON: by duty


@dataclass(frozen=True, slots=True)
class Duties:
    """What a person was given: pairs of a duty and the id of a section; None instead of an id: everywhere.

    A thing that belongs to no section, such as a chat, is subject to duties that hold everywhere. So None stands for
    both: `include(duty, None)` says whether the duty holds for such things, and that is whether it holds everywhere.
    """

    given: frozenset[tuple[Duty, int | None]] = frozenset()

    @classmethod
    def of(cls, given: Iterable[tuple[str, int | None]]) -> Duties:
        """Without sections of a duty that holds everywhere. Raises ValueError for an unknown duty."""
        known = {(Duty(duty), section) for duty, section in given}
        return cls(frozenset((duty, at) for duty, at in known if at is None or (duty, None) not in known))

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Duties:
        """From what `stored` gives. Raises ValueError."""
        if not stored:
            return NONE
        return cls.of(
            (duty, section)
            for duty, sections in stored.items()
            for section in ([None] if sections == EVERYWHERE else sections)
        )

    def __bool__(self) -> bool:
        return bool(self.given)

    def stored(self) -> Stored:
        """As JSON, in the order of Duty."""
        return {duty.value: _listed(self.given_in(duty)) for duty in Duty if self.given_in(duty)}

    def given_in(self, duty: Duty) -> Sections:
        """Where this duty itself was given."""
        return _sections({section for each, section in self.given if each == duty})

    def sections(self, *duties: Duty) -> Sections:
        """Where any of these duties holds, also as part of another one."""
        return _sections({section for each, section in self.given if INCLUDES[each].intersection(duties)})

    def anywhere(self) -> Sections:
        """Where any duty holds."""
        return _sections({section for _duty, section in self.given})

    def include(self, duty: Duty, section: int | None) -> bool:
        """Whether the duty holds in that section; for None, whether it holds everywhere."""
        return any(duty in INCLUDES[each] and at in {None, section} for each, at in self.given)

    def badge(self, section: int | Literal["anywhere"] | None = "anywhere") -> Role:
        """The highest duty as a role; only of those that hold in that section, if one is named."""
        held = [each for each, at in self.given if section == "anywhere" or at in {None, section}]
        return max((_BADGES[each] for each in held), key=RANKS.index, default=Role.READER)

    def rank(self, section: int | Literal["anywhere"] | None = "anywhere") -> int:
        """Orders people: only a person of a higher rank may restrict another one."""
        return RANKS.index(self.badge(section))


def within(sections: Sections, path: str) -> Q:
    """A filter for the rows whose section is one of these; `path` leads from the rows to it."""
    return Q() if sections == EVERYWHERE else Q(**{f"{path}__in": sections})


def _sections(found: set[int | None]) -> Sections:
    return EVERYWHERE if None in found else frozenset(each for each in found if each is not None)


def _listed(sections: Sections) -> list[int] | Literal["everywhere"]:
    return EVERYWHERE if sections == EVERYWHERE else sorted(sections)


NONE = Duties()
OF_ROLE: dict[str, Duties] = {  # what each role meant before there were duties
    Role.READER: NONE,
    Role.JOURNALIST: Duties.of([(Duty.CONTRIBUTE, None)]),
    Role.MODERATOR: Duties.of([(Duty.MODERATE, None), (Duty.HEAD, None)]),
    Role.EDITOR: Duties.of([(Duty.EDIT, None)]),
    Role.ADMINISTRATOR: Duties.of([(Duty.ADMINISTRATE, None)]),
}
