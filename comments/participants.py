"""Who takes part in a discussion, and whom a comment names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.names import MAX_LENGTH, name_key
from comments.models import Comment, Discussion

MOST_FOUND = 10
LATEST = 200  # comments whose authors are offered before a letter was typed
MOST_MENTIONS = 10  # of one comment; who names more than that names nobody
WORDS_A_NAME = 4
_MENTION = re.compile(rf"(?<![\w@/.])@(\S[^@\n]{{0,{2 * MAX_LENGTH}}})")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|^ {0,3}>[^\n]*", re.DOTALL | re.MULTILINE)


def participants(discussion: Discussion, query: str) -> list[User]:
    """People with a public comment here whose name begins with `query`; without one, those who spoke last."""
    key = name_key(query.strip()[:MAX_LENGTH])
    if not key:
        return _latest(discussion)
    people = _speaking(discussion).filter(name_key__startswith=key)
    return list(people.order_by("name")[:MOST_FOUND])


def mentioned_in(comment: Comment) -> list[int]:
    """The ids of those who take part and whom the text names, "@Name"; neither in code nor in what it quotes."""
    keys = {key for found in _MENTION.finditer(_CODE.sub(" ", comment.text)) for key in _names(found[1])}
    if not keys:
        return []
    there = _speaking(comment.discussion).filter(name_key__in=keys)
    ids = list(there.order_by("pk").values_list("pk", flat=True)[: MOST_MENTIONS + 1])
    return [pk for pk in ids if pk != comment.author_id] if len(ids) <= MOST_MENTIONS else []


def _speaking(discussion: Discussion) -> QuerySet[User]:
    said = Comment.objects.filter(author=OuterRef("pk"), discussion=discussion, state=Comment.State.PUBLISHED)
    return User.objects.filter(Exists(said), is_active=True)


def _latest(discussion: Discussion) -> list[User]:
    rows = Comment.objects.filter(discussion=discussion, state=Comment.State.PUBLISHED, order__isnull=False)
    ids = list(dict.fromkeys(rows.order_by("-order").values_list("author_id", flat=True)[:LATEST]))
    people = User.objects.filter(is_active=True).in_bulk([pk for pk in ids if pk is not None][:MOST_FOUND])
    return [people[pk] for pk in ids if pk in people]


def _names(text: str) -> Iterator[str]:
    """The keys of all names that `text` may begin with: "Anna Berg, wie" → Anna | Anna Berg."""
    words = text.split(" ")[:WORDS_A_NAME]
    for count in range(1, len(words) + 1):
        name = " ".join(words[:count])
        bare = re.sub(r"[^\w\u200c\u200d]+$", "", name)
        yield from (name_key(each) for each in {name, bare} if 0 < len(each) <= MAX_LENGTH)
