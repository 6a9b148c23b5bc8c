"""The look of `/admin/`: title, colours, navigation, which environment this is."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

# What the admin's theme says in English alone: named here, it stands in our catalogue. Lazily: settings import
# this module, and whatever asks the settings meanwhile gets the half that has been read.
THEME = (
    _("Type to search"),
    _("Filter"),
    _("Filters"),
    _("Reset filters"),
    _("Toggle filter"),
    _("Previous"),
    _("Next"),
    _("Run"),
    _("Run the selected action"),
    _("Objects"),
    _("Clear selection"),
    _("Click here to select the objects across all pages"),
    _("System"),
    _("Light"),
    _("Dark"),
    _("Navigate"),
    _("Go back"),
    _("Clear"),
    _("Toggle sidebar"),
    _("This page yielded into no results."),
    _("Nothing matched your search"),
    _("No results found"),
    _("No data"),
    _("Recent searches"),
    _("Record picture"),
    _("Unknown"),
    _("General"),
    _("Select"),
    _("Submit"),
    _("Show counts"),
    _("Hide counts"),
    _("Open command tool"),
    _("Toggle password visibility"),
    _("Return to site"),
    _("Select value"),
    _("Choose file to upload"),
    _("Date"),
    _("Save and add another"),
    _("Save and continue editing"),
    _("Search apps and models..."),
    _("Add row"),
    _("After you've created a user, you’ll be able to edit more user options."),
    _("Select action to run"),
    _("Select record"),
    _("All applications"),
    _("Apply Filters"),
    _("Available shortcuts"),
    _("Changelist shortcuts"),
    _("Click to cancel"),
    _("Click to download"),
    _("Command tool shortcuts"),
    _("Create new record"),
    _("False"),
    _("True"),
    _("Forgotten your password or username?"),
    _("Global shortcuts"),
    _("Image preview"),
    _("Open selection"),
    _("Open selection in new tab"),
    _("Open shortcuts list"),
    _("This item will be deleted."),
    _("Toggle dark/light mode"),
    _("You have been successfully logged out from the administration"),
    _("Change history: %s"),
    _("Select action"),
    _("History"),
    _("Change selected %(model)s"),
    _("Add another %(model)s"),
    _("View selected %(model)s"),
    _("Delete selected %(model)s"),
    _("Task Result"),
    _("Task Results"),
    _("status"),
    _("enqueued at"),
    _("started at"),
    _("finished at"),
    _("task path"),
    _("queue name"),
    _("priority"),
    _("run after"),
    _("worker id"),
    _("backend name"),
    _("args kwargs"),
    _("return value"),
    _("exception class path"),
    _("traceback"),
    _("attempt"),
    ngettext_lazy(
        '\n            Found <span class="font-medium text-important">%(counter)s</span> '
        "result in %(time)s seconds\n        ",
        '\n            Found <span class="font-medium text-important">%(counter)s</span> '
        "results in %(time)s seconds\n        ",
        1,
    ),
    pgettext_lazy("Task", "Ready"),
    pgettext_lazy("Task", "Running"),
    pgettext_lazy("Task", "Failed"),
    pgettext_lazy("Task", "Successful"),
)
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
        "GLOBAL_CALLBACK": "newsroom.backoffice.context",
        "STYLES": [lambda _request: static("newsroom/desk.css")],
        "SCRIPTS": [
            lambda _request: static("newsroom/desk.js"),
            lambda _request: static("newsroom/desk-names.js"),
        ],
        "SIDEBAR": {"show_search": True, "navigation": "newsroom.backoffice.navigation"},
    }


def environment(request: HttpRequest) -> list[str] | None:
    """A badge where this is not the real thing: [text, colour]."""
    if settings.DEMO:
        return [gettext("Demo"), "warning"]
    return [gettext("Debugging"), "danger"] if settings.DEBUG else None


def context(request: HttpRequest) -> dict[str, str]:
    """What unfold's menus miss: where to come back to after choosing a language."""
    return {"redirect_to": request.get_full_path()}


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """By app, what this person may see, after the way out and what waits for moderators."""
    from django.contrib import admin

    first = [_way(gettext("To the site"), "public", "/")]
    if getattr(request.user, "moderates", False):
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
