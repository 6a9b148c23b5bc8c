"""The look of `/admin/`: title, colours, navigation, the environment's badge."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
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
    "auditentry": "history",
    "legalpage": "policy",
    "appearance": "palette",
    "apitoken": "key",
    "subscription": "notifications",
    "discussion": "forum",
    "comment": "chat_bubble",
    "commentimport": "input",
    "decision": "balance",
}
# The site's red from base.css, in the shades that the admin's components use.
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


def unfold() -> dict[str, Any]:
    """The settings of django-unfold."""
    return {
        "SITE_TITLE": _name,
        "SITE_HEADER": _name,
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
        "ENVIRONMENT": "newsroom.desk.theme.environment",
        "GLOBAL_CALLBACK": "newsroom.desk.theme.context",
        "STYLES": [lambda _request: static("newsroom/desk.css")],
        "SCRIPTS": [
            lambda _request: static("newsroom/desk.js"),
            lambda _request: static("newsroom/desk-names.js"),
        ],
        "SIDEBAR": {"show_search": True, "navigation": "newsroom.desk.theme.navigation"},
    }


def _name(_request: HttpRequest) -> str:
    from newsroom.face.present import site_name  # settings import this module, before there are models

    return site_name()


def environment(request: HttpRequest) -> list[str] | None:
    """A badge for every environment but production: [text, colour]."""
    if settings.DEMO:
        return [gettext("Demo"), "warning"]
    return [gettext("Debugging"), "danger"] if settings.DEBUG else None


def context(request: HttpRequest) -> dict[str, str]:
    """What unfold's menus lack: the page to return to after choosing a language."""
    return {"redirect_to": request.get_full_path()}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sections by app that this person may see, after links to the site and to the comments that wait for a
    decision.
    """
    from django.contrib import admin

    first = [_way(gettext("To the site"), "public", "/")]
    if request.user.has_perm("comments.change_comment"):
        held = reverse("admin:comments_comment_changelist") + "?state__exact=held"
        first.append(_way(gettext("Waiting for a decision"), "shield_person", held))
    groups: list[dict[str, Any]] = [{"items": first}]
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


def _way(title: str, icon: str, link: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": link, "active": False}
