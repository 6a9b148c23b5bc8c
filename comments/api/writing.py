"""Reactions, undo, drafts, and people to mention."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import require_scope
from accounts.models import User
from accounts.representations import author_json
from comments import actions, reads
from comments.access import find_comment
from comments.actions.drafting import previewed
from comments.api import schemas
from comments.models import Draft
from comments.participants import participants
from comments.representations import comment_json, reaction_json
from newsroom.api.paging import answer, limit_of
from newsroom.api.renderers import iso
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, page_of, problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.client import network_from


class ReactionsView(APIView):
    permission_classes = [require_scope("read", "comment")]

    @extend_schema(
        operation_id="comments_reactions_list",
        parameters=PAGING,
        responses={200: page_of(schemas.ReactionSerializer), **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """Who has reacted to a comment, the newest first; nobody of those whom I ignore."""
        reader = person(request.user)
        comment, limit = find_comment(reader, pk), limit_of(request.query_params)
        page = reads.reactions_page(comment, reader, cursor=request.query_params.get("cursor", ""), limit=limit)
        return private(answer(request, page, [reaction_json(each) for each in page.rows], stream=None, position=None))


class ReactionView(APIView):
    token_scope = "comment"  # noqa: S105

    @extend_schema(request=None, responses={200: schemas.ReactedSerializer, **problems(409, 429)})
    def put(self, request: Request, pk: int, name: str) -> Response:
        """React to a comment. A like replaces a dislike and vice versa. Idempotent."""
        actor = person(request.user)
        actions.react(pk, name, actor=actor, network=network_from(request))
        return _reacted(actor, pk)

    @extend_schema(request=None, responses={200: schemas.ReactedSerializer, **problems(429)})
    def delete(self, request: Request, pk: int, name: str) -> Response:
        """Remove my reaction; idempotent."""
        actor = person(request.user)
        actions.take_back(pk, name, actor=actor, network=network_from(request))
        return _reacted(actor, pk)


def _reacted(actor: User, pk: int) -> Response:
    """The comment with its new counts."""
    return private(reads.reacted(find_comment(actor, pk), actor))


class UndoView(APIView):
    token_scope = "comment"  # noqa: S105

    @extend_schema(request=None, responses={200: schemas.ReplySerializer, **problems(409)})
    def post(self, request: Request, pk: int) -> Response:
        """Undo my withdrawal, within a minute."""
        actor = person(request.user)
        undone = actions.undo(find_comment(actor, pk).pk, actor=actor)
        return Response(comment_json(find_comment(actor, undone.pk)))


class DraftView(APIView):
    def get_permissions(self) -> list[BasePermission]:
        """Drafts are private, so reading them with a key takes a scope, too."""
        return [
            (require_scope("read", "comment") if self.request.method in SAFE_METHODS else require_scope("comment"))()
        ]

    @extend_schema(responses=schemas.DraftSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """My draft here; empty without one."""
        reader = person(request.user)
        discussion = reads.head_of(pk, reader)
        return private(_draft_json(Draft.objects.filter(discussion=discussion, person=reader).first()))

    @extend_schema(request=schemas.DraftInput, responses=schemas.DraftSerializer)
    def put(self, request: Request, pk: int) -> Response:
        """Store my draft; an empty text deletes it."""
        reader = person(request.user)
        discussion = reads.head_of(pk, reader)
        form = valid(schemas.DraftInput(data=request.data))
        draft = actions.keep_draft(discussion, person=reader, text=form["text"], parent_id=form.get("parent"))
        return private(_draft_json(draft))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete my draft; idempotent."""
        reader = person(request.user)
        actions.drop_draft(reads.head_of(pk, reader), person=reader)
        return Response(status=HTTPStatus.NO_CONTENT)


class PreviewView(APIView):
    token_scope = "comment"  # noqa: S105

    @extend_schema(request=schemas.TextInput, responses=schemas.PreviewSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """The HTML that a comment of this text will have here. Nothing is stored."""
        reads.head_of(pk, person(request.user))
        form = valid(schemas.TextInput(data=request.data))
        return private({"html": previewed(form["text"])})


class ParticipantsView(APIView):
    permission_classes = [require_scope("read", "comment")]

    @extend_schema(
        parameters=[OpenApiParameter("q", description="Beginnings of words of a name; without it: who spoke last.")],
        responses=schemas.ParticipantsSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        """At most ten participants, to be mentioned."""
        discussion = reads.head_of(pk, person(request.user))
        query = request.query_params.get("q", "")
        return private({"results": [author_json(each) for each in participants(discussion, query)]})


def _draft_json(draft: Draft | None) -> dict[str, Any]:
    if draft is None:
        return {"text": "", "parent": None, "updated_at": None}
    return {"text": draft.text, "parent": draft.parent_id, "updated_at": iso(draft.updated_at)}
