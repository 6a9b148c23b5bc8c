"""Words to authors are kept ready."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0041_figures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CannedText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('spam', 'Spam or advertising'), ('insult', 'Insult'), ('hate', 'Hatred against people'), ('violence', 'Threat or glorification of violence'), ('illegal', 'Illegal content'), ('privacy', 'Private data of others'), ('misinformation', 'False claims of fact'), ('off_topic', 'Off topic'), ('language', 'Coarse language'), ('other', 'Something else')], max_length=20, verbose_name='reason')),
                ('language', models.CharField(choices=[('de', 'German'), ('en', 'English'), ('ru', 'Russian')], max_length=2, verbose_name='language')),
                ('text', models.TextField(max_length=1000, verbose_name='words to the author')),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='changed')),
                ('changed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'text that is kept ready',
                'verbose_name_plural': 'texts that are kept ready',
                'indexes': [models.Index(fields=['language', 'reason', 'id'], name='text_for')],
            },
        ),
    ]
