"""What nobody knows is refused: a field or a parameter that is misspelt would otherwise do something else in silence.

An operation knows what its description names (`extend_schema`: `parameters`, `request`), and nothing else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from rest_framework import serializers, views
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings

from newsroom.api.paging import Malformed
from newsroom.api.parameters import asks_for_nothing

type Fields = Mapping[str, Any]


class _Known(NamedTuple):
    parameters: frozenset[str]
    fields: Fields


class APIView(views.APIView):
    """Every view of ours; somebody who is not let in hears that first."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        handler = getattr(self, (request.method or "").lower(), None)
        if handler is None:
            return
        known = self._known(handler, request)
        _check_parameters(request, known.parameters)
        if request.method not in SAFE_METHODS and isinstance(request.data, Mapping):
            refused = dict(_unknown(request.data, known.fields))
            if refused:
                raise ValidationError(refused)

    def _known(self, handler: Any, request: Request) -> _Known:
        """From the description of the operation, read once."""
        function = handler.__func__
        if function not in _read:
            schema = getattr(handler, "kwargs", {}).get("schema")
            _read[function] = self._described(schema(), request) if schema else _Known(frozenset(), {})
        return _read[function]

    def _described(self, schema: Any, request: Request) -> _Known:
        schema.view = self
        schema.method = "GET" if request.method == "HEAD" else request.method
        names = [each.name for each in schema.get_override_parameters() if each.location == "query"]
        return _Known(frozenset(names), fields_of(schema.get_request_serializer()))


_read: dict[Any, _Known] = {}
_OWN_CODES = ("cursor", "sort")  # what is no value of theirs is refused by a code of its own


def fields_of(form: Any) -> Fields:
    """Field → the fields within it; empty where it may hold anything, or is no object. Those that one may only read
    are known, too: a program that sends back what it got says nothing unknown.
    """
    if isinstance(form, type):
        form = form()
    if isinstance(form, serializers.ListSerializer):
        form = form.child
    if not isinstance(form, serializers.Serializer):
        return {}
    return {name: fields_of(field) for name, field in form.fields.items()}


def _check_parameters(request: Request, known: frozenset[str]) -> None:
    """Raises Malformed."""
    for name, values in request.query_params.lists():
        if name not in known and name != api_settings.URL_FORMAT_OVERRIDE and not asks_for_nothing(name):
            sentence = _("There is no such parameter here.")
            raise Malformed(f"{name[:40]}: {sentence}", errors={name[:40]: [sentence]})
        if name not in _OWN_CODES and any(unicodedata.category(sign) == "Cc" for value in values for sign in value):
            sentence = _("Control characters are not allowed here.")
            raise Malformed(f"{name[:40]}: {sentence}", errors={name[:40]: [sentence]})


def _unknown(data: Any, known: Fields, place: str = "") -> Iterator[tuple[str, list[str]]]:
    """What is given and not known, by its place: "also.sanction.until"."""
    if isinstance(data, list):
        for each in data:
            yield from _unknown(each, known, place)
    elif isinstance(data, Mapping):
        for name, value in data.items():
            if name not in known:
                yield f"{place}{name}"[:80], [_("There is no such field.")]
            elif known[name]:
                yield from _unknown(value, known[name], f"{place}{name}.")
