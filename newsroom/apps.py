from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NewsroomConfig(AppConfig):
    name = "newsroom"

    def ready(self) -> None:
        from django.apps import apps

        from newsroom import checks  # noqa: F401  it registers itself

        tasks = apps.get_app_config("django_tasks_database")
        tasks.verbose_name = _("Tasks Database Backend")  # English alone there
