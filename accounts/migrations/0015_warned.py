"""Since when a warning waits for a person."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_filters_of_people'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='warned_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
