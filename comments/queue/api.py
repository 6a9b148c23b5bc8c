"""The moderators' part of the API: what waits, what was said before, what is decided."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import moderates
from accounts.authentication import require_scope
from comments import actions, reads, schemas
from comments.access import find_comment, person
from comments.api import as_list, valid, versions_of
from comments.serializers import comment_json, ruling_json
from newsroom.api.paging import limit_of
from newsroom.api.schema import IF_MATCH, PAGING, problems
from newsroom.api.strict import APIView
from newsroom.api.views import private
from newsroom.errors import Forbidden


class Moderates(BasePermission):
    """Strangers get 401, everybody else who does not moderate 403."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not moderates(person(request.user)):
            raise Forbidden(_("Only moderators can do that."))
        return True


class QueueView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_queue_list",
        parameters=PAGING,
        responses={200: schemas.QueuePageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """What waits for a decision, the longest first."""
        page = reads.queue_page(cursor=request.query_params.get("cursor", ""), limit=limit_of(request.query_params))
        return private(as_list(request, page))


class HistoryView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(responses={200: schemas.HistorySerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """All that a comment said, and what was decided about it."""
        return private(reads.history(find_comment(request.user, pk)))


class DecisionsView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(
        request=schemas.DecisionInput,
        parameters=[IF_MATCH],
        responses={201: schemas.DecidedSerializer, **problems(409, 412)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Approve or reject what waits, remove or restore what was published, as it was read in the version `seen`.

        409 if somebody decided first; 412, with the text as it is now, if the author has changed it since.
        """
        actor = person(request.user)
        comment = find_comment(actor, pk)
        form = valid(schemas.DecisionInput(data=request.data))
        seen = {form["seen"]} if "seen" in form else versions_of(request)
        decided = actions.decide(
            comment.pk, form["action"], actor=actor, reason=form["reason"], seen=seen, note=form["note"]
        )
        assert decided.ruling is not None
        placed = comment_json(find_comment(actor, decided.pk))  # with the place that it has by now
        return Response(placed | {"decision": ruling_json(decided.ruling)}, status=HTTPStatus.CREATED)
