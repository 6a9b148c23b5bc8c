from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_hidden")]

    operations = [
        migrations.AddField(
            "user",
            "avatar",
            models.CharField(
                "picture", blank=True, db_default="", default="", editable=False, max_length=24
            ),
        ),
    ]
