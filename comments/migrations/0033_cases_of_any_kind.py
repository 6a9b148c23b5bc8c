"""Cases of all kinds are listed in their orders by an index. The table is of this release, and small: locks are short."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("comments", "0032_learning")]

    operations = [
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['rank', 'id'], name='case_of_any_kind'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['id'], name='case_open'),
        ),
    ]
