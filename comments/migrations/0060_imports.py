"""Imports of comments from the desk, with their files."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("comments", "0059_sealed_addresses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CommentImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('reading', 'Being looked through'), ('read', 'Waits for you'), ('writing', 'Coming in'), ('done', 'Done'), ('failed', 'Refused')], default='reading', max_length=7, verbose_name='state')),
                ('format', models.CharField(choices=[('artalk', 'Artalk'), ('comentario', 'Comentario'), ('commento', 'Commento'), ('coral', 'Coral'), ('discourse', 'Discourse'), ('disqus', 'Disqus'), ('isso', 'Isso'), ('newsroom', 'Newsroom'), ('remark42', 'Remark42'), ('waline', 'Waline, Valine'), ('wordpress', 'WordPress')], max_length=20, verbose_name='system')),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('size', models.PositiveBigIntegerField(verbose_name='bytes')),
                ('sites', models.TextField(blank=True, help_text="One a line, the usual first. Pages on other hosts stay out. Empty: ours, and what the file calls its own.", max_length=1000, verbose_name='addresses of the site')),
                ('instance', models.CharField(blank=True, help_text="By it the next import knows what has come in. Empty: the host of the site.", max_length=60, validators=[django.core.validators.RegexValidator('\\A[\\w./-]*\\Z', 'Letters, digits and the signs . _ - / are allowed.')], verbose_name='name of the system there')),
                ('zone', models.CharField(blank=True, help_text='Such as Europe/Berlin. Empty: UTC.', max_length=40, verbose_name='time zone of times without one')),
                ('report', models.JSONField(default=dict)),
                ('error', models.TextField(blank=True, max_length=1000)),
                ('share', models.PositiveSmallIntegerField(default=0)),
                ('records', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'import of comments',
                'verbose_name_plural': 'imports of comments',
            },
        ),
        migrations.CreateModel(
            name='ImportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.BinaryField()),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='comments.commentimport')),
            ],
        ),
    ]
