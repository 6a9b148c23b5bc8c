"""`/api/v1/search/`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from articles import reads as article_reads
from comments import reads, schemas
from comments.api import number_of
from newsroom import limits
from newsroom.api.paging import limit_of, links
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView
from newsroom.api.views import private
from newsroom.client import network_from

ARTICLES = 5  # that stand beside comments


class SearchView(APIView):
    is_open = True

    @extend_schema(
        operation_id="search_list",
        parameters=[
            OpenApiParameter("q", description="Words; all must be there, in one of their spellings."),
            OpenApiParameter("discussion", int, description="Only in this one."),
            *PAGING,
        ],
        responses={200: schemas.FoundPageSerializer, **problems(400, 429)},
    )
    def get(self, request: Request) -> Response:
        """Published comments with these words that I may read: exact spellings first, and the newest of them. Beside
        the first page of them stand the first articles; all articles with some words are at `articles/?q=`.
        """
        params = request.query_params
        limits.hit("searches", network_from(request))
        page = reads.search_page(
            request.user,
            params.get("q", ""),
            discussion=number_of(params.get("discussion")),
            cursor=params.get("cursor", ""),
            limit=limit_of(params),
        )
        ahead, behind = links(request, page.next, page.previous)
        articles = [] if params.get("cursor") or params.get("discussion") else _articles(params.get("q", ""))
        return private({"next": ahead, "previous": behind, "results": page.rows, "articles": articles})


def _articles(query: str) -> list[dict[str, Any]]:
    page = article_reads.search_page(query, limit=ARTICLES)
    return [article_reads.found_json(article, query) for article in page.rows]
