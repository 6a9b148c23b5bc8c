"""Decisions note where the comment stood, and are listed from the newest by every filter of the log.

Those of earlier releases are noted by `comments.actions.upkeep.place_decisions`.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

AT_ONE_TIME = '"created_at", "id"'
NEW = {
    "decision_when": f"({AT_ONE_TIME})",
    "decision_section": f'("section_id", {AT_ONE_TIME})',
    "decision_where": f'("discussion_id", {AT_ONE_TIME})',
    "decision_by": f'("moderator_id", {AT_ONE_TIME})',
    "decision_action": f'("action", {AT_ONE_TIME})',
    "decision_reason": f'("reason", {AT_ONE_TIME})',
    "decision_rule": f'("rule", {AT_ONE_TIME})',
    "decision_unplaced": '("id") WHERE "discussion_id" IS NULL',
}
BY_TIME = ["created_at", "id"]


def make(apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(apps, editor)
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name, what in NEW.items():
        editor.execute(f'CREATE INDEX{how} "{name}" ON "comments_decision" {what}')


def drop(_apps: Any, editor: Any) -> None:
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name in NEW:
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')


def of(name: str, *first: str) -> migrations.AddIndex:
    return migrations.AddIndex("decision", models.Index(fields=[*first, *BY_TIME], name=name))


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0001_initial"), ("comments", "0037_bulk_jobs")]

    operations = [
        migrations.AddField(
            "decision",
            "discussion",
            models.ForeignKey(
                to="comments.discussion",
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                editable=False,
            ),
        ),
        migrations.AddField(
            "decision",
            "section",
            models.ForeignKey(
                to="articles.section",
                on_delete=django.db.models.deletion.SET_NULL,
                null=True,
                related_name="+",
                db_index=False,
                editable=False,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                of("decision_when"),
                of("decision_section", "section"),
                of("decision_where", "discussion"),
                of("decision_by", "moderator"),
                of("decision_action", "action"),
                of("decision_reason", "reason"),
                of("decision_rule", "rule"),
                migrations.AddIndex(
                    "decision",
                    models.Index(fields=["id"], condition=models.Q(discussion=None), name="decision_unplaced"),
                ),
            ],
        ),
    ]
