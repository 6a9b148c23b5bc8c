"""A day and its hours are those of the person's time zone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0019_shown_notifications")]

    operations = [
        migrations.AddField(
            "User",
            "time_zone",
            models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        )
    ]
