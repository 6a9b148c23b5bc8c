from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _ensure_epoch(sender: AppConfig, **_: Any) -> None:
    from newsroom.live.outbox import ensure_epoch

    ensure_epoch()


class LiveConfig(AppConfig):
    name = "newsroom.live"
    label = "live"

    def ready(self) -> None:
        post_migrate.connect(_ensure_epoch, sender=self)
