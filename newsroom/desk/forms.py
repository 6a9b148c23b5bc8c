"""The admin's forms. Input is never lost, neither by another editor's change nor by an action's refusal."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.forms import BaseForm, BaseModelForm, BoundField, Field, FileField, ModelChoiceField, MultiValueField
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from newsroom.errors import Refused


class SplitTimeWidget(UnfoldAdminSplitDateTimeWidget):  # type: ignore[misc]  # unfold has no types
    """Date and time. Both inputs refer to the field's help and error; the admin's own widget loses these references."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        told = (attrs or {}).get("aria-describedby", "")
        for part in context["widget"]["subwidgets"]:
            of_zone = f"{part['attrs']['id']}_timezone_warning_helptext"
            part["attrs"]["aria-describedby"] = f"{told} {of_zone}".strip()
        return context


class ToldField(BoundField):
    """A field whose widget refers to its help and errors even if it has several inputs."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        made = super().build_widget_attrs(attrs, widget)
        told = self.aria_describedby
        return {**made, "aria-describedby": told} if told and "aria-describedby" not in made else made


class DeskForm(BaseModelForm[Any]):
    """The base of all admin forms."""

    bound_field_class = ToldField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Send the shown values along (hidden initial), so that another editor's change is noticed. An action with a
        version notices it itself.
        """
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or "seen_version" in self.fields:
            return
        for name, field in self.fields.items():
            at = self.add_initial_prefix(name)
            is_told = not self.is_bound or not field.hidden_widget().value_omitted_from_data(self.data, self.files, at)
            field.show_hidden_initial = is_told and not isinstance(field, FileField)  # no form changes a file
            if self.is_bound and field.show_hidden_initial:
                self._show(at, field)

    def clean(self) -> Any:
        cleaned = super().clean()
        for name, field in self.fields.items():
            if field.show_hidden_initial and self.is_bound:
                self._take_or_tell(name, field)
        return cleaned

    def _take_or_tell(self, name: str, field: Field) -> None:
        """If another editor changed the field since it was shown, keep that value, or show an error if both have
        changed it.
        """
        at = self[name].html_initial_name
        shown = field.hidden_widget().value_from_datadict(self.data, self.files, at)
        now = self.get_initial_for_field(field, name)
        if not field.has_changed(now, shown.replace("\r\n", "\n") if isinstance(shown, str) else shown):
            return
        theirs = _cleaned(field, now)
        if name not in self.changed_data:
            self.cleaned_data[name] = theirs
            return
        if name in self.errors or self.cleaned_data.get(name) == theirs:
            return
        self._show(at, field, now)
        sentence = gettext("Somebody else has changed this meanwhile. Now it says: “%s” Saving again keeps yours.")
        # A relation's choices are rows, maybe all articles; its value has a text of its own.
        words = {} if isinstance(field, ModelChoiceField) else dict(getattr(field, "choices", ()))
        said = localize(localtime(theirs)) if isinstance(theirs, datetime) else theirs
        if isinstance(now, list):
            said = ", ".join(str(words.get(each, each)) for each in now)
        else:
            said = words.get(now) or said
        self.add_error(name, sentence % (said or "–"))

    def _show(self, at: str, field: Field, *now: Any) -> None:
        """Set the hidden initial value of a form that is shown again: the one sent before, or `now`.

        Django looks for it in the data. For a field of several inputs it uses the field's own name, which no browser
        sends.
        """
        is_parted = isinstance(field, MultiValueField)
        if not (is_parted or now):
            return
        data: Any = self.data
        self.data = data = data.copy()
        data[at] = field.prepare_value(now[0]) if now else ""
        for number, part in enumerate(field.widget.decompress(now[0]) if is_parted and now else ()):
            data[f"{at}_{number}"] = part

    def full_clean(self) -> None:
        """Browsers do not send a chosen file again. If the form is shown again for another error, its field asks for
        the file.
        """
        super().full_clean()
        if not self.errors:
            return
        for name in self.fields:
            if self.add_prefix(name) in self.files and name not in self.errors:
                self.add_error(name, gettext("Choose the file again: browsers do not keep it."))


def _cleaned(field: Field, value: Any) -> Any:
    """The present value, cleaned as the form would clean it."""
    return field.clean(
        field.widget.decompress(value) if isinstance(field, MultiValueField) else field.prepare_value(value)
    )


def refusing(form: type[BaseForm], refused: Refused, names: Mapping[str, str]) -> type[BaseForm]:
    """The form with an action's refusal as its errors. `names`: the action's name for a field → the form's."""

    def clean(self: Any) -> Any:
        cleaned = super(made, self).clean()
        errors = refused.extra.get("errors") or {None: [refused.detail]}
        for name, sentences in errors.items():
            known = names.get(name, name)
            self.add_error(known if known in self.fields else None, sentences)
        return cleaned

    made: type[BaseForm] = types.new_class(form.__name__, (form,), exec_body=lambda body: body.update(clean=clean))
    return made
