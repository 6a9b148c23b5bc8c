"""What authors have said so far is counted once; from now on the folds count."""

from collections.abc import Sequence
from typing import Any

from django.db import migrations
from django.db.models import Count, Q

from newsroom.database.batches import Batches

AT_ONCE = 500  # people
LINKED = Q(text__contains="://") | Q(text__contains="www.")


def count(apps: Any, _editor: Any) -> None:
    """Cut off, it begins anew. What is said meanwhile may be missing: a rule then takes an author for a little newer."""
    Comment, Tally = apps.get_model("comments", "Comment"), apps.get_model("comments", "AuthorTally")
    people = apps.get_model("accounts", "User").objects.order_by("pk")
    public = Q(published_at__isnull=False)

    def write(ids: Sequence[int]) -> None:
        rows = (
            Comment.objects.filter(author__in=ids)
            .order_by()
            .values("author")
            .annotate(
                published=Count("pk", filter=public),
                linked=Count("pk", filter=public & LINKED),
                rejected=Count("pk", filter=Q(state="rejected")),
                removed=Count("pk", filter=Q(state="removed")),
            )
        )
        found = [Tally(author_id=row.pop("author"), **row) for row in rows]
        columns = ["published", "linked", "rejected", "removed"]
        Tally.objects.bulk_create(found, update_conflicts=True, unique_fields=["author"], update_fields=columns)

    batches, last = Batches(), 0
    while some := list(people.filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        batches.write(some, write)
        last = some[-1]


class Migration(migrations.Migration):
    atomic = False  # in many short transactions, beside writers

    dependencies = [("comments", "0028_fingerprints")]

    operations = [migrations.RunPython(count, migrations.RunPython.noop, elidable=True)]
