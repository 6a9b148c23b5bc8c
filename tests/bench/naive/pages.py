from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path

from tests.bench.naive.models import Article, Comment, Discussion, Reaction, Section, Subscription

TOPS, REPLIES, RELATED = 25, 3, 4
SIGNS = {"like": "👍", "dislike": "👎", "heart": "❤️", "laugh": "😄", "surprise": "😮", "sad": "😢"}


@login_required
def article(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Article.objects.select_related("section", "photo"), slug=slug, state="published")
    thread = Discussion.objects.select_related("tally").get(article=found, mode="thread")
    others = Article.objects.filter(state="published", section=found.section).exclude(pk=found.pk)
    context = {
        "article": found,
        "discussion": thread,
        "comments": _comments(thread, request.user.pk),
        "related": others.select_related("section", "photo").order_by("-published_at")[:RELATED],
        "follows": Subscription.objects.filter(user=request.user.pk, kind="discussion", target=str(thread.pk)).exists(),
        "sections": Section.objects.all(),
    }
    return render(request, "naive/article.html", context)


def _comments(thread: Discussion, reader: int | None) -> list[Comment]:
    rows = Comment.objects.select_related("author").filter(order__isnull=False)
    tops = list(rows.filter(discussion=thread, root=None).order_by("-order")[:TOPS])
    below: dict[int | None, list[Comment]] = {}
    for reply in rows.filter(root__in=tops).order_by("order"):
        below.setdefault(reply.root_id, []).append(reply)
    shown = [each for top in tops for each in (top, *below.get(top.pk, [])[:REPLIES])]
    _react(shown, reader)
    for top in tops:
        top.answers = below.get(top.pk, [])[:REPLIES]  # type: ignore[attr-defined]
        top.more = max(0, len(below.get(top.pk, [])) - REPLIES)  # type: ignore[attr-defined]
    return tops


def _react(shown: Sequence[Comment], reader: int | None) -> None:
    given = Reaction.objects.filter(comment__in=shown)
    counted = given.values_list("comment", "name").annotate(n=Count("pk"))
    counts = Counter({(comment, name): n for comment, name, n in counted})
    mine = set(given.filter(person=reader).values_list("comment", "name"))
    for comment in shown:
        comment.signs = _signs(comment.pk, counts, mine)  # type: ignore[attr-defined]


def _signs(comment: int, counts: Counter[tuple[int, str]], mine: Collection[tuple[int, str]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "sign": sign, "n": counts[comment, name], "mine": (comment, name) in mine}
        for name, sign in SIGNS.items()
    ]


def somewhere(request: HttpRequest, **_about: Any) -> HttpResponse:
    """What the page's links and forms lead to."""
    return HttpResponse(request.path)


urlpatterns = [
    path("articles/<slug:slug>/", article, name="article"),
    path("sections/<slug:slug>/", somewhere, name="section"),
    path("articles/<slug:slug>/comments/", somewhere, name="post"),
    path("comments/<int:pk>/reactions/<str:name>/", somewhere, name="react"),
    path("comments/<int:pk>/replies/", somewhere, name="replies"),
    path("comments/<int:pk>/reply/", somewhere, name="reply"),
    path("comments/<int:pk>/report/", somewhere, name="report"),
    path("profile/", somewhere, name="profile"),
    path("logout/", somewhere, name="logout"),
    path("follow/<int:pk>/", somewhere, name="follow"),
]
