"""Moderators write to the person whom they restrict."""

from django.db import migrations

import newsroom.database.columns


class Migration(migrations.Migration):

    dependencies = [("accounts", "0015_warned")]

    operations = [
        migrations.AddField(
            "sanction",
            "text",
            newsroom.database.columns.ProseField(
                blank=True, db_default="", default="", max_length=1000, verbose_name="words to the person"
            ),
        ),
    ]
