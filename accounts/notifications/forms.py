"""The form of the page of preferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from accounts.notifications.preferences import FIXED, Kind, Mail, Ways
from newsroom.formats.moments import time_zones

MARKS = {"web": gettext_lazy("On the site"), "push": gettext_lazy("As a push message on my devices")}


class Row(NamedTuple):
    ways: BoundField
    mail: BoundField | None


class PreferencesForm(forms.Form):
    """For each kind the marks `<kind>-ways` and the choice `<kind>-mail`; what is fixed has no field."""

    def __init__(self, data: Any = None, *, known: Mapping[Kind, Ways], time_zone: str, site_zone: str) -> None:
        super().__init__(data, label_suffix="")
        self.kinds = list(known)
        for kind, ways in known.items():
            marks = _marks(kind)
            self.fields[f"{kind}-ways"] = forms.MultipleChoiceField(
                label=kind.label,
                choices=marks,
                required=False,
                initial=[way for way, _label in marks if getattr(ways, way)],
                widget=forms.CheckboxSelectMultiple,
            )
            if "mail" not in FIXED.get(kind, ()):
                named = format_html('{}<span class="visually-hidden">: {}</span>', gettext("By mail"), kind.label)
                self.fields[f"{kind}-mail"] = forms.ChoiceField(label=named, choices=Mail.choices, initial=ways.mail)
        zones = [("", gettext("The site's time zone (%s)") % site_zone), *((zone, zone) for zone in time_zones())]
        self.fields["time_zone"] = forms.ChoiceField(
            label=gettext("Time zone"),
            choices=zones,
            required=False,
            initial=time_zone,
            help_text=gettext("Daily mails come at seven in the morning, weekly ones on Mondays."),
        )

    def rows(self) -> list[Row]:
        mails = [f"{kind}-mail" for kind in self.kinds]
        pairs = zip(self.kinds, mails, strict=True)
        return [Row(self[f"{kind}-ways"], self[mail] if mail in self.fields else None) for kind, mail in pairs]

    def changes(self) -> dict[str, dict[str, Any]]:
        """What was chosen, as `accounts.actions.change_preferences` takes it."""
        found: dict[str, dict[str, Any]] = {}
        for kind in self.kinds:
            marked = self.cleaned_data[f"{kind}-ways"]
            found[kind] = {way: way in marked for way, _label in _marks(kind)}
            if f"{kind}-mail" in self.fields:
                found[kind]["mail"] = self.cleaned_data[f"{kind}-mail"]
        return found


def _marks(kind: Kind) -> list[tuple[str, Any]]:
    return [(way, label) for way, label in MARKS.items() if way not in FIXED.get(kind, ())]
