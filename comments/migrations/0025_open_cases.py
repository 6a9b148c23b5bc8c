"""Every comment that waits for a moderator has an open case, and the queue's numbers count it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import migrations
from django.db.models import Exists, F, OuterRef

from newsroom.database.batches import Batches

AT_ONCE = 1000  # rows read at once


def open_cases(apps: Any, _editor: Any) -> None:
    """Cut off, it goes on where it was. What the earlier release holds beside it gets its case when a process of this
    release starts: see `comments.actions.cases.catch_up`.
    """
    Comment, Case = apps.get_model("comments", "Comment"), apps.get_model("comments", "Case")
    Tally = apps.get_model("comments", "QueueTally")
    known = Case.objects.filter(comment=OuterRef("pk"), kind="held", closed_at=None)
    waiting = Comment.objects.filter(~Exists(known), state="held").order_by("pk")
    shape = ("pk", "discussion_id", "discussion__article__section_id", "author_id", "created_at")

    def write(rows: Sequence[tuple[Any, ...]]) -> None:
        locked = Comment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[row[0] for row in rows])
        still = {row.pk for row in locked.only("pk", "state") if row.state == "held"}
        found = [row for row in rows if row[0] in still]
        Case.objects.bulk_create(
            Case(
                kind="held",
                comment_id=pk,
                discussion_id=discussion,
                section_id=section,
                author_id=author,
                opened_at=at,
                is_tallied=True,
                tallied_section=section,
            )
            for pk, discussion, section, author, at in found
        )
        numbers = Counter(row[2] for row in found if row[2] is not None)
        for section, number in [(None, len(found)), *numbers.items()]:
            tally, _is_new = Tally.objects.get_or_create(section_id=section, kind="held")
            Tally.objects.filter(pk=tally.pk).update(count=F("count") + number)

    batches, last = Batches(), 0
    while some := list(waiting.filter(pk__gt=last).values_list(*shape)[:AT_ONCE]):
        batches.write(some, write)
        last = some[-1][0]


class Migration(migrations.Migration):
    atomic = False  # in many short transactions, beside writers

    dependencies = [("comments", "0024_cases")]

    operations = [migrations.RunPython(open_cases, migrations.RunPython.noop, elidable=True)]
