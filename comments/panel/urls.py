from __future__ import annotations

from django.urls import path

from comments.panel import views

urlpatterns = [
    path("moderation/", views.board, name="moderation"),
    path("moderation/queue/", views.queue, name="moderation-queue-page"),
    path("moderation/cases/<int:pk>/", views.case, name="moderation-case-page"),
]
