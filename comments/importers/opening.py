"""Finds or opens the discussion of an imported page, and makes all addresses of the page lead there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from articles.importers import loader as articles
from articles.models import Article
from comments.access import by_url
from comments.actions import start_discussion
from comments.importers.places import Sites
from comments.importers.survey import Group
from comments.models import Alias, Discussion
from newsroom.live.outbox import site_changed


def discussion_of(group: Group, sites: Sites) -> tuple[Discussion, bool]:
    """The discussion, and whether it is new. A new one is closed if the page was. In the caller's transaction."""
    known = by_url(list(group.addresses))
    article = Article.objects.get(pk=group.article) if group.article else None
    if article is not None:
        thread = Discussion.objects.filter(article=article, mode=Discussion.Mode.THREAD).first()
        lead_to(article, group.addresses, sites)
    else:
        thread = next((known[address] for address in group.addresses if address in known), None)
    found = thread or _opened(group, article)
    free = [each for each in group.addresses if each not in known and each != found.url and not sites.is_ours(each)]
    Alias.objects.bulk_create([Alias(discussion=found, url=address) for address in free], ignore_conflicts=True)
    return found, thread is None


def _opened(group: Group, article: Article | None) -> Discussion:
    fields: dict[str, Any] = {"created_at": group.at or timezone.now()}
    if group.is_closed:
        fields["switch"] = Discussion.Switch.CLOSED
    if article is None:
        return start_discussion(group.title or group.addresses[0], url=group.addresses[0], **fields)
    if article.published_at is None:
        fields["closes_at"] = None  # its window begins with its publication
    fields["created_at"] = article.created_at
    return start_discussion(article.headline, article=article, since=article.published_at, **fields)


def lead_to(article: Article, addresses: Sequence[str], sites: Sites) -> None:
    """Old addresses on the site lead to the article from now on, unless they lead to one already."""
    keys = [some[0] for each in addresses if not sites.is_ours(each) and (some := sites.old_keys(each))]
    plain = {some for each in addresses if not urlsplit(each).query for some in sites.old_keys(each)}
    led = articles.led_by(keys)
    free = [key for key in keys if key not in led and ("?" in key or key in plain)]
    if free:
        articles.remember(article, free)
        site_changed()
