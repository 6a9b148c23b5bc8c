"""Readers' reports, and the moderators' cases."""

from __future__ import annotations

from http import HTTPStatus

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import must_moderate_somewhere, person
from accounts.login.authentication import require_scope
from accounts.models import User
from accounts.reasons import Reason
from comments import actions
from comments.access import must_find_section
from comments.api import case_schemas as schemas
from comments.api.lists import as_list
from comments.models import Case
from comments.reads import cases as reads
from comments.representations import own_report_json
from newsroom.api.paging import limit_of
from newsroom.api.responses import private, public
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid

CHOICE = [
    OpenApiParameter("kind", str, enum=Case.Kind.values),
    OpenApiParameter("section", str, description="A section's slug"),
    OpenApiParameter("rule", str, description="The rule that held the comment"),
    OpenApiParameter("author", int, description="Of the comment"),
    OpenApiParameter("discussion", int),
    OpenApiParameter("order", str, enum=list(reads.ORDERS), description="What is urgent comes first by default"),
]


class ModeratesSomewhere(BasePermission):
    """Moderators of all sections or of some: 401 for anonymous clients, 403 for all other people."""

    def has_permission(self, request: Request, view: object) -> bool:
        must_moderate_somewhere(request.user)
        return True


class ReasonsView(APIView):
    is_tagged = True

    @extend_schema(responses=schemas.ReasonsSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """For what a comment can be reported, in the reader's language."""
        return public(request, {"results": [{"code": code, "label": str(label)} for code, label in Reason.choices]})


class ReportsView(APIView):
    token_scope = "comment"  # noqa: S105

    @extend_schema(
        request=schemas.ReportInput,
        responses={200: schemas.OwnReportSerializer, 201: schemas.OwnReportSerializer, **problems(429)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Report a comment to the moderators. Again by the same person it is the same report, with 200."""
        actor = person(request.user)
        form = valid(schemas.ReportInput(data=request.data))
        report, is_new = actions.report(pk, actor=actor, reason=form["reason"], text=form["text"])
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(own_report_json(report), status=status, headers={"Cache-Control": "private, no-store"})


class CountsView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(operation_id="moderation_counts", responses={200: schemas.CaseCountsSerializer, **problems(403)})
    def get(self, request: Request) -> Response:
        """How many cases of each kind are open, of the sections that I moderate."""
        return private(reads.counts(person(request.user)))


class CasesView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_cases_list",
        parameters=[*CHOICE, *PAGING],
        responses={200: schemas.CasePageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """The open cases."""
        asked, now = request.query_params, timezone.now()
        choice = reads.choice_of(request.query_params)
        viewer = person(request.user)
        must_find_section(viewer, choice.section)
        page, _counts = reads.case_page(viewer, choice, cursor=asked.get("cursor", ""), limit=limit_of(asked))
        answer = as_list(request, page)
        return private(answer | {"results": [each.json(now) for each in page.rows]})


class CaseView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(responses={200: schemas.CaseSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """One case, open or closed."""
        return _case(person(request.user), pk)


class ContextView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(responses={200: schemas.ContextSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """What stands around the comment, its former texts and decisions, and how its author stands."""
        return private(reads.context(reads.find_case(person(request.user), pk)).json())


class ClaimView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(request=None, responses={200: schemas.CaseSerializer, **problems(403)})
    def put(self, request: Request, pk: int) -> Response:
        """Show other moderators for two minutes that I read it, unless another one does. It keeps nobody from
        anything.
        """
        actor = person(request.user)
        return _case(actor, actions.claim(pk, actor=actor).pk)

    @extend_schema(request=None, responses={204: None, **problems(403)})
    def delete(self, request: Request, pk: int) -> Response:
        """End my claim; idempotent."""
        actions.release(pk, actor=person(request.user))
        return Response(status=HTTPStatus.NO_CONTENT)


class HandOverView(APIView):
    permission_classes = [require_scope("moderate"), ModeratesSomewhere]

    @extend_schema(
        operation_id="moderation_cases_hand_over",
        request=schemas.HandOverInput,
        responses={200: schemas.CaseSerializer, **problems(403, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Have another moderator of the section decide about an open case. They are told; it keeps nobody from
        deciding.
        """
        actor = person(request.user)
        form = valid(schemas.HandOverInput(data=request.data))
        return _case(actor, actions.hand_over(pk, actor=actor, **form).pk)


def _case(viewer: User, pk: int) -> Response:
    return private(reads.find(viewer, pk).json(timezone.now()))
