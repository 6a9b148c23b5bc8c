"""Makes the site's key for Web Push."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.notifications.webpush import new_key


class Command(BaseCommand):
    help = "Prints a new value of VAPID_PRIVATE_KEY. It is stored nowhere."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_key())
