"""Votes of imported comments, which name no voters."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0057_beside")]

    operations = [
        migrations.CreateModel(
            name="ImportedVotes",
            fields=[
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="imported_votes",
                        serialize=False,
                        to="comments.comment",
                    ),
                ),
                ("counts", models.JSONField()),
            ],
        ),
    ]
