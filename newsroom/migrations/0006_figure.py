from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0005_appearance")]

    operations = [
        migrations.CreateModel(
            name="Figure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("family", models.CharField(max_length=64)),
                ("label", models.CharField(max_length=32)),
                ("value", models.BigIntegerField(default=0)),
            ],
            options={"db_table": "newsroom_figure"},
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.UniqueConstraint(fields=("family", "label"), name="one_figure"),
        ),
    ]
