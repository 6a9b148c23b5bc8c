"""Below `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from accounts import api

urlpatterns = [
    path("me/", api.MeView.as_view(), name="api-me"),
    path("me/avatar/", api.AvatarView.as_view(), name="api-avatar"),
    path("me/preferences/", api.PreferencesView.as_view(), name="api-preferences"),
    path("me/notifications/", api.NotificationsView.as_view(), name="api-notifications"),
    path("me/notifications/read/", api.NotificationsReadView.as_view(), name="api-notifications-read"),
    path("me/push/", api.PushView.as_view(), name="api-push"),
    path("subscriptions/<slug:kind>/<slug:pk>/", api.SubscriptionView.as_view(), name="api-subscription"),
    path("users/<int:pk>/sanctions/", api.SanctionsView.as_view(), name="api-sanctions"),
    path("users/<int:pk>/avatar/", api.PersonAvatarView.as_view(), name="api-person-avatar"),
    path("sanctions/<int:pk>/", api.SanctionView.as_view(), name="api-sanction"),
]
