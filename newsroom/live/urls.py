from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from newsroom.live.api import EventsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("streams/<str:stream>/events/", EventsView.as_view(), name="stream-events"),
]
