from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from newsroom.live.api import AsyncApiView, EventsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("asyncapi/", AsyncApiView.as_view(), name="asyncapi"),
    path("streams/<str:stream>/events/", EventsView.as_view(), name="stream-events"),
]
