"""The moderators' API: the queue, former texts, decisions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import must_moderate, person
from accounts.login.authentication import require_scope
from comments import actions, reads
from comments.access import find_comment
from comments.api import schemas
from comments.api.lists import as_list
from comments.representations import comment_json, ruling_json
from newsroom.api.paging import limit_of
from newsroom.api.responses import private, seen_versions
from newsroom.api.schema import IF_MATCH, PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid


class Moderates(BasePermission):
    """Only moderators: 401 for anonymous clients, 403 for all other people."""

    def has_permission(self, request: Request, view: Any) -> bool:
        must_moderate(request.user)
        return True


class QueueView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_queue_list",
        parameters=PAGING,
        responses={200: schemas.QueuePageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """The comments that wait for a decision, the oldest first."""
        page = reads.queue_page(cursor=request.query_params.get("cursor", ""), limit=limit_of(request.query_params))
        return private(as_list(request, page))


class HistoryView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(responses={200: schemas.HistorySerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """All texts of a comment, and the decisions about it."""
        return private(reads.history(find_comment(request.user, pk)))


class DecisionsView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(
        request=schemas.DecisionInput,
        parameters=[IF_MATCH],
        responses={201: schemas.DecidedSerializer, **problems(409, 412)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Approve or reject a held comment, remove a published one, restore one, or keep one that was reported, in the
        version `seen`.

        409 if another moderator decided first; 412, with the present text, if the author has changed it since.
        """
        actor = person(request.user)
        comment = find_comment(actor, pk)
        form = valid(schemas.DecisionInput(data=request.data))
        seen = {form["seen"]} if "seen" in form else seen_versions(request)
        decided = actions.decide(
            comment.pk, form["action"], actor=actor, reason=form["reason"], seen=seen, note=form["note"]
        )
        assert decided.ruling is not None
        placed = comment_json(find_comment(actor, decided.pk))  # with its present place
        return Response(placed | {"decision": ruling_json(decided.ruling)}, status=HTTPStatus.CREATED)
