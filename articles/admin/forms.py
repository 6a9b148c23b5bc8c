"""The form of models with versions: two editors cannot overwrite each other, and no input is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from articles.models import NOTE_LENGTH, Revision
from newsroom.desk.forms import SplitTimeWidget
from newsroom.text import clean

NOTES = {"correction": "note", "retraction": "note"}  # the actions' field names → the form's


@dataclass(frozen=True)
class Difference:
    """A field for which two people want different values; `target` is the id of the input, if it still has one."""

    label: str
    mine: str
    theirs: str
    target: str = ""


@dataclass
class Meeting:
    """What another person has changed while the form was open."""

    by: str
    at: datetime | None
    differences: list[Difference] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)  # labels of fields that only they have changed


class VersionedForm(forms.ModelForm[Any]):
    """Remembers the version that was opened."""

    seen_version = forms.IntegerField(label=_("Version"), widget=forms.HiddenInput, required=False)
    appear_at = forms.SplitDateTimeField(
        label=_("Publish at"),
        required=False,
        widget=SplitTimeWidget,
        help_text=_("With a time in the future it stays hidden and appears by itself then."),
    )
    note = forms.CharField(
        label=_("Note for readers"), required=False, max_length=NOTE_LENGTH, widget=UnfoldAdminTextInputWidget
    )
    meeting: Meeting | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version
            self.initial["appear_at"] = self.instance.publish_at

    def clean_appear_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["appear_at"]
        if moment is not None and "appear_at" in self.changed_data:
            if moment <= timezone.now():
                raise ValidationError(gettext("Choose a time in the future."))
            if "_publish_now" in self.data:
                raise ValidationError(gettext("Publish it now, or save it with another time: not both."))
        return moment

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.get("seen_version")
        if self.instance.pk and seen is not None and seen != self.instance.version:
            self._meet(seen)
            raise ValidationError(
                gettext("Somebody else has changed it meanwhile. Both texts stand above: saving again keeps yours.")
            )
        return cleaned

    def _meet(self, seen: int) -> None:
        """Take over the fields that only the other person has changed, and show both values of the rest. Saving again
        then overwrites knowingly.
        """
        data: Any = self.data
        self.data = data = data.copy()
        revisions = Revision.objects.filter(**{_place(self.instance): self.instance})
        base = revisions.filter(version=seen).first()
        last = revisions.select_related("by").order_by("version").last()
        self.meeting = Meeting(str(last.by or "") if last else "", last.at if last else None)
        for name in [each.name for each in self.instance._meta.get_fields() if each.name in self.data]:  # noqa: SLF001
            self._compare(name, base.fields.get(name) if base else None, data)
        data["seen_version"] = self.instance.version

    def _compare(self, name: str, before: Any, data: Any) -> None:
        assert self.meeting is not None
        shown = self.fields.get(name)
        typed = self.cleaned_data.get(name) if shown is not None else data.get(name)
        if typed is None and shown is None:
            return
        mine, theirs = _as_text(typed), _as_text(getattr(self.instance, name))
        label = str(shown.label if shown is not None else self.instance._meta.get_field(name).verbose_name)  # noqa: SLF001
        if mine == theirs or name in self.errors:
            return
        if shown is not None and mine == before and isinstance(shown, forms.CharField):
            data[name] = theirs
            self.meeting.taken.append(label)
            return
        target = self[name].id_for_label if isinstance(shown, forms.CharField) else ""
        self.meeting.differences.append(Difference(label, mine, theirs, target))


def _place(instance: Model) -> str:
    return "article" if instance._meta.model_name == "article" else "item"  # noqa: SLF001


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, str):
        return clean(value)
    if hasattr(value, "order_by") or hasattr(value, "all"):
        return ", ".join(sorted(map(str, value.all())))
    return "" if value is None else str(value)


def seen_in(form: Any) -> set[int] | None:
    """The version that the form showed, as actions expect it."""
    version = form.cleaned_data.get("seen_version")
    return None if version is None else {version}


def written(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The form's cleaned values of those `names` that the person could change."""
    return {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
