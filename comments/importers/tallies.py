"""Raises the counts of discussions and comments for many comments that an import writes at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any

import msgspec

from comments.models import ImportedVotes
from newsroom.database.statements import is_postgresql, planned_cursor, stored_time, unnested

type Row = dict[str, Any]  # of a comment, by attribute name

_RAISE = """INSERT INTO comments_commenttally (comment_id, reply_count, is_out, reactions, rounds)
SELECT {pk}, {n}, {out}, {counts}, 0 FROM {new} WHERE true
ON CONFLICT (comment_id) DO UPDATE SET reply_count = comments_commenttally.reply_count + excluded.reply_count"""
_COUNT = """UPDATE comments_discussiontally SET comment_count = comment_count + %s, version = version + 1,
last_order = CASE WHEN last_order < %s THEN %s ELSE last_order END WHERE discussion_id = %s"""
_LAST = """UPDATE comments_discussiontally SET last_comment_id = %s, last_activity = %s WHERE discussion_id = %s
AND NOT EXISTS (SELECT 1 FROM comments_comment AS later WHERE later.id = last_comment_id AND later."order" >= %s)"""


def count(discussion_id: int, placed: Sequence[Row], published: Sequence[Row]) -> None:
    """Raise the discussion's tally, under the stream's lock."""
    order = max(row["order"] for row in placed)
    last = max(published, key=itemgetter("order"), default=None)
    with planned_cursor() as cursor:
        cursor.execute(_COUNT, [len(published), order, order, discussion_id])
        if last:
            at = stored_time(last["created_at"])
            cursor.execute(_LAST, [last["id"], at, discussion_id, last["order"]])


def answers(published: Sequence[Row]) -> Counter[int]:
    return Counter(pk for row in published for pk in {row["parent_id"], row["root_id"]} if pk is not None)


def keep_votes(votes: Mapping[int, Mapping[str, int]]) -> None:
    """Keep the votes of these new comments that nobody is named for, so that the fold adds them when it counts."""
    ImportedVotes.objects.bulk_create(
        ImportedVotes(comment_id=pk, counts={name: n for name, n in sorted(counts.items()) if n})
        for pk, counts in votes.items()
        if any(counts.values())
    )


def raise_each(replies: Counter[int], reactions: Mapping[int, dict[str, int]], out: AbstractSet[int]) -> None:
    """Raise the comments' tallies. Comments with reactions, and those that are out, are new and have no tally yet."""
    rows = [
        (pk, replies[pk], pk in out, msgspec.json.encode(reactions.get(pk, {})).decode())
        for pk in sorted(replies.keys() | reactions.keys() | out)
    ]
    if not rows:
        return
    if is_postgresql():
        kinds = ", ".join(map(unnested, ("bigint", "integer", "boolean", "text")))
        new = f"ROWS FROM ({kinds}) AS new (pk, n, is_out, counts)"
        pk, number, is_out, counts = "pk", "n", "is_out", "counts::jsonb"
        values: list[Any] = [list(column) for column in zip(*rows, strict=True)]
    else:
        new, values = "json_each(%s) AS new", [msgspec.json.encode(rows).decode()]
        pk, number, is_out, counts = (f"json_extract(new.value, '$[{place}]')" for place in range(4))
    with planned_cursor() as cursor:
        cursor.execute(_RAISE.format(pk=pk, n=number, out=is_out, counts=counts, new=new), values)
