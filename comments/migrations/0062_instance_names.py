"""The name of an instance is checked by `comments.sources`, for the desk and the command."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0061_interrupted'),
    ]

    operations = [
        migrations.AlterField(
            model_name='commentimport',
            name='instance',
            field=models.CharField(blank=True, help_text='By it the next import knows what has come in. Empty: the host of the site.', max_length=60, verbose_name='name of the system there'),
        ),
    ]
