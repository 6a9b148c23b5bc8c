from __future__ import annotations

from collections.abc import Iterable

from allauth import urls as allauth
from allauth.account.views import LogoutView
from allauth.headless import urls as headless
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from accounts import views
from accounts.login import views as login
from accounts.login.headless import knowing
from accounts.notifications.views import preferences, resume_mails, unsubscribe


def _unkept(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """These patterns, whose pages no browser keeps: they show addresses, an authenticator's secret, recovery codes."""
    return [
        URLResolver(each.pattern, _unkept(each.url_patterns), each.default_kwargs, each.app_name, each.namespace)
        if isinstance(each, URLResolver)
        else URLPattern(each.pattern, never_cache(each.callback), each.default_args, each.name)
        for each in patterns
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/profile/", views.profile, name="profile"),
    path("accounts/profile/keys/", views.create_token, name="token-create"),
    path("accounts/profile/keys/<int:token_id>/revoke/", views.revoke_token, name="token-revoke"),
    path("accounts/profile/avatar/", views.turn_avatar, name="avatar"),
    path("accounts/profile/feed/", views.turn_feed, name="feed-turn"),
    path("accounts/sessions/", views.sessions, name="usersessions_list"),
    path("accounts/notifications/preferences/", preferences, name="preferences"),
    path("accounts/notifications/mails/", resume_mails, name="mails-resume"),
    path("unsubscribe/<str:token>/", unsubscribe, name="mail-unsubscribe"),
    path("accounts/profile/subscriptions/<int:subscription_id>/end/", views.unsubscribe, name="unsubscribe"),
    path("accounts/confirm-email/", login.verification_sent, name="account_email_verification_sent"),
    path("accounts/confirm-email/state/", login.verification_state, name="verification-state"),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", login.ConfirmEmail.as_view(), name="account_confirm_email"),
    path("accounts/logout/", never_cache(login.forgetting(LogoutView.as_view())), name="account_logout"),
    path("accounts/", include(_unkept(allauth.urlpatterns))),
    path("_allauth/", include((knowing(headless.urlpatterns), headless.app_name))),
    path("admin/login/", login.admin_login),
    path("admin/logout/", never_cache(login.forgetting(admin.site.logout))),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("imprint/", views.legal_page, {"slug": "imprint"}, name="imprint"),
    path("privacy/", views.legal_page, {"slug": "privacy"}, name="privacy"),
    path("terms/", views.legal_page, {"slug": "terms"}, name="terms"),
]
