"""Some decisions are judged once more, by somebody who does not know what was decided."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0016_filters_of_articles'),
        ('comments', '0042_canned_texts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SecondLook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(blank=True, max_length=40)),
                ('opens_at', models.DateTimeField()),
                ('verdict', models.CharField(blank=True, choices=[('stand', 'Let it stand'), ('down', 'Take it down')], max_length=5)),
                ('reason', models.CharField(blank=True, choices=[('spam', 'Spam or advertising'), ('insult', 'Insult'), ('hate', 'Hatred against people'), ('violence', 'Threat or glorification of violence'), ('illegal', 'Illegal content'), ('privacy', 'Private data of others'), ('misinformation', 'False claims of fact'), ('off_topic', 'Off topic'), ('language', 'Coarse language'), ('other', 'Something else')], max_length=20)),
                ('judged_at', models.DateTimeField(null=True)),
                ('agrees', models.BooleanField(null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='second_look', to='comments.decision')),
                ('moderator', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('section', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='articles.section')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('judged_at', None)), fields=['opens_at', 'id'], name='look_open'), models.Index(condition=models.Q(('judged_at__isnull', False)), fields=['judged_at', 'id'], name='look_judged')],
            },
        ),
    ]
