"""Cases, what readers report, and how many wait. The tables are new: no statement of the earlier release touches them."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_addresses'),
        ('articles', '0011_pinned'),
        ('comments', '0023_merged'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReporterTally',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reporter_tally', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('made', models.PositiveIntegerField(default=0)),
                ('upheld', models.PositiveIntegerField(default=0)),
                ('dismissed', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AlterField(
            model_name='decision',
            name='action',
            field=models.CharField(choices=[('hold', 'Hold'), ('approve', 'Approve'), ('reject', 'Reject'), ('remove', 'Remove'), ('restore', 'Restore'), ('keep', 'Keep')], max_length=7, verbose_name='action'),
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('held', 'Held'), ('reported', 'Reported'), ('appeals', 'Appeals'), ('notices', 'Notices')], max_length=10, verbose_name='kind')),
                ('rank', models.IntegerField(default=0)),
                ('reports', models.PositiveIntegerField(default=0)),
                ('reasons', models.JSONField(default=dict)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('is_tallied', models.BooleanField(default=False, editable=False)),
                ('tallied_section', models.BigIntegerField(editable=False, null=True)),
                ('author', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('claimed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='comments.comment', verbose_name='comment')),
                ('decision', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='comments.decision')),
                ('discussion', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='comments.discussion')),
                ('section', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='articles.section')),
            ],
            options={
                'verbose_name': 'case',
                'verbose_name_plural': 'cases',
            },
        ),
        migrations.CreateModel(
            name='QueueTally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('held', 'Held'), ('reported', 'Reported'), ('appeals', 'Appeals'), ('notices', 'Notices')], max_length=10)),
                ('count', models.IntegerField(default=0)),
                ('section', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.section')),
            ],
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('spam', 'Spam or advertising'), ('insult', 'Insult'), ('hate', 'Hatred against people'), ('violence', 'Threat or glorification of violence'), ('illegal', 'Illegal content'), ('privacy', 'Private data of others'), ('misinformation', 'False claims of fact'), ('off_topic', 'Off topic'), ('language', 'Coarse language'), ('other', 'Something else')], max_length=20, verbose_name='reason')),
                ('text', models.TextField(blank=True, default='', max_length=1000, verbose_name='text')),
                ('version', models.PositiveIntegerField()),
                ('outcome', models.CharField(blank=True, choices=[('upheld', 'Upheld'), ('dismissed', 'Not upheld'), ('gone', 'Withdrawn by its author')], default='', max_length=10, verbose_name='outcome')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reported', to='comments.case')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='comments.comment')),
                ('reporter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='reports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
            },
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['kind', 'rank', 'id'], name='case_kind'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['section', 'kind', 'rank', 'id'], name='case_section'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['author'], name='case_author'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['discussion'], name='case_discussion'),
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['kind', 'id'], name='case_age'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('comment', 'kind'), name='one_open_case'),
        ),
        migrations.AddConstraint(
            model_name='queuetally',
            constraint=models.UniqueConstraint(fields=('section', 'kind'), name='one_tally_a_section'),
        ),
        migrations.AddConstraint(
            model_name='queuetally',
            constraint=models.UniqueConstraint(condition=models.Q(('section', None)), fields=('kind',), name='one_tally_of_all'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('case__isnull', False)), fields=['case', '-id'], name='report_newest'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(condition=models.Q(('reporter__isnull', False)), fields=('comment', 'reporter'), name='one_report_a_person'),
        ),
    ]
