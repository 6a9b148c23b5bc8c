"""Browsers to which notifications are pushed; each notification once."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("sessions", "0001_initial"), ("accounts", "0021_mailings")]

    operations = [
        migrations.AddField("Notification", "pushed_at", models.DateTimeField(editable=False, null=True)),
        migrations.CreateModel(
            "PushSubscription",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False, auto_created=True, verbose_name="ID")),
                ("endpoint", models.CharField(max_length=600, unique=True)),
                ("key", models.CharField(max_length=90)),
                ("secret", models.CharField(max_length=24)),
                ("wait_until", models.DateTimeField(editable=False, null=True)),
                ("waits_for", models.BigIntegerField(editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="sessions.session"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
