"""How far somebody has read a discussion: their devices begin there."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.access import acting
from accounts.models import User
from comments.models import Discussion

_KEEP = """
INSERT INTO comments_readmark (person_id, discussion_id, place)
SELECT %s, discussion_id, CASE WHEN last_order < %s THEN last_order ELSE %s END
FROM comments_discussiontally WHERE discussion_id = %s
ON CONFLICT (person_id, discussion_id) DO UPDATE SET place =
CASE WHEN excluded.place > comments_readmark.place THEN excluded.place ELSE comments_readmark.place END
RETURNING place
"""


@transaction.atomic
def mark_read(discussion: Discussion, *, reader: User, place: int) -> int:
    """Store that `reader` has read the comments up to this `order`. It never falls, and is at most the highest order
    given. Returns what is stored. Raises NotLoggedIn.
    """
    reader = acting(reader)
    with connection.cursor() as cursor:  # one statement, so that two devices cannot make it fall
        cursor.execute(_KEEP, [reader.pk, place, place, discussion.pk])
        found = cursor.fetchone()
    return int(found[0])
