from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0002_worker")]

    operations = [
        migrations.RenameField("limit", "tat", "until"),
        migrations.AddField("limit", "hits", models.JSONField(default=list)),
    ]
