"""What the bell in the header of each page shows of a person, from the statement that loads them."""

from __future__ import annotations

from django.db.models import BigIntegerField, CharField, Expression, IntegerField, OuterRef, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat

from newsroom.live.outbox import at_position

MOST_COUNTED = 100  # the header says "99+"
_NEWEST = "(SELECT coalesce(max(told.id), 0) FROM accounts_notification AS told WHERE told.user_id = accounts_user.id)"
_UNREAD = """(SELECT count(*) FROM (
SELECT 1 FROM accounts_notification AS told WHERE told.user_id = accounts_user.id AND told.read_at IS NULL
AND told.on_site LIMIT %s) AS counted)"""


def with_bell() -> dict[str, Expression]:
    """Annotations of people: `unread`, notifications up to MOST_COUNTED; `newest`, the id of the newest one or 0; and
    the position of their own stream, see `at_position`.

    In SQL, since Django cannot count the rows of a slice in a subquery.
    """
    stream = Concat(Value("user."), Cast(OuterRef("pk"), CharField()))
    return {
        "unread": RawSQL(_UNREAD, (MOST_COUNTED,), IntegerField()),  # noqa: S611  nothing of a request is in it
        "newest": RawSQL(_NEWEST, (), BigIntegerField()),  # noqa: S611
        **at_position(stream),
    }
