"""Who takes part in a discussion, and whom a comment names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.names import MAX_LENGTH, name_key
from accounts.search import INDEX, people_with
from comments.models import Comment, Discussion
from newsroom.database.statements import among
from newsroom.search.asking import Match
from newsroom.search.index import patience

MOST_FOUND = 10
LATEST = 200  # comments whose authors are offered before a letter was typed
LATELY = 500  # comments whose authors are offered first
OTHERS = 200  # people with such names of whom it is asked whether they spoke here
MOST_MENTIONS = 10  # of one comment; a comment with more notifies nobody
WORDS_A_NAME = 4
_MENTION = re.compile(rf"(?<![\w@/.])@(\S[^@\n]{{0,{2 * MAX_LENGTH}}})")
_CODE = re.compile(r"```.*?```|`[^`\n]*`|^ {0,3}>[^\n]*", re.DOTALL | re.MULTILINE)


def participants(discussion: Discussion, query: str) -> list[User]:
    """People with a public comment here whose names have words that begin with those of `query`: first those who spoke
    lately, then others, each by name. Of the others only the OTHERS whose accounts are newest are looked at. Without a
    query, the latest authors. Raises TookTooLong.
    """
    if not query.strip():
        return _latest(discussion)
    question = INDEX.ask(query, beginnings=True)
    if question is None:
        return []
    with patience():
        if not question.is_met():  # mostly so, once a name is typed whole and the sentence goes on
            return []
        lately = _authors(discussion, LATELY)
        active = User.objects.filter(is_active=True).order_by("name", "pk")
        is_meant = question.holds_for('"accounts_user"."id"', Match.ANY)
        found = list(active.filter(is_meant, pk__in=among(lately))[:MOST_FOUND])
        if len(found) < MOST_FOUND and len(lately) == LATELY:
            others = people_with(question, OTHERS).difference(lately)
            found += (
                _speaking(discussion).filter(pk__in=among(others)).order_by("name", "pk")[: MOST_FOUND - len(found)]
            )
    return found


def mentioned_in(comment: Comment) -> list[int]:
    """The ids of participants whom the text names, "@Name"; not in code or quotations."""
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
    ids = list(dict.fromkeys(_authors(discussion, LATEST)))
    people = User.objects.filter(is_active=True).in_bulk([pk for pk in ids if pk][:MOST_FOUND])
    return [people[pk] for pk in ids if pk in people]


def _authors(discussion: Discussion, most: int) -> list[int]:
    """Of the latest comments, one for each; 0 for those whose author is gone."""
    rows = Comment.objects.filter(discussion=discussion, state=Comment.State.PUBLISHED, order__isnull=False)
    return [author or 0 for author in rows.order_by("-order").values_list("author_id", flat=True)[:most]]


def _names(text: str) -> Iterator[str]:
    """The keys of all names that `text` may begin with: "Anna Berg, wie" → Anna | Anna Berg."""
    words = text.split(" ")[:WORDS_A_NAME]
    for count in range(1, len(words) + 1):
        name = " ".join(words[:count])
        bare = re.sub(r"[^\w\u200c\u200d]+$", "", name)
        yield from (name_key(each) for each in {name, bare} if 0 < len(each) <= MAX_LENGTH)
