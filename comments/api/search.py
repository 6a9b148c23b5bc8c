"""`/api/v1/search/`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from articles import reads as article_reads
from comments import reads
from comments.api import schemas
from newsroom.api.paging import limit_of, links, number_of, sort_of
from newsroom.api.responses import private
from newsroom.api.schema import PAGING, problems
from newsroom.api.strict import APIView, extend_schema
from newsroom.client import network_from
from newsroom.search.allowance import allowance
from newsroom.search.words import MAX_QUERY, MOST_ASKED, asked

ARTICLES = 5  # articles on a page of comments


class SearchView(APIView):
    is_open = True

    @extend_schema(
        operation_id="search_list",
        parameters=[
            OpenApiParameter(
                "q",
                description=f"Words; all must be there, in one of their spellings. The first {MOST_ASKED} within"
                f" {MAX_QUERY} characters count, see `words`.",
            ),
            OpenApiParameter("discussion", int, description="Only in this one."),
            OpenApiParameter(
                "sort",
                enum=reads.SEARCH_SORTS,
                description="`best`, the default: exact spellings first, then the others, both from the newest on."
                " `newest`: all from the newest on.",
            ),
            *PAGING,
        ],
        responses={200: schemas.FoundPageSerializer, **problems(400, 429, 503)},
    )
    def get(self, request: Request) -> Response:
        """Published comments with these words that I may read. The first page also has the first articles;
        `articles/?q=` has all articles with the words.

        Rare words are looked up among all comments. For common ones a page looks at a limited number of comments, and
        may have less than `limit`, or nothing, though there are more: then `searched_to` is set, and `next` goes on
        there. A search that costs more counts more towards the limit of searches.
        """
        params = request.query_params
        query, cursor, sort = params.get("q", ""), params.get("cursor", ""), sort_of(params, reads.SEARCH_SORTS)
        discussion, limit = number_of(params.get("discussion")), limit_of(params)
        with allowance(network_from(request), request.user.pk) as spend:
            page = reads.search_page(request.user, query, sort=sort, discussion=discussion, cursor=cursor, limit=limit)
            spend(page.cost)
            articles: list[dict[str, Any]] = []
            if not cursor and discussion is None:
                first = article_reads.search_page(query, sort=sort, limit=ARTICLES)
                spend(first.cost)
                articles = [article_reads.found_json(article, query) for article in first.rows]
        ahead, behind = links(request, page.next, page.previous)
        answer = {"next": ahead, "previous": behind, "results": page.rows, "articles": articles}
        return private({**answer, "words": asked(query), "searched_to": page.searched_to})
