"""People read what answers them in a feed reader."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0016_words_with_sanctions")]

    operations = [
        migrations.CreateModel(
            "FeedKey",
            [
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="feed_key",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("key", models.CharField(editable=False, max_length=43, unique=True)),
            ],
        ),
    ]
