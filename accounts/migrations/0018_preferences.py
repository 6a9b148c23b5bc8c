"""People choose how they are told of what."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0017_feed_keys")]

    operations = [
        migrations.CreateModel(
            "Preference",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("web", models.BooleanField(null=True)),
                ("mail", models.CharField(max_length=6, null=True)),
                ("push", models.BooleanField(null=True)),
            ],
            options={"constraints": [models.UniqueConstraint("user", "kind", name="preference_once")]},
        ),
    ]
