"""`/api/v1/discussions/<id>/comments/` and `/api/v1/comments/<id>/`."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from accounts.login.authentication import has_scope, require_scope
from comments import actions, reads
from comments.access import find_comment
from comments.api import schemas
from comments.api.lists import as_list
from comments.representations import comment_json
from newsroom.api.paging import limit_of, number_of
from newsroom.api.responses import private, public, seen_versions
from newsroom.api.schema import IF_MATCH, PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.client import network_from
from newsroom.edge.sources import made_from
from newsroom.errors import Invalid, NotFound

_SORT = OpenApiParameter("sort", enum=reads.COMMENT_SORTS)
_KEY = OpenApiParameter("Idempotency-Key", UUID, location="header", description="A repeat gets the first answer.")


class CommentsView(APIView):
    is_tagged = True
    token_scope = "comment"  # noqa: S105

    @extend_schema(
        operation_id="discussions_comments_list",
        parameters=[
            _SORT,
            OpenApiParameter("parent", int, description="The replies to this comment."),
            *PAGING,
        ],
        responses=schemas.CommentPageSerializer,
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Top-level comments with their first replies, or the replies to one."""
        params = request.query_params
        discussion = reads.head_of(pk, request.user, is_lean=True)
        page = reads.comment_page(
            discussion,
            sort=params.get("sort") or None,
            cursor=params.get("cursor", ""),
            limit=limit_of(params),
            parent=number_of(params.get("parent")),
            is_encoded=True,
        )
        body = as_list(request, page) | {"comment_count": discussion.tally.comment_count, "pinned": page.pinned}
        return public(request, body, page.sources)

    @extend_schema(
        request=schemas.PostInput,
        parameters=[_KEY],
        responses={201: schemas.ReplySerializer, 202: schemas.ReplySerializer, **problems(409, 429)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Post a comment: 201 if it is published, 202 if a moderator has to look at it first."""
        author = person(request.user)
        form = valid(schemas.PostInput(data=request.data))
        posted = actions.post(
            pk,
            author=author,
            text=form["text"],
            parent_id=form.get("parent"),
            key=_idempotency_key(request),
            network=network_from(request),
        )
        return Response(comment_json(posted.comment), status=posted.status)


class MineView(APIView):
    permission_classes = [require_scope("read", "comment")]

    @extend_schema(responses={200: schemas.MineSerializer, **problems(403)})
    def get(self, request: Request, pk: int) -> Response:
        """What only I see here: my held and rejected comments, with reasons; and whether I may post."""
        return private(reads.mine(reads.head_of(pk, request.user), person(request.user)))


class CommentView(APIView):
    is_tagged = True
    token_scope = "comment"  # noqa: S105

    @extend_schema(responses=schemas.ReplySerializer)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One comment. A held or rejected one is visible only to its author and moderators."""
        comment = find_comment(request.user, pk)
        is_own = comment.author_id == request.user.pk
        if not comment.published_at and not has_scope(request, "moderate", *(("read", "comment") if is_own else ())):
            raise NotFound(_("There is no such comment."))
        body = comment_json(comment)
        sources = made_from(f"discussion.{comment.discussion_id}")
        return public(request, body, sources) if comment.published_at else private(body)

    @extend_schema(
        request=schemas.TextInput,
        parameters=[IF_MATCH],
        responses={200: schemas.ReplySerializer, **problems(409, 412)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change the text of my own comment, within five minutes."""
        actor = person(request.user)
        comment = find_comment(actor, pk)
        form = valid(schemas.TextInput(data=request.data))
        edited = actions.edit(comment.pk, actor=actor, text=form["text"], seen=seen_versions(request))
        return Response(comment_json(edited))

    @extend_schema(parameters=[IF_MATCH], responses={204: None, **problems(409, 412)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take my own comment back; its place stays."""
        actor = person(request.user)
        actions.withdraw(find_comment(actor, pk).pk, actor=actor, seen=seen_versions(request))
        return Response(status=HTTPStatus.NO_CONTENT)


def _idempotency_key(request: Request) -> UUID | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        sentence = _("Idempotency-Key is a UUID.")
        raise Invalid(sentence, errors={"Idempotency-Key": [sentence]}) from error
