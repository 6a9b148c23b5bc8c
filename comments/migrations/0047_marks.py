"""Moderators pin and feature comments."""

from django.db import migrations, models

ACTIONS = [
    *(("hold", "Hold"), ("approve", "Approve"), ("reject", "Reject"), ("remove", "Remove"), ("restore", "Restore")),
    *(("keep", "Keep"), ("reopen", "Reopen"), ("edit", "Edit"), ("pin", "Pin"), ("unpin", "Unpin")),
    *(("feature", "Feature"), ("unfeature", "No longer feature")),
]


class Migration(migrations.Migration):

    dependencies = [("comments", "0046_slow_until")]

    operations = [
        migrations.AddField("comment", "pinned_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("comment", "featured_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField(
            "decision", "action", models.CharField(choices=ACTIONS, max_length=9, verbose_name="action")
        ),
        migrations.AlterField("bulkjob", "action", models.CharField(choices=ACTIONS, max_length=9)),
        migrations.AlterField("daytally", "action", models.CharField(choices=ACTIONS, max_length=9)),
    ]
