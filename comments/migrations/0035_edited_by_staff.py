"""Moderators can change the text of a comment."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0034_reasons'),
    ]

    operations = [
        migrations.AlterField(
            model_name='decision',
            name='action',
            field=models.CharField(choices=[('hold', 'Hold'), ('approve', 'Approve'), ('reject', 'Reject'), ('remove', 'Remove'), ('restore', 'Restore'), ('keep', 'Keep'), ('reopen', 'Reopen'), ('edit', 'Edit')], max_length=7, verbose_name='action'),
        ),
    ]
