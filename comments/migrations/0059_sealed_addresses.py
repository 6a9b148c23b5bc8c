"""Sealed e-mail addresses of imported authors."""

from django.db import migrations, models

from newsroom.database.columns import LineField


class Migration(migrations.Migration):
    dependencies = [("comments", "0058_imported_votes")]

    operations = [
        migrations.CreateModel(
            name="SealedAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=20)),
                ("author_key", LineField(max_length=100)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["digest"], name="sealed_address")],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "author_key"), name="one_address_an_imported_author")
                ],
            },
        ),
    ]
