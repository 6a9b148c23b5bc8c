"""Text columns that clean every value before it is stored (see `newsroom.text.clean`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import models

from newsroom.text import clean, clean_line


class _Line(models.CharField):  # type: ignore[type-arg]
    """A single line."""

    def to_python(self, value: Any) -> Any:
        """Django calls this in forms, in `full_clean`, and for each value in a query or an insert."""
        return _cleaned(super().to_python(value), clean_line)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return _kept(self, model_instance, clean_line, super().pre_save(model_instance, add))

    def deconstruct(self) -> Any:
        """In migrations it is the field from which it derives."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options


class _Prose(models.TextField):  # type: ignore[type-arg]
    """Text of several lines."""

    def to_python(self, value: Any) -> Any:
        return _cleaned(super().to_python(value), clean)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return _kept(self, model_instance, clean, super().pre_save(model_instance, add))

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options


def _cleaned(value: Any, cleaned: Callable[[str], str]) -> Any:
    return cleaned(value) if isinstance(value, str) else value


def _kept(field: models.Field[Any, Any], row: models.Model, cleaned: Callable[[str], str], value: Any) -> Any:
    """Clean the value and set it on the row, so that the row says what is stored. An expression is left as it is."""
    if isinstance(value, str):
        value = cleaned(value)
        setattr(row, field.attname, value)
    return value


if TYPE_CHECKING:  # django-stubs knows the types of Django's own fields only
    LineField = models.CharField
    ProseField = models.TextField
else:
    LineField = _Line
    ProseField = _Prose
