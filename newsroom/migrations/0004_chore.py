from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("newsroom", "0003_limit_log")]

    operations = [
        migrations.CreateModel(
            name="Chore",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("begun_at", models.DateTimeField()),
            ],
            options={"db_table": "newsroom_chore"},
        ),
    ]
