"""A decision says what it rests on, and carries words to the author."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0033_cases_of_any_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='decision',
            name='ground',
            field=models.CharField(blank=True, choices=[('terms', 'The terms of this site'), ('law', 'The law')], db_default='', default='', max_length=5, verbose_name='ground'),
        ),
        migrations.AddField(
            model_name='decision',
            name='norm',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='paragraph'),
        ),
        migrations.AddField(
            model_name='decision',
            name='text',
            field=models.TextField(blank=True, db_default='', default='', max_length=1000, verbose_name='words to the author'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='action',
            field=models.CharField(choices=[('hold', 'Hold'), ('approve', 'Approve'), ('reject', 'Reject'), ('remove', 'Remove'), ('restore', 'Restore'), ('keep', 'Keep'), ('reopen', 'Reopen')], max_length=7, verbose_name='action'),
        ),
    ]
