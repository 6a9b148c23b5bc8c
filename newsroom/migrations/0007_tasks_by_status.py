from django.db import migrations


class Migration(migrations.Migration):
    """Running and failed tasks are looked for every few seconds, among all that have ended within two days."""

    dependencies = [
        ("newsroom", "0006_figure"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS newsroom_tasks_by_status ON django_tasks_database_dbtaskresult (status)",
            "DROP INDEX IF EXISTS newsroom_tasks_by_status",
        ),
    ]
