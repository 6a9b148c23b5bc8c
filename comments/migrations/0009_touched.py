from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0008_replies")]

    operations = [
        migrations.AddField("commenttally", "touched", models.BigIntegerField(default=0, db_default=0)),
    ]
