"""Decisions can be undone: they keep what the comment was before, and when they were undone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0030_runs'),
    ]

    operations = [
        migrations.AddField(
            model_name='decision',
            name='former',
            field=models.CharField(blank=True, choices=[('held', 'Waits for a moderator'), ('published', 'Published'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn by its author'), ('removed', 'Removed by a moderator'), ('erased', 'Erased with the account')], db_default='', default='', editable=False, max_length=9),
        ),
        migrations.AddField(
            model_name='decision',
            name='undone_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='undone at'),
        ),
    ]
