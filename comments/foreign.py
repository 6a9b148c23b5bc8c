"""`/api/v1/discussions/by-url/` and `/counts/`: for pages that are not ours."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from comments import actions, reads, schemas
from comments.access import by_url, known_addresses, page_address, person
from comments.api import valid
from newsroom.api.schema import problems
from newsroom.api.strict import APIView
from newsroom.api.views import public
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
        return public(request, reads.discussion_detail(found.pk, request.user))

    @extend_schema(
        parameters=[_URL],
        request=schemas.PageInput,
        responses={200: schemas.DiscussionDetailSerializer, 201: schemas.DiscussionDetailSerializer, **problems(409)},
    )
    def put(self, request: Request) -> Response:
        """Start it, or give it another title and more addresses; for moderators and editors."""
        actor = person(request.user)
        form = valid(schemas.PageInput(data=request.data))
        url = request.query_params.get("url", "")
        found, is_new = actions.discuss_page(url, actor=actor, title=form["title"], aliases=form["aliases"])
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(reads.discussion_detail(found.pk, actor), status=status)


class CountsView(APIView):
    is_tagged = True

    @extend_schema(
        operation_id="discussions_counts",
        parameters=[OpenApiParameter("url", many=True, description="Repeatable, at most 100.", required=True)],
        responses=schemas.CountsSerializer,
    )
    def get(self, request: Request) -> HttpResponseBase:
        """How many comments each of these pages has, in the order asked for; what is no address has none."""
        asked = request.query_params.getlist("url")[:MOST_PAGES]
        addresses = known_addresses(asked)
        found = by_url(sorted(set(addresses.values())))
        return public(request, {"results": [_count(url, found.get(addresses.get(url, ""))) for url in asked]})


def _count(url: str, discussion: Any) -> dict[str, Any]:
    if discussion is None:
        return {"url": url, "discussion": None, "comment_count": 0}
    return {"url": url, "discussion": discussion.pk, "comment_count": discussion.tally.comment_count}
