"""The moderators' API: the queue, former texts, decisions."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import must_moderate_somewhere, person
from accounts.login.authentication import require_scope
from comments import actions, reads
from comments.access import find_comment, find_decision, find_moderated, find_moderated_section
from comments.api import schemas
from comments.api.lists import as_list
from comments.representations import comment_json, ruling_json
from newsroom.api.paging import limit_of
from newsroom.api.responses import private, seen_versions
from newsroom.api.schema import IF_MATCH, PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid


class Moderates(BasePermission):
    """Only moderators, of any section: 401 for anonymous clients, 403 for all other people."""

    def has_permission(self, request: Request, view: Any) -> bool:
        must_moderate_somewhere(request.user)
        return True


class QueueView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(
        operation_id="moderation_queue_list",
        parameters=[OpenApiParameter("section", str, description="Slug of one of the moderator's sections"), *PAGING],
        responses={200: schemas.QueuePageSerializer, **problems(400, 403)},
    )
    def get(self, request: Request) -> Response:
        """The comments that wait for a decision of mine, the oldest first."""
        moderator, asked = person(request.user), request.query_params
        section = find_moderated_section(moderator, asked["section"]) if "section" in asked else None
        page = reads.queue_page(moderator, section=section, cursor=asked.get("cursor", ""), limit=limit_of(asked))
        return private(as_list(request, page))


class HistoryView(APIView):
    permission_classes = [require_scope("moderate"), Moderates]

    @extend_schema(responses={200: schemas.HistorySerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """All texts of a comment, and the decisions about it."""
        return private(reads.history(find_moderated(request.user, pk)))


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
        said = {name: form[name] for name in ("reason", "note", "text", "ground", "norm", "body", "case")}
        match form.get("also"):
            case {"sanction": also}:
                decided = actions.decide_and_restrict(
                    comment.pk, form["action"], actor=actor, sanction=also, seen=seen, **said
                )
            case {"warning": also}:
                decided = actions.decide_and_warn(
                    comment.pk, form["action"], actor=actor, warning=also, seen=seen, **said
                )
            case _:
                decided = actions.decide(comment.pk, form["action"], actor=actor, seen=seen, **said)
        assert decided.ruling is not None
        placed = comment_json(find_comment(actor, decided.pk))  # with its present place
        return Response(placed | {"decision": ruling_json(decided.ruling)}, status=HTTPStatus.CREATED)


class UndoDecisionView(APIView):
    token_scope = "moderate"  # noqa: S105

    @extend_schema(request=None, responses={200: schemas.DecidedSerializer, **problems(403, 409)})
    def post(self, request: Request, pk: int) -> Response:
        """Undo one's own decision within a minute: the comment is again what it was, without a trace for readers.

        409 `too_late` afterwards, `already_undone` the second time, `already_decided` if somebody has decided since,
        `conflict` if readers have answered or reported the comment since.
        """
        actor = person(request.user)
        undone = actions.undo_decision(find_decision(actor, pk).pk, actor=actor)
        assert undone.ruling is not None
        return Response(comment_json(find_comment(actor, undone.pk)) | {"decision": ruling_json(undone.ruling)})
