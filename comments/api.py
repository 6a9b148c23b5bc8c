"""`/api/v1/discussions/…` and `/api/v1/comments/…`: form in, one action or read, shape out."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import has_scope, require_scope
from comments import actions, reads, schemas
from comments.access import find_comment, key_number, person
from comments.models import Discussion
from comments.reads import List
from comments.serializers import Json, comment_json
from newsroom.api.paging import Malformed, Page, answer, limit_of
from newsroom.api.schema import IF_MATCH, PAGING, problems
from newsroom.api.strict import APIView
from newsroom.api.views import made_from, private, public
from newsroom.client import network_from
from newsroom.errors import Invalid, NotFound

_SORT = OpenApiParameter("sort", enum=reads.COMMENT_SORTS)
_KEY = OpenApiParameter("Idempotency-Key", UUID, location="header", description="A repeat gets the first answer.")
MOST_ARTICLES = 100


class DiscussionsView(APIView):
    is_tagged = True

    @extend_schema(
        operation_id="discussions_list",
        parameters=[
            OpenApiParameter("sort", enum=reads.DISCUSSION_SORTS),
            OpenApiParameter("mode", enum=Discussion.Mode.values),
            OpenApiParameter("article", many=True, description="Slugs; repeatable."),
            *PAGING,
        ],
        responses=schemas.DiscussionPageSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Discussions, chats among them, by their last activity or the newest first."""
        params = request.query_params
        mode = params.get("mode") or None
        if mode and mode not in Discussion.Mode.values:
            raise Malformed(_("One of: %s.") % ", ".join(Discussion.Mode.values))
        page = reads.discussion_page(
            sort=params.get("sort") or None,
            mode=mode,
            articles=_slugs(params.getlist("article")),
            cursor=params.get("cursor", ""),
            limit=limit_of(params),
        )
        until = [row["next_change"] for row in page.rows]
        sources = made_from("articles", "discussion.*", at={page.stream: page.position}, until=until)
        return public(request, as_list(request, page), sources)


class DiscussionView(APIView):
    is_tagged = True
    token_scope = "moderate"  # noqa: S105

    @extend_schema(responses=schemas.DiscussionDetailSerializer)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One discussion: its state and why, what changes next, what posting asks for."""
        body = reads.discussion_detail(pk, request.user)
        sources = made_from("articles", at={body["stream"]: body["position"]}, until=[body["next_change"]])
        return public(request, body, sources)

    @extend_schema(
        request=schemas.SwitchInput, responses={200: schemas.DiscussionDetailSerializer, **problems(401, 403)}
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Switch it by hand, until a time or for good, and say why; for those who run discussions."""
        actor = person(request.user)
        head = reads.head_of(pk, actor)
        form = valid(schemas.SwitchInput(data=request.data))
        if form:
            actions.change_discussion(head.pk, actor=actor, **form)
        return private(reads.discussion_detail(head.pk, actor))


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
        body = as_list(request, page) | {"comment_count": discussion.tally.comment_count}
        return public(request, body, made_from("articles", at={page.stream: page.position}))

    @extend_schema(
        request=schemas.PostInput,
        parameters=[_KEY],
        responses={201: schemas.ReplySerializer, 202: schemas.ReplySerializer, **problems(409, 429)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Say something: 201 it is published, 202 a moderator looks at it first."""
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
        """What only I see here: my comments that wait or were rejected, and why; whether I may post."""
        return private(reads.mine(reads.head_of(pk, request.user), person(request.user)))


class CommentView(APIView):
    is_tagged = True
    token_scope = "comment"  # noqa: S105

    @extend_schema(responses=schemas.ReplySerializer)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One comment; what waits or was rejected only for its author and moderators."""
        comment = find_comment(request.user, pk)
        is_own = comment.author_id == request.user.pk
        if not comment.published_at and not has_scope(request, "moderate", *(("read", "comment") if is_own else ())):
            raise NotFound(_("There is no such comment."))
        body = comment_json(comment)
        sources = made_from("articles", "discussion.*")
        return public(request, body, sources) if comment.published_at else private(body)

    @extend_schema(
        request=schemas.TextInput,
        parameters=[IF_MATCH],
        responses={200: schemas.ReplySerializer, **problems(409, 412)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change one's own text, within five minutes."""
        actor = person(request.user)
        comment = find_comment(actor, pk)
        form = valid(schemas.TextInput(data=request.data))
        edited = actions.edit(comment.pk, actor=actor, text=form["text"], versions=versions_of(request))
        return Response(comment_json(edited))

    @extend_schema(parameters=[IF_MATCH], responses={204: None, **problems(409, 412)})
    def delete(self, request: Request, pk: int) -> Response:
        """Take one's own comment back; its place stays."""
        actor = person(request.user)
        actions.withdraw(find_comment(actor, pk).pk, actor=actor, versions=versions_of(request))
        return Response(status=HTTPStatus.NO_CONTENT)


def as_list(request: Request, page: List) -> Json:
    links: Page[Any] = Page([], page.next, page.previous)
    return answer(request, links, page.rows, stream=page.stream, position=page.position)


def valid(form: serializers.Serializer[Any]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    checked: dict[str, Any] = form.validated_data
    return checked


def number_of(given: str | None) -> int | None:
    """Raises Malformed."""
    if not given:
        return None
    number = key_number(given)
    if number is None:
        raise Malformed(_("An id is a whole number."))
    return number


def _slugs(given: list[str]) -> list[str]:
    """What cannot be a slug finds nothing, hence stays in as it is."""
    return [slug[:200] for slug in given[:MOST_ARTICLES]]


def _idempotency_key(request: Request) -> UUID | None:
    given = request.headers.get("Idempotency-Key")
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError as error:
        sentence = _("Idempotency-Key is a UUID.")
        raise Invalid(sentence, errors={"Idempotency-Key": [sentence]}) from error


def versions_of(request: Request) -> set[int] | None:
    """Those that If-Match names; None: any. What is no version of ours matches nothing."""
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        return None
    return {int(each) for each in re.findall(r'(?<!W/)"v(\d{1,9})"', given)}
