"""The admin's forms of all apps: nothing typed is lost where an action says no, and messages say what was done."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import DateTimeField
from django.forms import BaseForm, BaseModelForm, BoundField, Field, FileField, ModelChoiceField, MultiValueField
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, override
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from newsroom.errors import Refused


class SplitTimeWidget(UnfoldAdminSplitDateTimeWidget):  # type: ignore[misc]  # unfold has no types
    """Day and hour, each of which names the field's help and error, too: the admin's own drops them."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        told = (attrs or {}).get("aria-describedby", "")
        for part in context["widget"]["subwidgets"]:
            of_zone = f"{part['attrs']['id']}_timezone_warning_helptext"
            part["attrs"]["aria-describedby"] = f"{told} {of_zone}".strip()
        return context


class ToldField(BoundField):
    """A field whose widget names its help and its errors whatever it consists of, since nothing here draws a group."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Any = None) -> dict[str, Any]:
        made = super().build_widget_attrs(attrs, widget)
        told = self.aria_describedby
        return {**made, "aria-describedby": told} if told and "aria-describedby" not in made else made


class DeskForm(BaseModelForm[Any]):
    """What each form of the desk does, whatever it is about."""

    bound_field_class = ToldField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """What is changed by an action with a version tells it; of all else the form tells what it showed."""
        super().__init__(*args, **kwargs)
        if self.instance.pk is None or "seen_version" in self.fields:
            return
        for name, field in self.fields.items():
            is_told = not self.is_bound or self.add_initial_prefix(name) in self.data
            field.show_hidden_initial = is_told and not isinstance(field, FileField | MultiValueField)

    def clean(self) -> Any:
        cleaned = super().clean()
        for name, field in self.fields.items():
            if field.show_hidden_initial and self.is_bound:
                self._take_or_tell(name, field)
        return cleaned

    def _take_or_tell(self, name: str, field: Field) -> None:
        """What somebody else has changed since it was shown is taken over, or told where both have changed it."""
        at = self[name].html_initial_name
        shown, now = self.data[at].replace("\r\n", "\n"), self.get_initial_for_field(field, name)
        if not field.has_changed(now, shown):
            return
        if name not in self.changed_data:
            self.cleaned_data[name] = field.clean(field.prepare_value(now))
            return
        theirs = field.clean(field.prepare_value(now))
        if name in self.errors or self.cleaned_data.get(name) == theirs:
            return
        data: Any = self.data
        self.data = data = data.copy()
        data[at] = field.prepare_value(now)
        sentence = gettext("Somebody else has changed this meanwhile. Now it says: “%s” Saving again keeps yours.")
        # A relation's choices are rows, maybe all articles there are: its value has words of its own.
        words = {} if isinstance(field, ModelChoiceField) else dict(getattr(field, "choices", ()))
        self.add_error(name, sentence % (words.get(now) or theirs or "–"))

    def full_clean(self) -> None:
        """No browser gives a chosen file back: where a form comes back for something else, its field says so."""
        super().full_clean()
        if not self.errors:
            return
        for name in self.fields:
            if self.add_prefix(name) in self.files and name not in self.errors:
                self.add_error(name, gettext("Choose the file again: browsers do not keep it."))


class DeskAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """What an action refuses comes back as the filled form, its sentence at the field that it is about."""

    change_form_before_template = "admin/desk.html"
    formfield_overrides = {DateTimeField: {"widget": SplitTimeWidget}}
    list_disable_select_all = True  # what a page shows is done at once; a list may offer more, in the background
    fields_of_actions: Mapping[str, str] = {}  # an action's name for a field → the form's, where they differ

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, dict(extra_context or {}))
        except Refused as refused:  # the transaction is undone; the second time the form itself knows of the refusal
            setattr(request, "refused_by_action", refused)  # noqa: B010  a request has no room for it
            for _name, files in request.FILES.lists():
                for uploaded in files:
                    uploaded.seek(0)
            answer = super().changeform_view(request, object_id, form_url, dict(extra_context or {}))
        return answer

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """What the list does not offer is not done: everything there is, in one request."""
        if self.list_disable_select_all and request.POST.get("select_across") == "1":
            ticked: Any = request.POST.copy()
            ticked["select_across"] = "0"
            setattr(request, "POST", ticked)  # noqa: B010  the parsed form of a request is no field
        answer: HttpResponse | None = super().response_action(request, queryset, *args, **kwargs)
        return answer

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        plain = super().get_form(request, obj, change, **kwargs)
        form = types.new_class(plain.__name__, (DeskForm, plain))
        refused: Refused | None = getattr(request, "refused_by_action", None)
        return form if refused is None else _refusing(form, refused, self.fields_of_actions)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Fields by the names that the catalogue knows: Django writes their labels down, which it has nowhere."""
        message: list[dict[str, Any]] = super().construct_change_message(request, form, formsets, add)
        with override(None):
            for changed in [part["changed"] for part in message if "fields" in part.get("changed", {})]:
                if "name" not in changed:
                    changed["fields"] = [self._name(form, name) for name in form.changed_data]
        return message

    def _name(self, form: Any, name: str) -> str:
        known = {each.name: each for each in self.opts.get_fields()}
        return str(getattr(known.get(name), "verbose_name", None) or form.fields[name].label or name)

    def message_user(self, request: HttpRequest, message: Any, level: int = messages.INFO, **kwargs: Any) -> None:
        """What was done, where the admin has said it; Django's own sentence takes everything for saved alike."""
        told = getattr(request, "told", None) if level == messages.SUCCESS else None
        super().message_user(request, told or message, level, **kwargs)

    def tell(self, request: HttpRequest, sentence: Any) -> None:
        """Say this, instead of Django's sentence, once the form is saved."""
        setattr(request, "told", sentence)  # noqa: B010  a request has no room for it


def _refusing(form: type[BaseForm], refused: Refused, names: Mapping[str, str]) -> type[BaseForm]:
    def clean(self: Any) -> Any:
        cleaned = super(made, self).clean()
        errors = refused.extra.get("errors") or {None: [refused.detail]}
        for name, sentences in errors.items():
            known = names.get(name, name)
            self.add_error(known if known in self.fields else None, sentences)
        return cleaned

    made: type[BaseForm] = types.new_class(form.__name__, (form,), exec_body=lambda body: body.update(clean=clean))
    return made
