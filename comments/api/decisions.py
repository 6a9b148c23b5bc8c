"""The log of decisions, for moderators."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from accounts.reasons import Reason
from comments.access import must_find_section
from comments.api import log_schemas as schemas
from comments.api.cases import ModeratesSomewhere
from comments.api.lists import as_list
from comments.models import Decision
from comments.reads import decisions as reads
from comments.representations import logged_json
from newsroom.api.paging import limit_of
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema
from newsroom.api.tables import AnyAccepted, as_csv

FILTERS = [
    OpenApiParameter("by", int, description="A moderator"),
    OpenApiParameter("action", str, enum=Decision.Action.values),
    OpenApiParameter("reason", str, enum=Reason.values),
    OpenApiParameter("rule", str, description="The rule that decided"),
    OpenApiParameter("section", str, description="A section's slug"),
    OpenApiParameter("author", int, description="Of the comment"),
    OpenApiParameter("discussion", int),
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day, in the site's time zone"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The last day"),
    OpenApiParameter("automated", bool, description="By a rule, or by a person"),
    OpenApiParameter("job", int, description="Of many at once: a bulk job"),
]


class LogView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_decisions_list",
        parameters=[*FILTERS, *PAGING],
        responses={200: schemas.LogPageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """The decisions in the sections that I moderate, the newest first, those included that were undone."""
        asked, viewer = request.query_params, person(request.user)
        wanted = reads.Filters.of(asked)
        must_find_section(viewer, wanted.section)
        page = reads.decision_page(viewer, wanted, cursor=asked.get("cursor", ""), limit=limit_of(asked))
        return private(as_list(request, page) | {"results": [logged_json(row) for row in page.rows]})


class LoggedView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(responses={200: schemas.LoggedSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """One decision."""
        return private(logged_json(reads.find(person(request.user), pk)))


class LogTableView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]
    content_negotiation_class = AnyAccepted

    @extend_schema(
        operation_id="moderation_decisions_csv",
        parameters=FILTERS,
        responses={(200, "text/csv"): OpenApiTypes.STR, **problems(400, 403)},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The same as a table, all rows at once; without notes, messages, and texts of comments."""
        viewer, wanted = person(request.user), reads.Filters.of(request.query_params)
        must_find_section(viewer, wanted.section)
        return as_csv("decisions.csv", reads.COLUMNS, reads.table(viewer, wanted))
