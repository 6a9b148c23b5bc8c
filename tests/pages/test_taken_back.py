"""What belongs to a retracted article says so everywhere, with the editors' note; what never was public does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from articles import actions
from articles.models import Article, OldAddress, Ticker, TickerItem
from comments import actions as comment_actions
from comments.models import Comment

pytestmark = pytest.mark.django_db

NOTE = "Die Fähre gibt es nicht."
SENTENCE = "Dieser Artikel wurde zurückgezogen."
ANYBODY = [
    "articles/{slug}/",
    "old/{slug}/",
    "newsticker/{blog}/",
    "newsticker/{blog}/{number}/",
    "feeds/tickers/{blog}.atom",
    "feeds/tickers/{blog}.json",
    "feeds/discussions/{discussion}.atom",
    "feeds/discussions/{discussion}.json",
    "chats/{discussion}/",
    "comments/{comment}/",
    "comments/{reply}/",
    "comments/{comment}/replies/",
    "comments/{reply}/replies/",
    "api/v1/articles/{slug}/",
    "api/v1/tickers/{blog}/items/",
    "api/v1/ticker-items/{item}/",
    "api/v1/streams/ticker.{blog}/events/",
    "api/v1/streams/discussion.{discussion}/events/",
    "api/v1/discussions/{discussion}/",
    "api/v1/discussions/{discussion}/comments/",
    "api/v1/discussions/{discussion}/anchor/?name=comment-{comment}",
    "api/v1/comments/{comment}/",
    "api/v1/comments/{reply}/",
]
READER = [  # logged in: her own comment, her own marks
    ("GET", "comments/{comment}/edit/", None),
    ("POST", "comments/{comment}/edit/", {"text": "Endlich, #{n}"}),
    ("GET", "comments/{reply}/reactions/", None),
    ("POST", "comments/{reply}/reactions/like/", {}),
    ("GET", "comments/{reply}/report/", None),
    ("POST", "comments/{reply}/report/", {"reason": "spam"}),
    ("GET", "comments/{reply}/ignore/", None),
    ("POST", "comments/{reply}/ignore/", {}),
    ("POST", "discussions/{discussion}/comments/", {"text": "Von der Seite, #{n}"}),
    ("POST", "subscriptions/article/{article}/", {}),
    ("POST", "subscriptions/ticker/{blog}/", {}),
    ("POST", "subscriptions/discussion/{discussion}/", {}),
    ("GET", "api/v1/tickers/{blog}/seen/", None),
    ("PUT", "api/v1/tickers/{blog}/seen/", {"number": 1}),
    ("GET", "api/v1/discussions/{discussion}/mine/", None),
    ("GET", "api/v1/discussions/{discussion}/draft/", None),
    ("PUT", "api/v1/discussions/{discussion}/draft/", {"text": "Angefangen"}),
    ("DELETE", "api/v1/discussions/{discussion}/draft/", None),
    ("GET", "api/v1/discussions/{discussion}/read/", None),
    ("PUT", "api/v1/discussions/{discussion}/read/", {"order": 1}),
    ("GET", "api/v1/discussions/{discussion}/participants/", None),
    ("POST", "api/v1/discussions/{discussion}/preview/", {"text": "Mal sehen"}),
    ("POST", "api/v1/discussions/{discussion}/comments/", {"text": "Über die API, #{n}"}),
    ("PATCH", "api/v1/comments/{comment}/", {"text": "Geändert, #{n}"}),
    ("DELETE", "api/v1/comments/{withdrawn}/", None),
    ("POST", "api/v1/comments/{withdrawn}/undo/", None),
    ("GET", "api/v1/comments/{reply}/reactions/", None),
    ("PUT", "api/v1/comments/{reply}/reactions/like/", None),
    ("POST", "api/v1/comments/{reply}/reports/", {"reason": "spam"}),
    ("DELETE", "api/v1/comments/{reply}/reactions/like/", None),
    ("PUT", "api/v1/subscriptions/article/{slug}/", None),
    ("PUT", "api/v1/subscriptions/ticker/{blog}/", None),
    ("PUT", "api/v1/subscriptions/discussion/{discussion}/", None),
]
MODERATOR = [
    ("GET", "comments/{comment}/moderate/", None),
    ("GET", "api/v1/comments/{comment}/history/", None),
    ("POST", "api/v1/comments/{held}/decisions/", {"action": "approve"}),
    ("POST", "api/v1/comments/{held}/decisions/", {"action": "remove", "reason": "spam"}),
    ("POST", "api/v1/comments/{held}/decisions/", {"action": "restore"}),
    ("PATCH", "api/v1/discussions/{discussion}/", {"switch": "open"}),
]
BESIDE = {  # addresses below which no article's things stand
    *("sections/<slug:slug>/", "feeds/sections/<slug:slug>.atom", "feeds/sections/<slug:slug>.json"),
    "sitemap/articles-<int:number>.xml",  # a list, see below
    "theme-<str:name>.css",  # colours
    "people/<int:pk>/",  # a list, see tests/pages/test_person.py
    *("feeds/replies/<str:key>.atom", "feeds/replies/<str:key>.json"),  # lists, too
    *("media/<path:path>", "demo/mail/<slug:pk>/", "demo/mail/<slug:pk>/html/"),
    "api/v1/discussions/<int:pk>/merge/",  # an article's thread is never merged into another
    *("accounts/profile/keys/<int:token_id>/revoke/", "accounts/profile/subscriptions/<int:subscription_id>/end/"),
    "unsubscribe/<str:token>/",  # ends mails of a kind, whatever they were about
    "api/v1/me/ignored/<int:pk>/",  # people are no part of an article
    "api/v1/decisions/<int:pk>/undo/",  # works once, see tests/comments/test_undo_decision.py
    # A case is decided, whatever has become of the article.
    *("api/v1/moderation/cases/<int:pk>/", "api/v1/moderation/cases/<int:pk>/context/"),
    *("api/v1/moderation/cases/<int:pk>/claim/", "api/v1/moderation/cases/<int:pk>/hand-over/"),
    *("moderation/cases/<int:pk>/edit/", "moderation/cases/<int:pk>/hand-over/"),
    *("moderation/cases/<int:pk>/", "moderation/cases/<int:pk>/context/"),
    *("api/v1/moderation/bulk/<int:pk>/", "api/v1/moderation/bulk/<int:pk>/undo/", "moderation/bulk/<int:pk>/"),
    # A moderator's, whatever has become of the article.
    *("moderation/discussions/<int:pk>/", "moderation/discussions/<int:pk>/held/"),
    "api/v1/moderation/decisions/<int:pk>/",
    "api/v1/moderation/second/<int:pk>/",
    *("api/v1/moderation/rules/<int:pk>/", "api/v1/moderation/rules/<int:pk>/runs/"),
    *("api/v1/moderation/rules/<int:pk>/runs/<int:run>/", "moderation/rules/<int:pk>/", "moderation/runs/<int:pk>/"),
    *("moderation/people/<int:pk>/", "api/v1/moderation/people/<int:pk>/"),  # people are no part of an article
    *(f"api/v1/moderation/people/<int:pk>/{each}/" for each in ("comments", "notes", "sanctions", "warnings")),
    *("moderation/texts/<int:pk>/", "api/v1/moderation/texts/<int:pk>/"),
    *("warnings/<int:pk>/", "api/v1/me/warnings/<int:pk>/acknowledge/", "api/v1/moderation/warnings/<int:pk>/"),
    *("api/v1/users/<int:pk>/sanctions/", "api/v1/users/<int:pk>/avatar/", "api/v1/sanctions/<int:pk>/"),
}


@pytest.fixture
def below(article: Article, eddy, alice, bob, discussion, comment) -> SimpleNamespace:
    """The names of all that stands below a published article, as addresses have them."""
    return things(article, eddy, alice, bob)


def things(article: Article, eddy: Any, alice: Any, bob: Any) -> SimpleNamespace:
    discussion = comment_actions.discussion_of(article)
    blog = Ticker.objects.create(slug=f"live-{article.pk}", title="Fähre live", article=article)
    item = actions.publish_item(blog, actor=eddy, headline="Sie legt ab", text="Pünktlich.")
    OldAddress.objects.create(path=f"/old/{article.slug}", article=article)
    is_public = article.state == Article.State.PUBLISHED

    def said(author: Any, text: str, parent: int | None = None) -> Comment:
        return comment_actions.post(discussion.pk, author=author, text=text, parent_id=parent).comment

    comment = said(alice if is_public else eddy, "Eine Frage der Zeit")
    return SimpleNamespace(
        slug=article.slug,
        article=article.pk,
        blog=blog.slug,
        item=item.pk,
        number=item.number,
        discussion=discussion.pk,
        comment=comment.pk,
        reply=said(bob if is_public else eddy, "So ist es", comment.pk).pk,
        withdrawn=said(alice if is_public else eddy, "Übereilt").pk,
        held=said(bob if is_public else eddy, "Und dann?").pk,
    )


@pytest.fixture
def ask(below, alice, mo, api) -> Callable[..., dict[tuple[str, str, str], Any]]:
    """Every address of every table, in order: who, method and address → what it answers."""
    counter = count()

    def ask(names: SimpleNamespace = below) -> dict[tuple[str, str, str], Any]:
        n = next(counter)
        return {
            (who, method, address): _call(api, person, method, address, body, vars(names), n)
            for who, person, table in (
                ("anybody", None, [("GET", address, None) for address in ANYBODY]),
                ("reader", alice, READER),
                ("moderator", mo, MODERATOR),
            )
            for method, address, body in table
        }

    return ask


def _call(api: Any, person: Any, method: str, address: str, body: Any, names: dict[str, Any], n: int) -> Any:
    path = f"/{address.format(**names)}"
    data = {
        name: value.replace("{n}", str(n)) if isinstance(value, str) else value for name, value in (body or {}).items()
    }
    if path.startswith("/api/"):
        return api(person).generic(method, path) if body is None else getattr(api(person), method.lower())(path, data)
    client = Client()
    if person:
        client.force_login(person)
    return getattr(client, method.lower())(path, data, follow=True)


def test_all_that_belongs_to_a_retracted_article_is_gone_with_it_and_comes_back(ask, article, eddy):
    assert {key: answer.status_code for key, answer in ask().items() if answer.status_code >= 400} == {}

    actions.retract_article(article.pk, actor=eddy, note=NOTE)
    gone = ask()
    assert {key: answer.status_code for key, answer in gone.items() if answer.status_code != 410} == {}
    assert [key for key, answer in gone.items() if NOTE not in answer.text or SENTENCE not in answer.text] == []
    told = [answer.json() for (_who, _method, address), answer in gone.items() if address.startswith("api/")]
    assert {(each["code"], each["note"]) for each in told} == {("gone", NOTE)}

    actions.publish_article(article.pk, actor=eddy)
    assert {key: answer.status_code for key, answer in ask().items() if answer.status_code >= 400} == {}


def test_of_what_was_never_public_nobody_hears(ask, section, eddy, alice, bob):
    draft = actions.draft_article(actor=eddy, section=section, headline="Noch geheim", body="…")
    names = things(draft, eddy, alice, bob)

    assert {key: answer.status_code for key, answer in ask(names).items() if answer.status_code != 404} == {}


def test_what_waited_below_it_is_no_more_known_than_before(api, below, article, eddy, alice, bob, mo):
    comment_actions.change_discussion(below.discussion, actor=mo, switch="premoderated")
    held = comment_actions.post(below.discussion, author=alice, text="Wartet noch").comment
    blog = Ticker.objects.get(slug=below.blog)
    draft = actions.draft_item(blog, actor=eddy, headline="Vorbereitet")
    waiting = [f"/api/v1/comments/{held.pk}/", f"/api/v1/ticker-items/{draft.pk}/"]
    asks = [(None, 404), (bob, 404), (alice, 200)]
    assert [api(each).get(waiting[0]).status_code for each, _ in asks] == [status for _, status in asks]

    actions.retract_article(article.pk, actor=eddy, note=NOTE)

    assert [api(each).get(waiting[0]).status_code for each in (None, bob, alice)] == [404, 404, 410]
    assert [api(each).get(waiting[1]).status_code for each in (None, bob, eddy)] == [404, 404, 200]


def test_who_works_on_it_goes_on_seeing_it(ask, api, below, article, eddy):
    before = {address: _call(api, eddy, "GET", address, None, vars(below), 0).status_code for address in ANYBODY}

    actions.retract_article(article.pk, actor=eddy, note=NOTE)

    after = {address: _call(api, eddy, "GET", address, None, vars(below), 0).status_code for address in ANYBODY}
    differ = {address: status for address, status in after.items() if before[address] != status}
    assert differ == {  # the same for everybody who asks
        "feeds/tickers/{blog}.atom": 410,
        "feeds/tickers/{blog}.json": 410,
        "feeds/discussions/{discussion}.atom": 410,
        "feeds/discussions/{discussion}.json": 410,
        "api/v1/articles/{slug}/": 410,
    }


def test_lists_and_the_search_leave_it_out_and_nobody_has_to_go_on_following(api, client, below, article, eddy, alice):
    api(alice).put(f"/api/v1/subscriptions/ticker/{below.blog}/")
    lists = ["/", "/sections/lokales/", "/chats/", "/newsticker/", "/sitemap.xml", "/feeds/articles.atom"]
    lists += ["/search/?q=Fähre", f"/search/?q=Frage&discussion={below.discussion}"]
    lists += [f"/api/v1/{name}" for name in ("articles/", "tickers/", "discussions/", "search/?q=Frage")]
    lists.append(f"/api/v1/discussions/?article={article.slug}")
    Ticker.objects.create(slug="newsticker", title="Newsticker")
    words = re.compile(rf"{article.headline}|Eine Frage der Zeit|{below.blog}|/articles/{article.slug}")
    shown = [address for address in lists if words.search(client.get(address).text)]
    assert shown == lists

    actions.retract_article(article.pk, actor=eddy, note=NOTE)

    assert [address for address in lists if words.search(client.get(address).text)] == []
    (wish,) = alice.subscriptions.all()
    assert api(alice).delete(f"/api/v1/subscriptions/ticker/{wish.target}/").status_code == 204
    assert not alice.subscriptions.exists()


def test_an_item_that_was_taken_back_says_why_and_one_that_never_appeared_says_nothing(api, item, ticker, eddy):
    hidden = actions.draft_item(ticker, actor=eddy, headline="Nie erschienen")
    addresses = [f"/api/v1/ticker-items/{each.pk}/" for each in (item, hidden)]
    assert [api().get(address).status_code for address in addresses] == [200, 404]

    for each in (item, hidden):
        actions.retract_item(each.pk, actor=eddy, note=NOTE)
    answers = [api().get(address) for address in addresses]

    assert [answer.status_code for answer in answers] == [410, 404]
    assert (answers[0].json()["code"], answers[0].json()["note"]) == ("gone", NOTE)
    assert TickerItem.objects.get(pk=item.pk).headline not in answers[0].text


def test_the_table_has_every_address_below_which_an_articles_things_may_stand():
    listed = {*ANYBODY, *(address for _method, address, _body in (*READER, *MODERATOR))}
    listed = {address.partition("?")[0] for address in listed}
    asked = {re.sub(r"\{\w+\}", "{}", address).replace("old/{}/", "") for address in listed}
    asked = {re.sub(r"(ticker|discussion)\.\{\}|like|subscriptions/\w+", _first, address) for address in asked}
    known = {re.sub(r"<[^>]+>", "{}", route) for route in _routes(get_resolver()) if route not in BESIDE}

    assert known - asked == set()


def _first(match: re.Match[str]) -> str:
    return "subscriptions/{}" if match[0].startswith("subscriptions") else "{}"


def _routes(resolver: URLResolver, start: str = "") -> Iterator[str]:
    """What takes something in its address, without accounts, desk and what libraries bring."""
    for each in resolver.url_patterns:
        route = f"{start}{each.pattern}"
        if isinstance(each, URLPattern):
            if "<" in route and not route.startswith("^"):
                yield route
        elif not route.startswith(("admin/", "accounts/", "_allauth/")):
            yield from _routes(each, route)
