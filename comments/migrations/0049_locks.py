"""Moderators close the replies to a comment."""

from django.db import migrations, models

ACTIONS = [
    *(("hold", "Hold"), ("approve", "Approve"), ("reject", "Reject"), ("remove", "Remove"), ("restore", "Restore")),
    *(("keep", "Keep"), ("reopen", "Reopen"), ("edit", "Edit"), ("pin", "Pin"), ("unpin", "Unpin")),
    *(("feature", "Feature"), ("unfeature", "No longer feature")),
    *(("lock", "Close the replies"), ("unlock", "Open the replies")),
]


class Migration(migrations.Migration):

    dependencies = [("comments", "0048_pinned")]

    operations = [
        migrations.AddField("comment", "locked_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField(
            "decision", "action", models.CharField(choices=ACTIONS, max_length=9, verbose_name="action")
        ),
        migrations.AlterField("bulkjob", "action", models.CharField(choices=ACTIONS, max_length=9)),
        migrations.AlterField("daytally", "action", models.CharField(choices=ACTIONS, max_length=9)),
    ]
