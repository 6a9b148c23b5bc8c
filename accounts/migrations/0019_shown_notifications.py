"""What a person wants by mail or push alone is no notification of the site."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0018_preferences")]

    operations = [
        migrations.AddField(
            "Notification", "on_site", models.BooleanField(db_default=True, default=True, editable=False)
        )
    ]
