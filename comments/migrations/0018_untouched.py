"""`touched` told who kept threads that one had changed; nobody does any more.

The column stays: while this release takes over, processes of the one before still write it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comments", "0017_directions")]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("commenttally", "touched")]),
    ]
