"""Sentences of libraries (the admin, its theme, allauth) that our catalogue translates because theirs do not."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, ngettext_lazy, pgettext_lazy
from django.views.i18n import JavaScriptCatalog

# No code reads the two lists. They put these sentences into our catalogue, and the library finds them there.
# The admin's theme has these in English only.
THEME = (
    gettext_noop("Type to search"),
    gettext_noop("Filter"),
    gettext_noop("Filters"),
    gettext_noop("Reset filters"),
    gettext_noop("Toggle filter"),
    gettext_noop("Previous"),
    gettext_noop("Next"),
    gettext_noop("Run"),
    gettext_noop("Run the selected action"),
    gettext_noop("Objects"),
    gettext_noop("Clear selection"),
    gettext_noop("Click here to select the objects across all pages"),
    gettext_noop("System"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("Navigate"),
    gettext_noop("Go back"),
    gettext_noop("Clear"),
    gettext_noop("Toggle sidebar"),
    gettext_noop("This page yielded into no results."),
    gettext_noop("Nothing matched your search"),
    gettext_noop("No results found"),
    gettext_noop("No data"),
    gettext_noop("Recent searches"),
    gettext_noop("Record picture"),
    gettext_noop("Unknown"),
    gettext_noop("General"),
    gettext_noop("Select"),
    gettext_noop("Submit"),
    gettext_noop("Show counts"),
    gettext_noop("Hide counts"),
    gettext_noop("Open command tool"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("Return to site"),
    gettext_noop("Select value"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Date"),
    gettext_noop("Save and add another"),
    gettext_noop("Save and continue editing"),
    gettext_noop("Search apps and models..."),
    gettext_noop("Add row"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop("Select action to run"),
    gettext_noop("Select record"),
    gettext_noop("All applications"),
    gettext_noop("Apply Filters"),
    gettext_noop("Available shortcuts"),
    gettext_noop("Changelist shortcuts"),
    gettext_noop("Click to cancel"),
    gettext_noop("Click to download"),
    gettext_noop("Command tool shortcuts"),
    gettext_noop("Create new record"),
    gettext_noop("False"),
    gettext_noop("True"),
    gettext_noop("Forgotten your password or username?"),
    gettext_noop("Global shortcuts"),
    gettext_noop("Image preview"),
    gettext_noop("Open selection"),
    gettext_noop("Open selection in new tab"),
    gettext_noop("Open shortcuts list"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Toggle dark/light mode"),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop("Change history: %s"),
    gettext_noop("Select action"),
    gettext_noop("History"),
    gettext_noop("Change selected %(model)s"),
    gettext_noop("Add another %(model)s"),
    gettext_noop("View selected %(model)s"),
    gettext_noop("Delete selected %(model)s"),
    gettext_noop("Task Result"),
    gettext_noop("Task Results"),
    gettext_noop("status"),
    gettext_noop("enqueued at"),
    gettext_noop("started at"),
    gettext_noop("finished at"),
    gettext_noop("task path"),
    gettext_noop("queue name"),
    gettext_noop("priority"),
    gettext_noop("run after"),
    gettext_noop("worker id"),
    gettext_noop("backend name"),
    gettext_noop("args kwargs"),
    gettext_noop("return value"),
    gettext_noop("exception class path"),
    gettext_noop("traceback"),
    gettext_noop("attempt"),
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
# allauth's German uses "du" for readers.
ALLAUTH = (
    gettext_noop("Please type your current password."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("Too many failed login attempts. Try again later."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("Invalid or expired key."),
    gettext_noop("You cannot add more than %d email addresses."),
    gettext_noop("Your primary email address must be verified."),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("Your password has been changed."),
    gettext_noop("You cannot remove your primary email address (%(email)s)."),
    gettext_noop("You are about to generate a new set of recovery codes for your account."),
    gettext_noop("You are about to deactivate authenticator app based authentication. Are you sure?"),
)
SAMPLES = (1, 2, 5, 5)  # a number for each plural form of a language, in their order; German and English have two


class DeskWords(JavaScriptCatalog):
    packages = ["django.contrib.admin"]

    def get_catalog(self) -> dict[str, Any]:
        return {**super().get_catalog(), **_single(), **_counted()}


def _single() -> dict[str, str]:
    return {
        "%(month)s %(day)s, %(year)s": _("%(month)s %(day)s, %(year)s"),
        "%s (current selection)": _("%s (current selection)"),
        "%s (today)": _("%s (today)"),
        "%s (today, current selection)": _("%s (today, current selection)"),
        "Next (%(month)s %(year)s)": _("Next (%(month)s %(year)s)"),
        "Previous (%(month)s %(year)s)": _("Previous (%(month)s %(year)s)"),
        "Today (%(date)s)": _("Today (%(date)s)"),
        "Tomorrow (%(date)s)": _("Tomorrow (%(date)s)"),
        "Yesterday (%(date)s)": _("Yesterday (%(date)s)"),
        "server": _("server"),
    }


def _counted() -> dict[str, list[str]]:
    ahead = [
        ngettext(
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour ahead.)",
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hours ahead.)",
            n,
        )
        for n in SAMPLES
    ]
    behind = [
        ngettext(
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour behind.)",
            "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hours behind.)",
            n,
        )
        for n in SAMPLES
    ]
    return {
        "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour ahead.)": ahead,
        "Note: Enter times in the %(timezone)s timezone. (You are %(offset)s hour behind.)": behind,
    }
