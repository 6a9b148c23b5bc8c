"""`/api/v1/`: articles, tickers and their items."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Value
from django.db.models.functions import Concat
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from accounts.access import must_somewhere
from accounts.login.authentication import require_scope, viewer_within
from accounts.models import User
from articles import actions, reads, ticker_reads
from articles.access import find_item, missing
from articles.models import Article, State, Ticker, TickerItem
from articles.representations import article_json, item_json, listed_json, ticker_json
from articles.schemas import (
    ArticleSerializer,
    ItemChangeSerializer,
    ListedArticleSerializer,
    NewItemSerializer,
    SeenSerializer,
    TickerItemSerializer,
    TickerSerializer,
)
from newsroom.api.paging import Malformed, Page, answer, keyset, limit_of, sort_of
from newsroom.api.responses import private, public, seen_versions
from newsroom.api.schema import IF_MATCH, PAGING, page_of, problems, sorts
from newsroom.api.strict import APIView, extend_schema
from newsroom.edge.sources import made_from
from newsroom.errors import Invalid
from newsroom.live.outbox import at_position, position, position_with
from newsroom.search.pages import Found
from newsroom.text import clean_line

SORTS = ("newest", "oldest")
FIELDS = ("html",)  # what a list has only if asked
_SLUG = re.compile(r"[-\w]{1,60}", re.ASCII)


class ArticlesView(APIView):
    is_tagged = True

    @extend_schema(
        operation_id="articles_list",
        parameters=[
            sorts(*SORTS),
            OpenApiParameter("section", str, description="A section's slug"),
            OpenApiParameter("q", str, description="Words or their beginnings: all of them, in any spelling"),
            OpenApiParameter("fields", str, enum=FIELDS, description="`html`: with their bodies"),
            *PAGING,
        ],
        responses={200: page_of(ListedArticleSerializer), **problems(400)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Published articles, without their `html` unless `fields` asks for it; follow the stream `articles`.

        With `q` a page may hold fewer than `limit` although there is a `next` one.
        """
        sort, limit = sort_of(request.query_params, SORTS), limit_of(request.query_params)
        is_whole = _fields_of(request) == "html"
        listed = Article.objects.listed()
        rows = reads.completable(listed.for_page() if is_whole else listed.for_list())
        if section := _section_of(request):
            listed, rows = listed.filter(section__slug=section), rows.filter(section__slug=section)
        turn: Any = {"limit": limit, "cursor": request.query_params.get("cursor", ""), "descending": sort == "newest"}
        here = position("articles")
        page: Page[Article] | Found[Article]
        if query := clean_line(request.query_params.get("q", "")):
            page = reads.begun_page(listed, query, rows=rows, **turn)
        else:
            page = keyset(rows, scope=f"articles:{sort}", keys=("published_at", "id"), **turn)
        as_json = article_json if is_whole else listed_json
        results = [as_json(article) for article in reads.complete(page.rows)]
        body = answer(request, page, results, stream="articles", position=here)
        return public(request, body, made_from())


class ArticleView(APIView):
    is_tagged = True

    @extend_schema(operation_id="articles_retrieve", responses={200: ArticleSerializer, **problems(404)})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """A published article. A retracted one is `gone`, with the editors' `note` if there is one."""
        article = reads.article_of(slug, AnonymousUser())
        if article is None:
            raise missing(_("There is no such article."), slug=slug)
        return public(request, article_json(article), made_from())


class TickersView(APIView):
    is_tagged = True

    @extend_schema(
        operation_id="tickers_list", parameters=PAGING, responses={200: page_of(TickerSerializer), **problems(400)}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """The site's tickers and the live blogs of published articles, oldest first."""
        page = keyset(
            Ticker.objects.listed().select_related("article"),
            scope="tickers",
            keys=("id",),
            limit=limit_of(request.query_params),
            cursor=request.query_params.get("cursor", ""),
            descending=False,
        )
        body = answer(request, page, [ticker_json(row) for row in page.rows], stream=None, position=None)
        return public(request, body, made_from("ticker.*"))


class TickerItemsView(APIView):
    is_tagged = True
    token_scope = "ticker"  # noqa: S105  a scope, no password

    @extend_schema(
        operation_id="tickers_items_list",
        parameters=[
            sorts(*SORTS),
            OpenApiParameter("state", str, enum=State.values, description="`draft`, `scheduled`: for editors, by age"),
            *PAGING,
        ],
        responses={200: page_of(TickerItemSerializer), **problems(400, 404)},
    )
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Published items and the places of retracted ones, by number; follow the stream `ticker.<slug>`."""
        sort, limit = sort_of(request.query_params, SORTS), limit_of(request.query_params)
        stream = Concat(Value("ticker."), OuterRef("slug"))
        ticker = _ticker(request, slug, Ticker.objects.annotate(**at_position(stream)))
        if request.query_params.get("state"):
            return _of_state(request, ticker)
        page = keyset(
            TickerItem.objects.placed().for_list().filter(ticker=ticker),
            scope=f"{ticker.stream}:{sort}",
            keys=("number",),
            limit=limit,
            cursor=request.query_params.get("cursor", ""),
            descending=sort == "newest",
        )
        stands = position_with(ticker)
        rows = [item_json(row) for row in page.rows]
        body = answer(request, page, rows, stream=ticker.stream, position=stands)
        return public(request, body, made_from(at={ticker.stream: stands}))

    @extend_schema(
        operation_id="tickers_items_create",
        request=NewItemSerializer,
        responses={201: TickerItemSerializer, **problems(400, 401, 403, 404, 422)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Publish an item, schedule it, or keep a draft. For editors, by token with the scope `ticker`."""
        actor = _editor(request)
        ticker = _ticker(request, slug, Ticker.objects.all())
        fields = _fields(NewItemSerializer(data=request.data))
        if fields.pop("state", "") == State.DRAFT:
            fields.pop("publish_at", None)
            item = actions.draft_item(ticker, actor=actor, **fields)
        else:
            item = actions.publish_item(ticker, actor=actor, **fields)
        return Response(item_json(item), HTTPStatus.CREATED, headers={"ETag": f'"v{item.version}"'})


class TickerItemView(APIView):
    is_tagged = True
    token_scope = "ticker"  # noqa: S105  a scope, no password

    @extend_schema(operation_id="ticker_items_retrieve", responses={200: TickerItemSerializer, **problems(404)})
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        item = _item(request, pk)
        body = item_json(item)
        sources = made_from(item.ticker.stream)
        return public(request, body, sources) if item.state == State.PUBLISHED else private(body)

    @extend_schema(
        operation_id="ticker_items_correct",
        parameters=[IF_MATCH],
        request=ItemChangeSerializer,
        responses={200: TickerItemSerializer, **problems(400, 401, 403, 404, 409, 412, 422)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Correct, pin or unpin it; move its time before it is published."""
        actor = _editor(request)
        item = _item(request, pk)
        fields = _fields(ItemChangeSerializer(data=request.data))
        item = actions.change_item(item.pk, actor=actor, seen=seen_versions(request), **fields)
        return Response(item_json(item))

    @extend_schema(
        operation_id="ticker_items_retract",
        parameters=[IF_MATCH],
        responses={204: None, **problems(401, 403, 404, 412)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        """Retract it: its text is removed, its number stays."""
        actor = _editor(request)
        actions.retract_item(_item(request, pk).pk, actor=actor, seen=seen_versions(request))
        return Response(status=HTTPStatus.NO_CONTENT)


class SeenView(APIView):
    permission_classes = [require_scope("read")]

    @extend_schema(
        operation_id="tickers_seen",
        request=SeenSerializer,
        responses={200: SeenSerializer, **problems(401, 404, 422)},
    )
    def put(self, request: Request, slug: str) -> Response:
        """Store how far I have read: the highest number seen. It never falls."""
        reader = _person(request)
        ticker = _ticker(request, slug, Ticker.objects.all())
        number = _checked(SeenSerializer(data=request.data))["number"]
        return private({"number": actions.mark_seen(ticker, reader=reader, number=number)})

    @extend_schema(operation_id="tickers_seen_retrieve", responses={200: SeenSerializer, **problems(401, 404)})
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        return private({"number": ticker_reads.seen_by(_person(request), _ticker(request, slug, Ticker.objects.all()))})


def _section_of(request: Request) -> str:
    section: str = request.query_params.get("section", "")
    if section and not _SLUG.fullmatch(section):
        raise Malformed(_("section is the name of a section in its address."))
    return section


def _fields_of(request: Request) -> str:
    fields: str = request.query_params.get("fields", "")
    if fields and fields not in FIELDS:
        raise Malformed(_("One of: %s.") % ", ".join(FIELDS), errors={"fields": [_("One of: %s.") % ", ".join(FIELDS)]})
    return fields


def _of_state(request: Request, ticker: Ticker) -> HttpResponseBase:
    """Items of one state, in the order of their creation. Only editors find unpublished ones."""
    state, sort = request.query_params["state"], sort_of(request.query_params, SORTS)
    if state not in State.values:
        raise Malformed(_("state is one of: %s.") % ", ".join(State.values))
    rows = TickerItem.objects.visible_to(viewer_within(request, "ticker")).for_list()
    page = keyset(
        rows.filter(ticker=ticker).in_state(state),
        scope=f"{ticker.stream}:{state}:{sort}",
        keys=("id",),
        limit=limit_of(request.query_params),
        cursor=request.query_params.get("cursor", ""),
        descending=sort == "newest",
    )
    return private(answer(request, page, [item_json(row) for row in page.rows], stream=None, position=None))


def _ticker(request: Request, slug: str, rows: Any) -> Any:
    ticker = rows.visible_to(request.user).filter(slug=slug).first()
    if ticker is None:
        raise missing(_("There is no such ticker."), ticker__slug=slug)
    return ticker


def _item(request: Request, pk: int) -> TickerItem:
    return find_item(viewer_within(request, "ticker"), pk)


def _person(request: Request) -> User:
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def _editor(request: Request) -> User:
    return must_somewhere("articles.publish_item", _person(request))


def _checked(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _fields(serializer: Serializer[Any]) -> dict[str, Any]:
    """The checked fields, with the article instead of its slug. Raises Invalid."""
    fields = _checked(serializer)
    if slug := fields.get("article"):
        fields["article"] = Article.objects.listed().filter(slug=slug).first()
        if fields["article"] is None:
            sentence = _("There is no such article.")
            raise Invalid(sentence, {"article": [sentence]})
    return fields
