"""What the scripts of the admin say: Django's own translations lack the newer sentences, which stand in ours."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.i18n import JavaScriptCatalog

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
