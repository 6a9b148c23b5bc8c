"""How answers look in the OpenAPI document: pages of a list, refusals."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers


class PositionSerializer(serializers.Serializer[object]):
    """Where a stream stood before the rows were read: subscribe after it and nothing is missed."""

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


_SENTENCES = {
    400: "Malformed, unknown cursor or sort",
    401: "Not logged in",
    403: "Forbidden",
    404: "Nothing here that you may see",
    409: "In conflict with what it has become",
    412: "Not the version of If-Match",
    413: "Too large",
    422: "Some fields need another look",
    429: "Too many requests: see Retry-After",
}
PAGING = [
    OpenApiParameter("limit", int, description="1 to 200, 50 by default"),
    OpenApiParameter("cursor", str, description="From `next` or `previous` of the same list and sort"),
]
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description='"v<version>"')


def problems(*statuses: int) -> dict[tuple[int, str] | int, OpenApiResponse]:
    """`responses=` entries for refusals."""
    return {
        (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, _SENTENCES[status])
        for status in statuses
    }


def sorts(*names: str) -> OpenApiParameter:
    return OpenApiParameter("sort", str, enum=names, description=f"{names[0]} by default")


def page_of(row: type[serializers.BaseSerializer[object]]) -> serializers.Serializer[object]:
    """The shape of a keyset page with rows of that shape."""
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
