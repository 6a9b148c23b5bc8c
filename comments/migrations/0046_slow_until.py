"""Slow mode by hand can end by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0016_filters_of_articles'),
        ('comments', '0045_handed_over'),
    ]

    operations = [
        migrations.AddField(
            model_name='discussion',
            name='slow_mode_until',
            field=models.DateTimeField(blank=True, help_text='Then it ends by itself; empty: for good.', null=True, verbose_name='slow mode holds until'),
        ),
        migrations.AddIndex(
            model_name='discussion',
            index=models.Index(condition=models.Q(('slow_mode_until__isnull', False)), fields=['slow_mode_until'], name='discussion_slow_until'),
        ),
    ]
