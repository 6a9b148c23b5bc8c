"""What search engines are told about a page, in the vocabulary of https://schema.org, as JSON-LD.

Which properties search engines ask for: developers.google.com/search/docs/appearance/structured-data, there article,
breadcrumb and discussion-forum; of live blogs https://schema.org/LiveBlogPosting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import Coverage, item_address
from newsroom.face.present import site_name

type Data = dict[str, Any]
VOCABULARY = "https://schema.org"


def of_article(
    article: Mapping[str, Any], ticker: Mapping[str, Any] | None, items: Sequence[Mapping[str, Any]]
) -> list[Data]:
    """An article and the way to it. `ticker`: its live blog as JSON; `items`: those there that the page shows."""
    known = _article(article)
    if ticker is not None and ticker["state"] != Coverage.BEFORE:
        known |= _live_blog(article, ticker, items)
    return [known, _trail(article)]


def of_discussion(discussion: Mapping[str, Any], address: str, began: str) -> list[Data]:
    """A discussion (as JSON) that has a page of its own since `began`. Its title is what the publisher says first."""
    page = settings.SITE_URL + address
    return [
        {
            "@context": VOCABULARY,
            "@type": "DiscussionForumPosting",
            "headline": discussion["title"],
            "text": discussion["title"],
            "author": _publisher(),
            "datePublished": began,
            "url": page,
            "mainEntityOfPage": page,
            "interactionStatistic": {
                "@type": "InteractionCounter",
                "interactionType": f"{VOCABULARY}/CommentAction",
                "userInteractionCount": discussion["comment_count"],
            },
        }
    ]


def _article(article: Mapping[str, Any]) -> Data:
    page, photo = settings.SITE_URL + article["url"], article["photo"]
    known = {
        "@context": VOCABULARY,
        "@type": "NewsArticle",
        "headline": article["headline"],
        "description": article["lead"],
        "inLanguage": article["language"],
        "articleSection": article["section_name"],
        "datePublished": article["published_at"],
        "dateModified": article["updated_at"] or article["published_at"],
        "author": {"@type": "Person", "name": article["author"]} if article["author"] else _publisher(),
        "image": [settings.SITE_URL + photo["url"]] if photo else None,
        "mainEntityOfPage": page,
        "discussionUrl": f"{page}#discussion" if article["discussion"] else None,
        "publisher": _publisher(),
    }
    return {name: value for name, value in known.items() if value is not None}


def _live_blog(article: Mapping[str, Any], ticker: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> Data:
    updates = [_update(item) for item in items if item["state"] == "published"]
    return {
        "@type": "LiveBlogPosting",
        "coverageStartTime": ticker["began_at"] or article["published_at"],
        **({"coverageEndTime": ticker["ended_at"]} if ticker["ended_at"] else {}),
        "dateModified": max([item["dateModified"] for item in updates] + [article["updated_at"] or ""])
        or article["published_at"],
        "liveBlogUpdate": updates,
    }


def of_item(item: Mapping[str, Any], ticker: Mapping[str, Any]) -> list[Data]:
    """An item of a ticker that has a page of its own."""
    return [{"@context": VOCABULARY, **_update(item), "inLanguage": ticker["language"] or settings.LANGUAGE_CODE}]


def _update(item: Mapping[str, Any]) -> Data:
    return {
        "@type": "BlogPosting",
        "headline": item["headline"],
        "articleBody": item["text"] or item["headline"],
        "datePublished": item["published_at"],
        "dateModified": item["corrected_at"] or item["published_at"],
        "author": _publisher(),
        "url": settings.SITE_URL + item_address(item["ticker"], item["number"]),
    }


def _trail(article: Mapping[str, Any]) -> Data:
    places = [
        (_("Front page"), reverse("front")),
        (article["section_name"], reverse("section", args=[article["section"]])),
        (article["headline"], article["url"]),
    ]
    return {
        "@context": VOCABULARY,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": settings.SITE_URL + address}
            for number, (name, address) in enumerate(places, 1)
        ],
    }


def _publisher() -> Data:
    return {"@type": "Organization", "name": site_name(), "url": settings.SITE_URL}
