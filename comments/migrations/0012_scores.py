"""Imported comments were ranked by nobody: they get the place that their reactions give them."""

from typing import Any

from django.db import migrations

from comments.ranking import score

AT_ONCE = 500  # rows


def rank(apps: Any, _editor: Any) -> None:
    comments, tallies = apps.get_model("comments", "Comment"), apps.get_model("comments", "CommentTally")
    liked = tallies.objects.exclude(reactions={}).filter(is_out=False, comment__score=0).exclude(comment__source="")
    found = [
        comments(pk=pk, score=place)
        for pk, reactions in liked.values_list("pk", "reactions").iterator(AT_ONCE)
        if (place := score(reactions, is_out=False))
    ]
    comments.objects.bulk_update(found, ["score"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("comments", "0011_found")]

    operations = [migrations.RunPython(rank, migrations.RunPython.noop)]
