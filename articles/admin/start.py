"""The start page of the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from accounts.access import may_somewhere
from articles.models import Article, State, TickerItem

ROWS = 6  # of a card


def dashboard(request: HttpRequest, known: dict[str, Any]) -> dict[str, Any]:
    """The start page: what can be begun, what waits, and what is scheduled."""
    mine = Article.objects.visible_to(request.user).order_by("-created_at")
    cards: list[dict[str, Any]] = []
    quick: list[dict[str, str]] = []
    if may_somewhere("articles.draft_article", request.user):
        quick.append(_quick(gettext("Write an article"), "edit_square", "articles_article_add"))
        drafts = [_row(each, each.created_at) for each in mine.filter(state=State.DRAFT)[:ROWS]]
        cards.append({"title": gettext("Drafts"), "rows": drafts, "empty": gettext("No draft is waiting.")})
    if may_somewhere("articles.publish_item", request.user):
        quick.insert(0, _quick(gettext("Publish a ticker item"), "bolt", "articles_tickeritem_add", "primary"))
        waiting = [
            *mine.filter(state=State.SCHEDULED).order_by("publish_at")[:ROWS],
            *TickerItem.objects.visible_to(request.user).filter(state=State.SCHEDULED).order_by("publish_at")[:ROWS],
        ]
        rows = sorted((_row(each, each.publish_at) for each in waiting), key=lambda row: row["moment"])
        cards.append({"title": gettext("Appears by itself"), "rows": rows, "empty": gettext("Nothing is scheduled.")})
    if getattr(request.user, "moderates", False):
        link = reverse("moderation")
        quick.append({"title": gettext("Moderation"), "icon": "gavel", "link": link, "variant": "default"})
    return {**known, "quick": quick, "desk": cards}


def _quick(title: str, icon: str, name: str, variant: str = "default") -> dict[str, str]:
    return {"title": title, "icon": icon, "link": reverse(f"admin:{name}"), "variant": variant}


def _row(thing: Any, moment: Any) -> dict[str, Any]:
    link = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])  # noqa: SLF001
    return {"title": thing.headline, "link": link, "moment": moment}
