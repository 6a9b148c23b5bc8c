from __future__ import annotations

from django.urls import path

from comments.panel import queue

urlpatterns = [
    path("moderation/", queue.board, name="moderation"),
    path("moderation/queue/", queue.queue, name="moderation-queue-page"),
    path("moderation/cases/<int:pk>/", queue.case, name="moderation-case-page"),
]
