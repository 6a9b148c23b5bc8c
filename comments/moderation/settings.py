"""The settings of a rule: each kind is a dataclass, its fields are the settings that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Protocol

from django.utils.translation import gettext as _

from comments.moderation.verdict import Draft, Finding


class Check:
    """A rule of some kind with its settings. Pure, and about as fast for a hostile text as for any other."""

    def __call__(self, draft: Draft) -> Finding | None:
        raise NotImplementedError

    def errors(self) -> dict[str, str]:
        """What is wrong with settings that fit one by one: a sentence for each. Asked when a rule is saved."""
        return {}


class BadSettings(Exception):
    """`errors` maps a setting to a sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(errors)
        self.errors = errors


class Wrong(Exception):
    """A value does not fit; the sentence says why."""


class Form(Protocol):
    """Which values a setting may have. `checked` returns the value to keep, or raises Wrong."""

    def checked(self, value: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Number:
    least: int
    most: int
    is_optional: bool = False  # None is a value

    def checked(self, value: Any) -> int | None:
        if value is None and self.is_optional:
            return None
        if type(value) is not int or not self.least <= value <= self.most:
            raise Wrong(_("From {least} to {most}.").format(least=self.least, most=self.most))
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple[str, ...]

    def checked(self, value: Any) -> str:
        if value not in self.options:
            raise Wrong(_("One of: %s.") % ", ".join(self.options))
        return str(value)


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of short texts, each once."""

    most: int
    longest: int

    def checked(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise Wrong(_("A list of texts is needed here."))
        kept = tuple(dict.fromkeys(text for each in value if (text := " ".join(each.split()))))
        if len(kept) > self.most:
            raise Wrong(_("At most %d fit in here.") % self.most)
        if too_long := next((each for each in kept if len(each) > self.longest or "\0" in each), None):
            raise Wrong(_("“{text}” is too long or no text.").format(text=too_long[:40]))
        return kept


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of ids, each once."""

    most: int

    def checked(self, value: Any) -> tuple[int, ...]:
        if not isinstance(value, list | tuple) or not all(type(each) is int and 0 < each < 2**63 for each in value):
            raise Wrong(_("A list of ids is needed here."))
        kept = tuple(sorted(set(value)))
        if len(kept) > self.most:
            raise Wrong(_("At most %d fit in here.") % self.most)
        return kept


def setting(form: Form, default: Any = MISSING) -> Any:
    """A field of a kind; without a default it must be given."""
    return field(metadata={"form": form}) if default is MISSING else field(default=default, metadata={"form": form})


def forms_of(kind: type[Any]) -> dict[str, Form]:
    """The settings of a kind, in order."""
    return {each.name: each.metadata["form"] for each in fields(kind) if "form" in each.metadata}


def made[K: Check](kind: type[K], given: Mapping[str, Any]) -> K:
    """The rule with these settings, or the defaults. Raises BadSettings."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]
        if each.name not in given:
            if each.default is MISSING:
                errors[each.name] = _("This field is required.")
            continue
        try:
            values[each.name] = each.metadata["form"].checked(given[each.name])
        except Wrong as wrong:
            errors[each.name] = str(wrong)
    errors |= {name: _("There is no such field.") for name in given.keys() - forms_of(kind).keys()}
    if errors:
        raise BadSettings(errors)
    check = kind(**values)
    if errors := check.errors():
        raise BadSettings(errors)
    return check


def restored[K: Check](kind: type[K], kept: Mapping[str, Any]) -> K:
    """The rule from what `settings_of` gave, without a check. What this release does not know is left out."""
    known = forms_of(kind)
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in kept.items() if name in known}
    )


def settings_of(check: Check) -> dict[str, Any]:
    """As JSON, the defaults included."""
    values = ((name, getattr(check, name)) for name in forms_of(type(check)))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values}
