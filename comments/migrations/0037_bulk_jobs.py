"""Decisions about many comments, made in the background."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0036_person_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('cancelled', 'Cancelled'), ('undone', 'Undone')], default='running', max_length=9)),
                ('action', models.CharField(choices=[('hold', 'Hold'), ('approve', 'Approve'), ('reject', 'Reject'), ('remove', 'Remove'), ('restore', 'Restore'), ('keep', 'Keep'), ('reopen', 'Reopen'), ('edit', 'Edit')], max_length=7)),
                ('reason', models.CharField(blank=True, choices=[('spam', 'Spam or advertising'), ('insult', 'Insult'), ('hate', 'Hatred against people'), ('violence', 'Threat or glorification of violence'), ('illegal', 'Illegal content'), ('privacy', 'Private data of others'), ('misinformation', 'False claims of fact'), ('off_topic', 'Off topic'), ('language', 'Coarse language'), ('other', 'Something else')], default='', max_length=20)),
                ('text', models.TextField(blank=True, default='', max_length=1000)),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('count', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('why', models.JSONField(default=dict)),
                ('undone', models.PositiveIntegerField(default=0)),
                ('left', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('stepped_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('moderator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='bulk_jobs', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen', models.PositiveIntegerField()),
                ('outcome', models.CharField(blank=True, choices=[('done', 'Done'), ('refused', 'Refused'), ('undone', 'Undone'), ('left', 'Left')], default='', max_length=7)),
                ('comment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.comment')),
                ('decision', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bulk_item', to='comments.decision')),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='comments.bulkjob')),
            ],
        ),
        migrations.AddIndex(
            model_name='bulkjob',
            index=models.Index(condition=models.Q(('finished_at', None)), fields=['stepped_at'], name='bulk_at_work'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['job', 'id'], name='bulk_waiting'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(condition=models.Q(('outcome', 'done')), fields=['job', 'id'], name='bulk_done'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('job', 'comment'), name='a_comment_once_a_job'),
        ),
    ]
