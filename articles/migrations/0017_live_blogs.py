"""A live blog has a summary and a state: its first item begins it, editors end it."""

from typing import Any

import django.core.validators
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

import newsroom.database.columns


def begin(apps: Any, _editor: Any) -> None:
    items = apps.get_model("articles", "TickerItem").objects.filter(ticker=OuterRef("pk"), number=1)
    apps.get_model("articles", "Ticker").objects.update(began_at=Subquery(items.values("published_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("articles", "0016_filters_of_articles")]

    operations = [
        migrations.AddField(
            "ticker", "began_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddField(
            "ticker",
            "ended_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="over since"),
        ),
        migrations.AddField(
            "ticker",
            "summary",
            newsroom.database.columns.ProseField(
                blank=True,
                db_default="",
                default="",
                help_text="Markdown. What has happened so far: on top of a live blog.",
                validators=[django.core.validators.MaxLengthValidator(5000)],
                verbose_name="summary",
            ),
        ),
        migrations.AddField(
            "ticker", "summary_html", models.TextField(blank=True, db_default="", default="", editable=False)
        ),
        migrations.AddField("ticker", "version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
