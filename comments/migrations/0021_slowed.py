"""Each serving process asks every second which discussions are in slow mode."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0020_hidden")]

    operations = [
        migrations.AddIndex(
            model_name="discussion",
            index=models.Index(
                condition=models.Q(("rate_slow_seconds__gt", 0)), fields=["id"], name="discussion_slowed"
            ),
        ),
    ]
