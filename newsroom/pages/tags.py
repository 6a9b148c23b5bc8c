"""Template tags for the reader's pages: {% load pages %}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.template.base import Parser, Token
from django.urls import reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe

from accounts.avatars import address_of
from accounts.duties import Duty
from accounts.login.forms import AvatarForm, ProfileForm, TokenForm
from accounts.models import User
from articles import breaking
from articles.models import SITE_TICKER, Coverage, item_address
from comments.models import FormalWarning
from comments.panel.keys import IN_THREADS, as_json
from comments.panel.words import told_to_authors, words
from comments.reads.earlier import number_of_earlier
from comments.reads.people import own_warnings
from comments.representations import beginning
from newsroom.formats.reading import reading_minutes
from newsroom.pages import linked_data, notices, pieces, sentences

register = template.Library()
# Signs that comments/signs.svg draws, so that they look alike without an emoji font. Others are shown as text.
DRAWINGS = {"👍": "like", "👎": "dislike", "❤": "heart", "😄": "laugh", "😮": "surprise", "😢": "sad"}
# The routes that scripts lead to, with their parts.
FOR_SCRIPTS: dict[str, tuple[str, ...]] = {
    "front": (),
    "worker": (),
    "article": ("slug",),
    "item": ("slug", "number"),
    "chat": ("pk",),
    "comment": ("pk",),
    "replies": ("pk",),
    "comment-edit": ("pk",),
    "comment-moderate": ("pk",),
    "comment-report": ("pk",),
    "comment-ignore": ("pk",),
    "comment-react": ("pk", "name"),
    "comment-reactions": ("pk",),
}
STEADY = ("id", "title", "stream", "state", "reason", "opens_next", "slow_mode_seconds")
STAND_INS = {"pk": 1234567890, "number": 1234567891, "slug": "this-is-a-slug", "name": "this-is-a-name"}
PICTURE_PLEASE = "\ufe0f"  # Unicode's variation selector for the coloured form of a sign


@register.simple_tag(takes_context=True)
def piece(context: Context, template: str, more: Mapping[str, Any] | None = None, **facts: Any) -> SafeString:
    """{% piece "articles/teaser.html" teaser=teaser kind="small" %}: a template that sees these facts and no other.
    `more` holds facts by name.

    It is drawn once for all readers for whom they are equal, see `newsroom.pages.pieces`.
    """
    return pieces.drawn(template, {**(more or {}), **facts}, context)


@register.tag
def later(parser: Parser, _token: Token) -> pieces.Later:
    """{% later %}{{ user.name }}{% endlater %}, in a piece: what is a reader's own, and sees what the page sees."""
    nodes = parser.parse(("endlater",))
    parser.delete_first_token()
    return pieces.Later(nodes)


@register.simple_tag(takes_context=True)
def breaking_bar(context: Context) -> SafeString:
    """The bar of the breaking item, or its empty place. None on pages of errors, which ask no database."""
    request = context.get("request")
    if request is None:
        return SafeString()
    item = breaking.present()
    facts = {"number": item.number, "version": item.version, "headline": item.headline, "url": item.url} if item else {}
    is_open = item is not None and not item.is_closed_by(request.COOKIES.get(breaking.COOKIE, ""))
    return pieces.drawn("frame/breaking.html", {**facts, "is_open": is_open, "ticker": SITE_TICKER}, context)


@register.filter
def steady(discussion: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a discussion (as JSON) that outlast a comment, for a piece that is not to be drawn with each."""
    return {name: discussion[name] for name in STEADY} | {"has_comments": discussion["comment_count"] > 0}


@register.simple_tag(name="sentences")
def spoken() -> SafeString:
    """Data blocks with the sentences for words.js and the addresses for addresses.js. Data blocks are not executed, so
    the content policy allows them.
    """
    return json_script(sentences.words(), "words") + _addresses()


@cache
def _addresses() -> SafeString:
    """{name of the route: its address, with {pk} and the like in the places of its parts}"""
    found = {}
    for name, parts in FOR_SCRIPTS.items():
        found[name] = reverse(name, kwargs={part: STAND_INS[part] for part in parts})
        for part in parts:
            found[name] = found[name].replace(str(STAND_INS[part]), f"{{{part}}}")
    return json_script(found, "addresses")


@register.simple_tag
def notice_sentences() -> SafeString:
    """The sentences for <newsroom-notices>, which every page of a logged-in person has."""
    return json_script(notices.notice_words(), "notice-words")


@register.simple_tag
def panel_sentences() -> SafeString:
    """Data blocks for the moderators' script on pages of discussions: sentences, what authors are told, and keys."""
    found = {"panel-words": words(), "told-to-authors": told_to_authors(), "panel-keys": as_json(IN_THREADS)}
    return mark_safe("".join(json_script(each, name) for name, each in found.items()))  # noqa: S308


@register.filter
def avatar_path(name: str) -> str | None:
    return address_of(name)


@register.simple_tag
def avatar_fields() -> SafeString:
    return AvatarForm().as_div()


@register.simple_tag
def profile_fields(name: str, language: str, hidden: bool) -> SafeString:
    return ProfileForm(user=User(name=name, language=language, is_hidden=hidden)).as_div()


@register.simple_tag
def earlier_comments(person: User) -> int:
    return number_of_earlier(person)


@register.simple_tag
def key_fields() -> SafeString:
    return TokenForm().as_div()


@register.simple_tag
def linked_article(
    article: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]] | None = None,
    ticker: Mapping[str, Any] | None = None,
) -> SafeString:
    """What search engines are told about an article (as JSON), its live blog, if it has one, and the items there."""
    return _linked(linked_data.of_article(article, ticker, items or ()))


@register.simple_tag
def linked_discussion(discussion: Mapping[str, Any], address: str, began: str) -> SafeString:
    """What search engines are told about a discussion (as JSON) that has a page of its own."""
    return _linked(linked_data.of_discussion(discussion, address, began))


@register.simple_tag
def linked_item(item: Mapping[str, Any], ticker: Mapping[str, Any]) -> SafeString:
    """What search engines are told about an item (as JSON) of a ticker."""
    return _linked(linked_data.of_item(item, ticker))


@register.filter
def coverage(state: str) -> str:
    """The words for the state of a live blog."""
    return str(Coverage(state).label)


@register.filter
def item_page(item: Mapping[str, Any] | None) -> str:
    """The address of an item's own page (as JSON); "" for None."""
    return item_address(item["ticker"], item["number"]) if item else ""


def _linked(things: Sequence[Mapping[str, Any]]) -> SafeString:
    block = json_script(things)
    return mark_safe(block.replace("application/json", "application/ld+json", 1))  # noqa: S308  escaped by json_script


@register.simple_tag
def reading_time(article: Mapping[str, Any]) -> str:
    """The sentence that says how many minutes an article (as JSON) takes to read."""
    return sentences.counted("reading_time", reading_minutes(article["html"], article["language"]))


@register.simple_tag
def counted(name: str, number: int | None) -> str:
    return sentences.counted(name, number or 0)


@register.filter
def address(comment: int, name: str) -> str:
    """{% url name comment %} in a tenth of its time, for what is drawn for each comment of a page."""
    return _pattern(name).format(comment)


@cache
def _pattern(name: str, *more: str) -> str:
    """The address of this name, with {} for the comment's number."""
    return reverse(name, args=[0, *more]).replace("/0/", "/{}/", 1)


@register.filter
def excerpt(html: str) -> str:
    """The beginning of a comment, as plain text."""
    return beginning(html)


@register.filter
def deed(name: str, deed: str) -> str:
    """The label of a link on the comment by `name`, for screen readers, which read it without its context."""
    return sentences.DEEDS[deed]().replace("{name}", name)


@register.filter
def in_reply_to(answered: Mapping[str, Any] | None) -> str:
    """The sentence that says what a comment answers; "" if it stands directly below that."""
    return sentences.in_reply_to(answered["name"]) if answered else ""


@register.inclusion_tag("comments/reactions.html", takes_context=True)
def reactions(context: Context, comment: Mapping[str, Any] | None, *, is_whole: bool = False) -> dict[str, Any]:
    """The reactions that somebody gave to a comment (as JSON) with their numbers; buttons for people who may react, and
    a link to those that nobody gave yet; for people with an account, one to the list of who gave them. `is_whole`: all
    reactions, and no link.
    """
    shown = comment or {"id": 0, "state": "published", "reactions": {}}
    mine, counts = context.get("mine") or (), shown["reactions"]
    names = [name for name in settings.REACTIONS if is_whole or counts.get(name) or name in mine]
    is_listed = not is_whole and bool(context.get("is_reader")) and any(map(counts.get, names))
    return {
        "id": shown["id"],
        "is_gone": shown["state"] != "published",
        "may_react": context.get("may_react"),
        "add": sentences.add_reaction(),
        "who": sentences.who_reacted() if is_listed else "",
        "is_whole": is_whole,
        "signs": [_sign(name, shown["id"], n=counts.get(name, 0), is_mine=name in mine) for name in names],
    }


@register.filter
def sign(name: str) -> dict[str, Any]:
    """What shows a reaction of this name: {sign, drawing, label, …}."""
    return _sign(name)


@register.simple_tag
def signs() -> list[dict[str, Any]]:
    """All reactions, for the patterns of reactions.js."""
    return [_sign(name) for name in settings.REACTIONS]


def _sign(name: str, comment: int | None = None, *, n: int = 0, is_mine: bool = False) -> dict[str, Any]:
    sign = settings.REACTIONS[name]
    return {
        "name": name,
        "address": comment and _pattern("comment-react", name).format(comment),
        "sign": sign,
        "drawing": DRAWINGS.get(sign.replace(PICTURE_PLEASE, "")),
        "label": sentences.reaction(name),
        "n": n,
        "mine": is_mine,
    }


@register.filter
def gone(state: str) -> str:
    """The sentence in the place of a comment that was taken down; "" for a visible one."""
    sentence = sentences.GONE.get(state)
    return sentence() if sentence else ""


@register.simple_tag
def waiting_warnings(reader: User) -> list[FormalWarning]:
    """The reader's warnings that they must acknowledge. Asked only for those who have one: `User.warned_at`."""
    return list(own_warnings(reader, are_waiting=True))


@register.filter
def about_ignoring(name: str, which: str) -> str:
    """A sentence about ignoring the person of this name: "ask", "done" or "undone"."""
    return sentences.IGNORING[which]().replace("{name}", name)


@register.filter
def unread_words(unread: int) -> str:
    """How many notifications are unread, in words."""
    return notices.unread_words(unread)


@register.filter
def moderates_somewhere(viewer: Any) -> bool:
    """Whether the panel is open to `viewer`."""
    return isinstance(viewer, User) and bool(viewer.sections(Duty.MODERATE))


@register.filter
def role_name(author: Any) -> str:
    """The role shown beside the name of an editor, a moderator or an administrator; "" for readers and for None."""
    name = sentences.ROLES.get(author["role"]) if author else None
    return name() if name else ""
