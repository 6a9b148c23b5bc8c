"""Every address that a reader, moderator or editor can open, for benchmarks of growth; see `tests.bench.growth`.

The lists of the admin are asked for each link that they show themselves: filters, sorts, pages, and for words.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

ABSENT = "Xylophonkonzertsaal"
_LINK = re.compile(r'href="\?([^"#]+)"')


@dataclass(frozen=True, slots=True)
class Address:
    """`name` is the same on every database; `role` is nobody, or whose session asks."""

    part: str
    role: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Words:
    """What is searched for. `rare` is said as often on each database, `common` everywhere; `name` begins many names."""

    rare: str
    common: str
    name: str

    @property
    def all(self) -> dict[str, str]:
        kinds = {"rare": self.rare, "common": self.common, "absent": ABSENT, "name": self.name}
        return kinds | {"two": f"{self.rare} {self.common}", "address": "person77@example.org", "letter": self.name[0]}


class Visitor:
    """Asks as one role."""

    def __init__(self, role: str) -> None:
        from django.test import Client

        from accounts.models import User

        self._client = Client(raise_request_exception=False)
        if role != "nobody":
            person = User.objects.filter(role=role, is_confirmed=True, is_active=True).order_by("id").first()
            self._client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(self, path: str) -> Any:
        return self._client.get(path)


def addresses(words: Words, parts: Iterable[str] = ("api", "pages", "admin")) -> Iterator[Address]:
    known: dict[str, Any] = {"api": _api, "pages": _pages, "admin": _admin}
    for part in parts:
        yield from known[part](words)


def _example() -> dict[str, Any]:
    """Things to ask about: the largest discussion, the newest article, and what belongs to them."""
    from articles.models import Article, Section, Ticker, TickerItem
    from comments.models import Comment, CommentTally, DiscussionTally

    largest = DiscussionTally.objects.order_by("-comment_count").filter(discussion__mode="thread")[0].discussion
    chat = DiscussionTally.objects.order_by("-comment_count").filter(discussion__mode="chat")[0].discussion
    said = Comment.objects.filter(discussion=largest, state="published").order_by("-id")
    talked = largest.article
    answered = CommentTally.objects.order_by("-reply_count").filter(comment__state="published")[0].comment
    return {
        "article": Article.objects.listed().order_by("-published_at")[0],
        "talked": talked.slug if talked else "",
        "section": Section.objects.order_by("id")[0],
        "ticker": Ticker.objects.exclude(article=None).order_by("id")[0],
        "item": TickerItem.objects.listed().order_by("-id")[0],
        "thread": largest.pk,
        "chat": chat.pk,
        "comment": said[0].pk,
        "answered": answered.pk,
        "answered_in": answered.discussion_id,
        "slugs": "&".join(f"article={each.slug}" for each in Article.objects.listed().order_by("-id")[:20]),
    }


_OF_MODES = ("mode=chat", "mode=thread", "mode=chat&sort=newest", "mode=thread&sort=newest")


def _api(words: Words) -> Iterator[Address]:
    it = _example()
    lists = {
        "articles/": ["", "sort=oldest", f"section={it['section'].slug}", "fields=html", "limit=200"],
        "tickers/": [""],
        "tickers/newsticker/items/": ["", "sort=oldest"],
        f"tickers/{it['ticker'].slug}/items/": [""],
        "discussions/": [
            "",
            "sort=newest",
            "mode=chat",
            "mode=chat&sort=newest",
            "mode=thread&sort=newest",
            it["slugs"],
        ],
        f"discussions/{it['thread']}/comments/": ["", "sort=oldest", "sort=best"],
        f"discussions/{it['answered_in']}/comments/": [f"parent={it['answered']}"],
        f"discussions/{it['chat']}/comments/": ["", "sort=newest"],
    }
    for path, queries in lists.items():
        for query in queries:
            yield from _turned("nobody", path, query)
    for kind, word in words.all.items():
        yield Address("api", "nobody", f"articles/?q={kind}", f"/api/v1/articles/?q={word}")
        for path in ("search/", f"search/?discussion={it['thread']}"):
            mark = "&" if "?" in path else "?"
            yield Address("api", "nobody", f"{_named(path)}{mark}q={kind}", f"/api/v1/{path}{mark}q={word}")
        there = f"discussions/{it['thread']}/participants/?q="
        yield Address("api", "reader", f"participants/?q={kind}", f"/api/v1/{there}{word}")
    of_reader = [f"discussions/{it['thread']}/{each}/" for each in ("participants", "mine", "draft")]
    for path in (*of_reader, f"discussions/{it['chat']}/mine/", "me/", "tickers/newsticker/seen/"):
        yield Address("api", "reader", _named(path), f"/api/v1/{path}")
    single = [f"articles/{it['article'].slug}/", f"ticker-items/{it['item'].pk}/", f"discussions/{it['thread']}/"]
    single += [f"comments/{it['comment']}/", "streams/articles/events/?epoch=x&offset=0", "schema/", "asyncapi/"]
    for path in (*single, f"discussions/counts/?{it['slugs'].replace('article=', 'url=')}"):
        yield Address("api", "nobody", _named(path), f"/api/v1/{path}")
    yield from _turned("moderator", "moderation/queue/", "")
    yield Address("api", "moderator", "comments/#/history/", f"/api/v1/comments/{it['comment']}/history/")
    for state in ("draft", "scheduled", "published"):
        yield from _turned("editor", "tickers/newsticker/items/", f"state={state}")


def _turned(role: str, path: str, query: str) -> Iterator[Address]:
    """A list, and the page that it calls next."""
    name = _named(f"{path}?{query}" if query else path)
    here = f"/api/v1/{path}?{query}"
    yield Address("api", role, name, here)
    answer = Visitor(role).get(here)
    if answer.status_code == 200 and answer.json()["next"]:
        following = answer.json()["next"].partition("/api/v1/")[2]
        yield Address("api", role, f"{name} next", f"/api/v1/{following}")


def _pages(words: Words) -> Iterator[Address]:
    it = _example()
    public = ["/", f"/sections/{it['section'].slug}/", f"/articles/{it['article'].slug}/", "/newsticker/", "/chats/"]
    public += [f"/articles/{it['talked']}/{query}" for query in ("", "?sort=oldest", "?sort=best")]
    public += [f"/newsticker/{it['ticker'].slug}/", "/newsticker/?sort=oldest", f"/chats/{it['chat']}/"]
    public += ["/feeds/articles.atom", f"/feeds/sections/{it['section'].slug}.json", "/feeds/tickers/newsticker.atom"]
    public += ["/sitemap.xml", "/robots.txt", "/imprint/", "/search/", "/accounts/login/", "/accounts/signup/"]
    public += [f"/comments/{it['comment']}/", f"/comments/{it['answered']}/replies/"]
    own = ["/accounts/profile/", "/accounts/email/", "/accounts/sessions/", "/accounts/2fa/"]
    shown = ["/", f"/articles/{it['talked']}/", "/newsticker/", "/chats/", f"/chats/{it['chat']}/"]
    for role, paths in (("nobody", public), ("reader", [*shown, *own]), ("moderator", shown)):
        for path in paths:
            yield Address("pages", role, _named(path), path)
    yield Address("pages", "moderator", "/comments/#/moderate/", f"/comments/{it['comment']}/moderate/")
    for kind, word in words.all.items():
        yield Address("pages", "nobody", f"/search/?q={kind}", f"/search/?q={word}")


def _named(path: str) -> str:
    """Without what differs from database to database: numbers, slugs, and all but one of many articles."""
    path = re.sub(r"(&article=[^&]*|&url=[^&]*)+", "&…", path)
    return re.sub(r"(?<=[/=])[\w-]*\d[\w-]*", "#", path.replace("api/v1", ""))


ROLES = ("administrator", "moderator", "editor", "journalist")


def _admin(words: Words) -> Iterator[Address]:
    from django.contrib import admin

    yield Address("admin", "administrator", "/", "/admin/")
    for role in ROLES:
        visitor = Visitor(role)
        for model, shown in admin.site._registry.items():
            place = f"{model._meta.app_label}/{model._meta.model_name}/"
            answer = visitor.get(f"/admin/{place}")
            if answer.status_code == 200 and (role == "administrator" or _is_of(role, place)):
                yield from _listed(role, place, shown, answer, words)
    for field, place in _completed():
        for kind, word in {"": "", **words.all}.items():
            query = f"app_label={place[0]}&model_name={place[1]}&field_name={field}&term={word}"
            name = f"autocomplete {place[1]}.{field} {kind}"
            yield Address("admin", "administrator", name, f"/admin/autocomplete/?{query}")


def _is_of(role: str, place: str) -> bool:
    """What a role does itself; the rest is the administrator's like."""
    apps = {"moderator": "comments/comment/", "editor": "articles/article/", "journalist": "articles/article/"}
    return place == apps.get(role)


def _listed(role: str, place: str, shown: Any, answer: Any, words: Words) -> Iterator[Address]:
    here = f"/admin/{place}"
    yield Address("admin", role, place, here)
    links = {html.unescape(each) for each in _LINK.findall(answer.content.decode())}
    for link in _few(links):
        yield Address("admin", role, f"{place}?{link}", f"{here}?{link}")
    sorts = sorted(link for link in links if re.fullmatch(r"o=\d+", link))
    for link in sorts:
        yield Address("admin", role, f"{place}?{link} down", f"{here}?o=-{link.removeprefix('o=')}")
    yield Address("admin", role, f"{place}?p=90", f"{here}?p=90")
    if shown.search_fields:
        for kind, word in words.all.items():
            yield Address("admin", role, f"{place}?q={kind}", f"{here}?q={word}")
    newest = shown.model._default_manager.order_by("-pk").first()
    for name in ("change", "history") if newest else ():
        yield Address("admin", role, f"{place}{name}/", f"{here}{newest.pk}/{name}/")
    yield Address("admin", role, f"{place}add/", f"{here}add/")


def _few(links: Iterable[str]) -> Iterator[str]:
    """Of the links that a list shows: all sorts and states, and two of each other kind."""
    met: Counter[str] = Counter()
    for link in sorted(links):
        kind = link.partition("=")[0]
        met[kind] += 1
        if met[kind] <= 2 or kind in {"o", "state__exact"}:
            yield link


def _completed() -> Iterator[tuple[str, tuple[str, str]]]:
    from django.contrib import admin

    for model, shown in admin.site._registry.items():
        for field in shown.autocomplete_fields:
            yield field, (model._meta.app_label, model._meta.model_name or "")
