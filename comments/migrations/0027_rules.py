"""Moderators make rules; what a rule has found is kept, and what is known of an author is counted."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_duties'),
        ('articles', '0011_pinned'),
        ('comments', '0026_titles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuthorTally',
            fields=[
                ('author', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('published', models.PositiveIntegerField(default=0)),
                ('linked', models.PositiveIntegerField(default=0)),
                ('rejected', models.PositiveIntegerField(default=0)),
                ('removed', models.PositiveIntegerField(default=0)),
                ('restored', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('settings', models.JSONField(default=dict, verbose_name='settings')),
                ('action', models.CharField(choices=[('flag', 'Flag'), ('censor', 'Replace the words'), ('hold', 'Hold'), ('refuse', 'Refuse')], max_length=6, verbose_name='action')),
                ('mode', models.CharField(choices=[('live', 'Live'), ('shadow', 'In shadow'), ('off', 'Off')], default='shadow', max_length=6, verbose_name='mode')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('changed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'verbose_name': 'rule',
                'verbose_name_plural': 'rules',
            },
        ),
        migrations.CreateModel(
            name='RuleBook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.UUIDField(default=uuid.uuid4)),
            ],
        ),
        migrations.CreateModel(
            name='RuleHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=20)),
                ('version', models.PositiveIntegerField(default=0)),
                ('outcome', models.CharField(choices=[('flag', 'Flag'), ('censor', 'Replace the words'), ('hold', 'Hold'), ('refuse', 'Refuse')], max_length=7)),
                ('spans', models.JSONField(default=list)),
                ('score', models.FloatField(default=1.0)),
                ('detail', models.CharField(blank=True, default='', max_length=200)),
                ('is_shadow', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AddField(
            model_name='rule',
            name='changed_by',
            field=models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rule',
            name='section',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='articles.section', verbose_name='section'),
        ),
        migrations.AddField(
            model_name='rulehit',
            name='comment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hits', to='comments.comment'),
        ),
        migrations.AddField(
            model_name='rulehit',
            name='decision',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='hits', to='comments.decision'),
        ),
        migrations.AddField(
            model_name='rulehit',
            name='revision',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='hits', to='comments.commentrevision'),
        ),
        migrations.AddField(
            model_name='rulehit',
            name='rule',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='hits', to='comments.rule'),
        ),
        migrations.AddIndex(
            model_name='rulehit',
            index=models.Index(fields=['rule', '-id'], name='hit_newest'),
        ),
    ]
