from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate, pre_save
from django.utils.translation import gettext_lazy as _


class NewsroomConfig(AppConfig):
    name = "newsroom"

    def ready(self) -> None:
        from django.apps import apps

        from newsroom import checks  # noqa: F401  it registers itself
        from newsroom.database.sqlite3 import statistics
        from newsroom.monitoring import process, requests, stored

        if settings.SENTRY_DSN:
            from newsroom.monitoring import errors

            errors.start(settings.SENTRY_DSN)
        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            from newsroom.monitoring import tracing

            tracing.start()
        process.install()
        stored.install()
        pre_save.connect(requests.mark, sender="django_tasks_database.DBTaskResult")
        post_migrate.connect(statistics.renew, sender=self)
        tasks = apps.get_app_config("django_tasks_database")
        tasks.verbose_name = _("Tasks Database Backend")  # the library has it in English only
