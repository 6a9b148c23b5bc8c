"""`/api/v1/discussions/` and `/api/v1/discussions/<id>/`."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from comments import actions, reads
from comments.api import schemas
from comments.api.lists import as_list
from comments.models import Discussion
from newsroom.api.paging import Malformed, limit_of
from newsroom.api.responses import private, public
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema, valid

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
        """Discussions including chats, by their last activity or the newest first."""
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
        return public(request, as_list(request, page), page.sources)


class DiscussionView(APIView):
    is_tagged = True
    token_scope = "moderate"  # noqa: S105

    @extend_schema(responses=schemas.DiscussionDetailSerializer)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """One discussion: its state and the reason, its next change, and the conditions of posting."""
        head = reads.head_of(pk, request.user)
        sources = reads.sources_of(head)
        return public(request, reads.discussion_detail(head), sources)

    @extend_schema(
        request=schemas.SwitchInput, responses={200: schemas.DiscussionDetailSerializer, **problems(401, 403)}
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Open or close it by hand, or slow it down, until a time or for good; for moderators and editors."""
        actor = person(request.user)
        head = reads.head_of(pk, actor)
        form = valid(schemas.SwitchInput(data=request.data))
        if form:
            actions.change_discussion(head.pk, actor=actor, **form)
        return private(reads.discussion_detail(reads.head_of(head.pk, actor)))


def _slugs(given: list[str]) -> list[str]:
    """Keeps invalid slugs, which find nothing."""
    return [slug[:200] for slug in given[:MOST_ARTICLES]]
