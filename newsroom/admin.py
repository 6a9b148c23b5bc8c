"""The background tasks in the admin, with labels that the library's catalogue lacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from newsroom.desk.lists import ListAdmin

type AnyTask = DBTaskResult[..., Any]

admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class TaskAdmin(DBTaskResultAdmin, ListAdmin):  # type: ignore[misc]  # unfold has no types
    list_display = ("number", "name", "status", "enqueued_at", "started_at", "finished_at", "priority", "queue_name")

    @admin.display(description=_("task"))
    def name(self, task: AnyTask) -> str:
        return str(task.task_name)

    @admin.display(description=_("number"))
    def number(self, task: AnyTask) -> str:
        return str(task.pk)

    @admin.display(description=_("traceback"))
    def formatted_traceback(self, obj: AnyTask) -> str:
        return super().formatted_traceback(obj)

    @admin.display(description=_("run after"))
    def display_run_after(self, obj: AnyTask) -> datetime | str:
        return super().display_run_after(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: AnyTask | None = None) -> list[str]:
        found: list[str] = super().get_readonly_fields(request, obj)
        return ["number" if each == "id" else each for each in found]
