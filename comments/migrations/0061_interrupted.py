"""Imports and runs of rules whose task is given up."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0060_imports'),
    ]

    operations = [
        migrations.AlterField(
            model_name='commentimport',
            name='state',
            field=models.CharField(choices=[('reading', 'Being looked through'), ('read', 'Waits for you'), ('writing', 'Coming in'), ('done', 'Done'), ('failed', 'Refused'), ('stopped', 'Interrupted')], default='reading', max_length=7, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='rulerun',
            name='state',
            field=models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('stopped', 'Interrupted')], default='running', max_length=9),
        ),
    ]
