"""What the folds count for authors: comments that became public, and what moderators made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import F

from comments.models import AuthorTally, Comment, Decision
from newsroom.database.statements import planned_cursor
from newsroom.live.registry import Row

COUNTED = ("published", "linked", "rejected", "removed", "restored")
_OF_ACTION = {"reject": "rejected", "remove": "removed", "restore": "restored"}
_ADD = """
INSERT INTO comments_authortally AS old (author_id, {columns}) VALUES (%s, {marks})
ON CONFLICT (author_id) DO UPDATE SET {sums}""".format(
    columns=", ".join(COUNTED),
    marks=", ".join(["%s"] * len(COUNTED)),
    sums=", ".join(f"{name} = old.{name} + excluded.{name}" for name in COUNTED),
)


def count_published(comments: Iterable[Comment]) -> None:
    """Count comments that became public just now, in one statement for one author."""
    _add(_by_author(comments))


def forget_published(comment: Comment) -> None:
    """Count a comment no more that is as if it had never been public."""
    _subtract(_by_author([comment]))


def _by_author(comments: Iterable[Comment]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for comment in comments:
        if comment.author_id is not None:
            linked = "://" in comment.text or "www." in comment.text
            found.setdefault(comment.author_id, Counter()).update({"published": 1, "linked": int(linked)})
    return found


def count_decisions(rows: Iterable[Row]) -> None:
    """Count the decisions that these events tell of, and no more those that were undone. Give the events of one
    stream, so that each comes once.
    """
    rows = list(rows)
    _add(_decided(rows, "decision.made"))
    _subtract(_decided(rows, "decision.undone"))


def _decided(rows: Iterable[Row], kind: str) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    ids = [int(row.subject.partition(".")[2]) for row in rows if row.kind == kind]
    decided = Decision.objects.filter(pk__in=ids, action__in=_OF_ACTION, comment__author__isnull=False)
    for action, author in decided.values_list("action", "comment__author") if ids else ():
        found.setdefault(author, Counter())[_OF_ACTION[action]] += 1
    return found


def _add(found: dict[int, Counter[str]]) -> None:
    """In the order of authors: folds of several streams may count the same ones at once."""
    if found:
        rows = [[author, *(found[author][name] for name in COUNTED)] for author in sorted(found)]
        with planned_cursor() as cursor:
            for row in rows:
                cursor.execute(_ADD, row)


def _subtract(found: dict[int, Counter[str]]) -> None:
    """In the same order. What was counted has a row."""
    for author in sorted(found):
        less = {name: F(name) - number for name, number in found[author].items()}
        AuthorTally.objects.filter(pk=author).update(**less)
