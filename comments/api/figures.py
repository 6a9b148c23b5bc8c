"""Figures for moderators."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from comments.api import log_schemas as schemas
from comments.api.cases import ModeratesSomewhere
from comments.reads import figures as reads
from newsroom.api.responses import private
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema
from newsroom.api.tables import AnyAccepted, as_csv

SPAN = [
    OpenApiParameter(
        "from", OpenApiTypes.DATE, description="The first day, in the site's time zone; a week by default"
    ),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; today by default"),
    OpenApiParameter("by", str, enum=reads.BY, description="By moderator for those who lead them"),
]


class FiguresView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_statistics",
        parameters=SPAN,
        responses={200: schemas.FiguresSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """What was decided in the sections that I moderate, by day, section, rule or moderator, and after how long.

        What was undone does not count. By rule a decision is that about a comment which the rule had held.
        """
        span, by = reads.Span.of(request.query_params), reads.by_of(request.query_params)
        lines, total = reads.figures(person(request.user), span, by)
        results = [{by: reads.key_json(line, by), **line.json()} for line in lines]
        known = {"from": span.since.isoformat(), "to": span.until.isoformat(), "by": by}
        return private(known | {"results": results, "total": total.json()})


class FiguresTableView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="moderation_statistics_csv",
        parameters=SPAN,
        responses={(200, "text/csv"): OpenApiTypes.STR, **problems(400, 403)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The same as a table."""
        span, by = reads.Span.of(request.query_params), reads.by_of(request.query_params)
        columns, rows = reads.table(reads.figures(person(request.user), span, by)[0], by)
        return as_csv(f"statistics-{by}.csv", columns, [rows])
