"""The look of `/admin/`: title, colours, navigation, which environment this is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ICONS = {
    "article": "article",
    "photo": "photo_library",
    "section": "category",
    "ticker": "rss_feed",
    "tickeritem": "bolt",
    "user": "group",
    "sanction": "gavel",
    "legalpage": "policy",
    "apitoken": "key",
    "subscription": "notifications",
    "discussion": "forum",
    "comment": "chat_bubble",
    "decision": "balance",
}
# The site's red, from its base.css, in the steps that the admin's components ask for.
RED = {
    "50": "#fdf3f3",
    "100": "#f8e9e8",
    "200": "#f2cfd0",
    "300": "#e6a3a8",
    "400": "#d4636e",
    "500": "#bb3546",
    "600": "#9d1b2b",
    "700": "#7d0f1e",
    "800": "#690f1b",
    "900": "#581119",
    "950": "#31050a",
}


def unfold(name: str) -> dict[str, Any]:
    """The settings of django-unfold for a site of that name."""
    return {
        "SITE_TITLE": name,
        "SITE_HEADER": name,
        "SITE_SUBHEADER": _("Editors’ desk"),
        "SITE_SYMBOL": "newspaper",
        "SITE_FAVICONS": [
            {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("newsroom/icon.svg")}
        ],
        "SHOW_BACK_BUTTON": True,
        "SHOW_VIEW_ON_SITE": True,
        "SHOW_LANGUAGES": True,
        "LANGUAGES": {"action": reverse_lazy("language")},
        "BORDER_RADIUS": "4px",
        "COLORS": {"primary": RED},
        "ENVIRONMENT": "newsroom.backoffice.environment",
        "SCRIPTS": [lambda _request: static("newsroom/desk.js")],
        "SIDEBAR": {"show_search": True, "navigation": "newsroom.backoffice.navigation"},
    }


def environment(request: HttpRequest) -> list[str] | None:
    """A badge where this is not the real thing: [text, colour]."""
    if settings.DEMO:
        return [gettext("Demo"), "warning"]
    return [gettext("Debugging"), "danger"] if settings.DEBUG else None


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """By app, what this person may see, after the ways out."""
    from django.contrib import admin

    ways_out = [{"title": gettext("To the site"), "icon": "public", "link": "/"}]
    if getattr(request.user, "moderates", False):
        ways_out.append({"title": gettext("Moderation"), "icon": "shield_person", "link": "/moderation/"})
    groups: list[dict[str, Any]] = [{"items": ways_out}]
    for app in admin.site.get_app_list(request):
        items = [
            {
                "title": model["name"],
                "icon": ICONS.get(model["object_name"].lower(), "folder"),
                "link": model["admin_url"],
            }
            for model in app["models"]
            if model["admin_url"]
        ]
        if items:
            groups.append({"title": app["name"], "separator": True, "items": items})
    return groups
