"""`/api/v1/discussions/by-url/` and `/counts/`: for pages on other sites."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import person
from comments import actions, reads
from comments.access import by_url, known_addresses, page_address
from comments.api import schemas
from newsroom.api.responses import public
from newsroom.api.schema import problems
from newsroom.api.strict import APIView, extend_schema, valid
from newsroom.errors import NotFound

MOST_PAGES = 100
_URL = OpenApiParameter("url", description="Of the page, however it was reached.", required=True)


class ByUrlView(APIView):
    is_tagged = True
    token_scope = "moderate"  # noqa: S105

    @extend_schema(parameters=[_URL], responses={200: schemas.DiscussionDetailSerializer, **problems(404, 422)})
    def get(self, request: Request) -> HttpResponseBase:
        """The discussion of a foreign page."""
        address = page_address(request.query_params.get("url", ""))
        found = by_url([address]).get(address)
        if found is None:
            raise NotFound(_("There is no such discussion."))
        return public(request, reads.discussion_detail(reads.head_of(found.pk, request.user)))

    @extend_schema(
        parameters=[_URL],
        request=schemas.PageInput,
        responses={200: schemas.DiscussionDetailSerializer, 201: schemas.DiscussionDetailSerializer, **problems(409)},
    )
    def put(self, request: Request) -> Response:
        """Start it, or change its title and add addresses; for moderators and editors."""
        actor = person(request.user)
        form = valid(schemas.PageInput(data=request.data))
        url = request.query_params.get("url", "")
        found, is_new = actions.discuss_page(url, actor=actor, title=form["title"], aliases=form["aliases"])
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(reads.discussion_detail(reads.head_of(found.pk, actor)), status=status)


class CountsView(APIView):
    is_tagged = True

    @extend_schema(
        operation_id="discussions_counts",
        parameters=[OpenApiParameter("url", many=True, description="Repeatable, at most 100.", required=True)],
        responses=schemas.CountsSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The number of comments on each of these pages, in the order given; 0 for an invalid address."""
        asked = request.query_params.getlist("url")[:MOST_PAGES]
        addresses = known_addresses(asked)
        found = by_url(sorted(set(addresses.values())))
        return public(request, {"results": [_count(url, found.get(addresses.get(url, ""))) for url in asked]})


def _count(url: str, discussion: Any) -> dict[str, Any]:
    if discussion is None:
        return {"url": url, "discussion": None, "comment_count": 0}
    return {"url": url, "discussion": discussion.pk, "comment_count": discussion.tally.comment_count}
