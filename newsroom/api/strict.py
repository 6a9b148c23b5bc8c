"""Refuses unknown fields and parameters: a misspelt one would silently do something else.

An operation knows only what its description names (`extend_schema`: `parameters`, `request`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular import utils as spectacular
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, views
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings

from newsroom.api.paging import Malformed
from newsroom.api.parameters import asks_for_nothing

type Fields = Mapping[str, Any]


class _Known:
    """The query parameters and the fields of an operation."""

    def __init__(self, parameters: Iterable[Any] = (), form: Any = None) -> None:
        """`form`: a serializer; or by the media type of a body that is not JSON, {type: serializer}."""
        self.parameters = frozenset(each.name for each in parameters if each.location == OpenApiParameter.QUERY)
        self._form = next(iter(form.values())) if isinstance(form, Mapping) else form

    @cached_property
    def fields(self) -> Fields:
        """Read at the first request: when the view is defined, the serializer's dependencies may not be loaded."""
        return fields_of(self._form)


_NOTHING = _Known()


def extend_schema[Handler: Callable[..., Any]](**said: Any) -> Callable[[Handler], Handler]:
    """drf-spectacular's decorator for a view's method. The operation accepts only what is described here."""

    def describe(handler: Handler) -> Handler:
        described: Handler = spectacular.extend_schema(**said)(handler)
        setattr(described, "known", _Known(said.get("parameters") or (), said.get("request")))  # noqa: B010  a function has no such attribute
        return described

    return describe


class APIView(views.APIView):
    """Base of all our views. Permissions are checked before the request's fields."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        handler = getattr(self, (request.method or "").lower(), None)
        if handler is None:
            return
        known: _Known = getattr(handler, "known", _NOTHING)
        _check_parameters(request, known.parameters)
        if request.method not in SAFE_METHODS and isinstance(request.data, Mapping):
            refused = dict(_unknown(request.data, known.fields))
            if refused:
                raise ValidationError(refused)


_OWN_CODES = ("cursor", "sort")  # an invalid value has an error code of its own


def fields_of(form: Any) -> Fields:
    """Field → the fields within it; empty if it may hold anything, or is no object. Read-only fields are included, so
    that a client may send back what it got.
    """
    if isinstance(form, type):
        form = form()
    if isinstance(form, serializers.ListSerializer):
        form = form.child
    if not isinstance(form, serializers.Serializer):
        return {}
    return {name: fields_of(field) for name, field in form.fields.items()}


def valid(form: serializers.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    checked: dict[str, Any] = form.validated_data
    return checked


def _check_parameters(request: Request, known: frozenset[str]) -> None:
    """Raises Malformed for an unknown parameter or control characters."""
    for name, values in request.query_params.lists():
        if name not in known and name != api_settings.URL_FORMAT_OVERRIDE and not asks_for_nothing(name):
            sentence = _("There is no such parameter here.")
            raise Malformed(f"{name[:40]}: {sentence}", errors={name[:40]: [sentence]})
        if name not in _OWN_CODES and any(unicodedata.category(sign) == "Cc" for value in values for sign in value):
            sentence = _("Control characters are not allowed here.")
            raise Malformed(f"{name[:40]}: {sentence}", errors={name[:40]: [sentence]})


def _unknown(data: Any, known: Fields, place: str = "") -> Iterator[tuple[str, list[str]]]:
    """The unknown fields with their path, such as "also.sanction.until", and the error."""
    if isinstance(data, list):
        for each in data:
            yield from _unknown(each, known, place)
    elif isinstance(data, Mapping):
        for name, value in data.items():
            if name not in known:
                yield f"{place}{name}"[:80], [_("There is no such field.")]
            elif known[name]:
                yield from _unknown(value, known[name], f"{place}{name}.")
