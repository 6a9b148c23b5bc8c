"""Warnings that are to be acknowledged."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0016_filters_of_articles'),
        ('comments', '0039_refused_texts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FormalWarning',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('spam', 'Spam or advertising'), ('insult', 'Insult'), ('hate', 'Hatred against people'), ('violence', 'Threat or glorification of violence'), ('illegal', 'Illegal content'), ('privacy', 'Private data of others'), ('misinformation', 'False claims of fact'), ('off_topic', 'Off topic'), ('language', 'Coarse language'), ('other', 'Something else')], max_length=20, verbose_name='reason')),
                ('text', models.TextField(blank=True, default='', max_length=1000, verbose_name='words to the person')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='time')),
                ('acknowledged_at', models.DateTimeField(editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='warnings', to='comments.decision')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='moderator')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ('section', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='articles.section')),
            ],
            options={
                'verbose_name': 'warning',
                'verbose_name_plural': 'warnings',
                'indexes': [models.Index(fields=['person', '-id'], name='warning_of'), models.Index(condition=models.Q(('acknowledged_at', None), ('withdrawn_at', None)), fields=['person', 'id'], name='warning_waits')],
            },
        ),
    ]
