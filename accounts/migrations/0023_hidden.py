from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_push")]

    operations = [
        migrations.AddField(
            "user", "is_hidden", models.BooleanField(db_default=False, default=False, editable=False)
        ),
    ]
