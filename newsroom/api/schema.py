"""Describes answers in the OpenAPI document: pages of a list, refusals."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS


class PositionSerializer(serializers.Serializer[object]):
    """A stream's position before the rows were read: subscribe after it and nothing is missed."""

    epoch = serializers.CharField()
    offset = serializers.IntegerField()


class ProblemSerializer(serializers.Serializer[object]):
    """A refusal (RFC 9457); `code` is stable and for programs."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # only described
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


_PROBLEM = "application/problem+json"
_OF_AN_ARTICLE = re.compile(r"/(?:articles|tickers|ticker-items|discussions|comments|subscriptions|streams)/\{")
_SENTENCES = {
    400: "Malformed, an unknown parameter, cursor or sort",
    401: "Not logged in",
    403: "Forbidden",
    404: "Nothing here that you may see",
    406: "Only JSON is to be had",
    409: "In conflict with what it has become",
    410: "It was public and has been taken back",
    412: "Not the version of If-Match",
    413: "Too large",
    415: "Only JSON is understood",
    422: "Some fields are unknown or need another look",
    429: "Too many requests: see Retry-After",
    503: "The database is busy or away: see Retry-After",
}
PAGING = [
    OpenApiParameter("limit", int, description="1 to 200, 50 by default"),
    OpenApiParameter("cursor", str, description="From `next` or `previous` of the same list and sort"),
]
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description='"v<version>"')


_TAG = OpenApiParameter(
    "ETag", location=OpenApiParameter.HEADER, response=[200, 304], description="Made from the bytes"
)
_SEEN = OpenApiParameter(
    "If-None-Match", location=OpenApiParameter.HEADER, description="ETags of answers that are at hand"
)


class Schema(AutoSchema):
    """Adds what is common to many views: the possible refusals, and the ETags of public answers.

    Set `is_tagged = True` on a view whose GET answers by `newsroom.api.responses.public`. Set `is_open = True` on one
    that anonymous clients may read and that does not.
    """

    def get_auth(self) -> list[dict[str, Any]]:
        is_open = self._is_tagged() or (self.method == "GET" and getattr(self.view, "is_open", False))
        return [*super().get_auth(), *([{}] if is_open else [])]

    def get_override_parameters(self) -> list[Any]:
        return [_SEEN, _TAG] if self._is_tagged() else []

    def get_request_serializer(self) -> Any:
        """A view that takes fields must name them with `request=`: no other field is accepted
        (`newsroom.api.strict`).
        """
        return None

    def _is_tagged(self) -> bool:
        return self.method == "GET" and getattr(self.view, "is_tagged", False)


def answer_as_usual(result: dict[str, Any], **unused: Any) -> dict[str, Any]:
    """A hook over the finished document: adds the answers that views need not declare."""
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            is_tagged = any(each["name"] == _SEEN.name for each in operation.get("parameters", ()))
            if is_tagged:
                answers["304"] = {"headers": answers["200"]["headers"], "description": "These very bytes are at hand"}
            for status in _refusals(method.upper(), path, is_tagged=is_tagged):
                content = {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
                answers.setdefault(str(status), {"content": content, "description": _SENTENCES[status]})
            operation["responses"] = dict(sorted(answers.items()))
    return result


def _refusals(method: str, path: str, *, is_tagged: bool) -> set[int]:
    found = {400, 401, 406, 503}
    if method not in SAFE_METHODS:
        found |= {403, 413, 415, 422}
    if "{" in path:
        found |= {404, 410} if _OF_AN_ARTICLE.search(path) else {404}
    if is_tagged:
        found.add(412)
    return found


def problems(*statuses: int) -> dict[tuple[int, str] | int, OpenApiResponse]:
    """`responses=` entries for refusals."""
    return {(status, _PROBLEM): OpenApiResponse(ProblemSerializer, _SENTENCES[status]) for status in statuses}


def sorts(*names: str) -> OpenApiParameter:
    return OpenApiParameter("sort", str, enum=names, description=f"{names[0]} by default")


def page_of(row: type[serializers.BaseSerializer[object]]) -> serializers.Serializer[object]:
    """The shape of a keyset page of `row`."""
    return inline_serializer(
        f"{row.__name__.removesuffix('Serializer')}Page",
        {
            "next": serializers.CharField(allow_null=True),
            "previous": serializers.CharField(allow_null=True),
            "results": row(many=True),
            "stream": serializers.CharField(allow_null=True),
            "position": PositionSerializer(allow_null=True),
        },
    )
