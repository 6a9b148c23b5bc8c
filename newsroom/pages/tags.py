"""What the reader's templates say beyond the kernel's tags: {% load pages %}."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.access import moderates
from newsroom.api.renderers import encode
from newsroom.pages import words

register = template.Library()
BESIDE_THE_BOX = {"replies", "more_replies", "reply_count"}
MOST_BOXES = 4096  # some KB each
# Signs that comments/signs.svg draws, so that they look alike where no emoji font is; the others are shown as they are.
DRAWINGS = {"👍": "like", "👎": "dislike", "❤": "heart", "😄": "laugh", "😮": "surprise", "😢": "sad"}
PICTURE_PLEASE = "\ufe0f"  # asks for the coloured form of a sign


@register.simple_tag
def sentences() -> SafeString:
    """The data block from which words.js speaks. A block of data is never executed, so the policy lets it pass."""
    return json_script(words.words(), "words")


@register.simple_tag
def notice_sentences() -> SafeString:
    """The same for <newsroom-notices>, which stands on every page of a person with an account."""
    return json_script(words.notice_words(), "notice-words")


@register.simple_tag
def linked_data(article: Mapping[str, Any]) -> SafeString:
    """schema.org's words for an article (as JSON), for search engines."""
    photo = article["photo"]
    known = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article["headline"],
        "description": article["lead"],
        "inLanguage": article["language"],
        "datePublished": article["published_at"],
        "dateModified": article["updated_at"] or article["published_at"],
        "author": {"@type": "Person", "name": article["author"]} if article["author"] else None,
        "image": [settings.SITE_URL + photo["url"]] if photo else None,
        "mainEntityOfPage": settings.SITE_URL + article["url"],
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": settings.SITE_URL},
    }
    block = json_script({name: value for name, value in known.items() if value is not None})
    return mark_safe(block.replace("application/json", "application/ld+json", 1))  # noqa: S308  escaped by json_script


@register.simple_tag
def counted(name: str, number: int | None) -> str:
    return words.counted(name, number or 0)


@register.filter
def deed(name: str, deed: str) -> str:
    """What a link does with the comment of `name`, for those who hear it without what stands around it."""
    return words.DEEDS[deed]().replace("{name}", name)


@register.filter
def in_reply_to(answered: Mapping[str, Any] | None) -> str:
    """The sentence for what a comment answers; empty where it stands behind that."""
    return words.in_reply_to(answered["name"]) if answered else ""


@register.inclusion_tag("comments/reactions.html", takes_context=True)
def reactions(context: Context, comment: Mapping[str, Any] | None) -> dict[str, Any]:
    """The signs under a comment (as JSON) with their numbers: buttons for who may take part."""
    shown = comment or {"id": 0, "state": "published", "reactions": {}}
    mine = (context.get("mine") or {}).get(str(shown["id"]), ())
    counts = shown["reactions"]
    return {
        "id": shown["id"],
        "is_gone": shown["state"] != "published",
        "may_react": context.get("may_react"),
        "add": words.add_reaction(),
        "signs": [
            {
                "name": name,
                "sign": sign,
                "drawing": DRAWINGS.get(sign.replace(PICTURE_PLEASE, "")),
                "label": words.reaction(name),
                "n": counts.get(name, 0),
                "mine": name in mine,
            }
            for name, sign in settings.REACTIONS.items()
        ],
    }


@register.simple_tag(takes_context=True)
def comment_box(context: Context, comment: Mapping[str, Any] | None) -> SafeString:
    """A comment (as JSON) as it stands on a page, without its replies; None: the pattern for new ones.

    Fifty of them took four fifths of a page's time, so those who see one alike are shown the same.
    """
    row = {name: value for name, value in (comment or {}).items() if name not in BESIDE_THE_BOX}
    user, number = context["user"], str(row.get("id", ""))
    facts = {
        "comment": row if comment else None,
        "is_chat": bool(context.get("is_chat")),
        "may_post": bool(context.get("may_post")),
        "spoken": context.get("spoken") or "",
        "may_react": bool(context.get("may_react")),
        "is_reader": user.is_authenticated,
        "is_own": bool(comment) and user.is_authenticated and row["author"]["id"] == user.pk,
        "moderates": moderates(user),
        "mine": {number: (context.get("mine") or {}).get(number, [])},
    }
    return _box(get_language() or "", encode(facts))


@lru_cache(MOST_BOXES)
def _box(language: str, facts: bytes) -> SafeString:
    """All that the template sees is in the key."""
    return render_to_string("comments/comment_box.html", msgspec.json.decode(facts))


@register.filter
def gone(state: str) -> str:
    """The sentence in the place of a comment that was taken down; empty for one that stands."""
    sentence = words.GONE.get(state)
    return sentence() if sentence else ""


@register.filter
def role_name(author: Any) -> str:
    """What stands beside the name of those who work here; empty for readers and for nobody."""
    name = words.ROLES.get(author["role"]) if author else None
    return name() if name else ""
