"""A sanction may hold in one section only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_deeds")]

    operations = [
        migrations.AddField(
            "sanction", "section", models.IntegerField(blank=True, null=True, verbose_name="section")
        ),
    ]
