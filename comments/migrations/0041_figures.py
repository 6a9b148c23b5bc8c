"""Decisions are counted by day. `comments.folds.figures.catch_up` counts those of earlier releases."""

from typing import Any

from django.db import migrations, models

import newsroom.database.columns

ACTIONS = [
    *(("hold", "Hold"), ("approve", "Approve"), ("reject", "Reject"), ("remove", "Remove")),
    *(("restore", "Restore"), ("keep", "Keep"), ("reopen", "Reopen"), ("edit", "Edit")),
]
NEW = {
    "decision_uncounted": '"comments_decision" ("id") WHERE "tallied_wait" IS NULL AND "undone_at" IS NULL',
    "case_claimed": '"comments_case" ("claimed_until") WHERE "claimed_until" IS NOT NULL',
}


def make(apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(apps, editor)
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name, what in NEW.items():
        editor.execute(f'CREATE INDEX{how} "{name}" ON {what}')


def drop(_apps: Any, editor: Any) -> None:
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name in NEW:
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0040_warnings")]

    operations = [
        migrations.CreateModel(
            name="DayTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("section", models.BigIntegerField(default=0)),
                ("rule", newsroom.database.columns.LineField(blank=True, max_length=40)),
                ("moderator", models.BigIntegerField(default=0)),
                ("action", models.CharField(choices=ACTIONS, max_length=7)),
                ("wait", models.SmallIntegerField(default=-1)),
                ("count", models.IntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "section", "rule", "moderator", "action", "wait"), name="one_tally_a_day"
                    )
                ],
            },
        ),
        migrations.AddField("decision", "tallied_wait", models.SmallIntegerField(editable=False, null=True)),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex(
                    "decision",
                    models.Index(
                        fields=["id"],
                        condition=models.Q(tallied_wait=None, undone_at=None),
                        name="decision_uncounted",
                    ),
                ),
                migrations.AddIndex(
                    "case",
                    models.Index(
                        fields=["claimed_until"],
                        condition=models.Q(claimed_until__isnull=False),
                        name="case_claimed",
                    ),
                ),
            ],
        ),
    ]
