from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.apps import AppConfig
from django.apps import apps as django_apps
from django.db.models.signals import post_migrate


def _ensure_epoch(sender: AppConfig, apps: Any = django_apps, **_: Any) -> None:
    """`flush` names no apps."""
    from newsroom.live.epoch import ensure_epoch
    from newsroom.live.models import Epoch

    with suppress(LookupError):  # migrated back
        if len(_columns(apps.get_model("live", "Epoch"))) == len(_columns(Epoch)):  # else migrated only in part
            ensure_epoch()


def _columns(model: Any) -> list[Any]:
    return list(model._meta.local_fields)  # noqa: SLF001  Django's own name for it


class LiveConfig(AppConfig):
    name = "newsroom.live"
    label = "live"

    def ready(self) -> None:
        post_migrate.connect(_ensure_epoch, sender=self)
