"""An admin that writes through actions alone, with a button for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import Action, ActionLocation
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from articles.models import NOTE_LENGTH, State
from newsroom.errors import Refused

STATE_COLOURS = {"draft": "default", "scheduled": "info", "published": "success", "retracted": "danger"}
NEW = "new"  # the state of what is not stored yet, for buttons


@dataclass(frozen=True)
class Button:
    """An action on one object, offered in its form and, for many at once, above the list."""

    name: str
    title: str | Promise
    run: Callable[..., Any]  # run(pk, actor=…)
    states: frozenset[str]
    question: str | Promise = ""  # asked before it is done
    attrs: dict[str, Any] = field(default_factory=dict)
    icon: str = ""

    @property
    def action_name(self) -> str:
        return f"_{self.name}"

    @property
    def description(self) -> str | Promise:
        return self.title


class ActionAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    buttons: tuple[Button, ...] = ()
    compressed_fields = True
    warn_unsaved_form = True
    show_full_result_count = False
    list_per_page = 50
    view_on_site = False

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        """Create or change it by an action; called only if something was changed."""
        raise NotImplementedError

    def discard(self, request: HttpRequest, obj: Any) -> None:
        raise NotImplementedError

    def state_of(self, obj: Any) -> str:
        return str(getattr(obj, "state", "")) if obj is not None and obj.pk else NEW

    def may_press(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "edits", False))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = {"actions_submit_line": self.get_actions_submit_line(request, object_id), **(extra_context or {})}
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra)
        except Refused as refused:  # the transaction is undone
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if form.changed_data or not change:
            obj.pk = self.store(request, obj, form, is_new=not change).pk
        for button in self.buttons:
            if button.action_name in request.POST and self.may_press(request):
                button.run(obj.pk, actor=request.user)
        obj.refresh_from_db()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save: `store` handed everything to the action."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.discard(request, obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path().removesuffix("delete/"))
        return answer

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Button]:
        if not self.may_press(request):
            return []
        state = self.state_of(self.get_object(request, str(object_id)) if object_id else None)
        return [button for button in self.buttons if state in button.states]

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Buttons for many at once; deleting is for one at a time."""
        if action_location != ActionLocation.CHANGE_LIST or not self.may_press(request):
            return {}
        return {
            each.name: Action(self._for_many(each), each.name, str(each.title), str(each.title), [action_location])
            for each in self.buttons
        }

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[tuple[str, str]]:
        """Django's own: unfold's does not know of places yet."""
        choices: list[tuple[str, str]] = admin.ModelAdmin.get_action_choices(
            self, request, default_choices, action_location
        )
        return choices

    def _for_many(self, button: Button) -> Callable[[Any, HttpRequest, QuerySet[Any]], None]:
        def run(_admin: Any, request: HttpRequest, chosen: QuerySet[Any]) -> None:
            done = 0
            for row in chosen.order_by("pk"):
                try:
                    button.run(row.pk, actor=request.user)
                    done += 1
                except Refused as refused:
                    self.message_user(request, f"{row}: {refused}", messages.ERROR)
            if done:
                told = ngettext("%d done.", "%d done.", done) % done
                self.message_user(request, f"{button.title}: {told}", messages.SUCCESS)

        return run


class VersionedForm(forms.ModelForm[Any]):
    """Remembers which version was opened: two editors do not overwrite each other, and nothing typed is lost."""

    seen_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    appear_at = forms.SplitDateTimeField(
        label=_("Publish at"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_("Saved with a time in the future, it appears by itself then."),
    )
    note = forms.CharField(
        label=_("New correction note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Shown to readers and told to followers. Leave it empty for a slip of the pen."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen_version"] = self.instance.version
            self.initial["appear_at"] = self.instance.publish_at

    def clean_seen_version(self) -> int | None:
        seen: int | None = self.cleaned_data["seen_version"]
        if self.instance.pk and seen is not None:
            current = type(self.instance).objects.values_list("version", flat=True).get(pk=self.instance.pk)
            if current != seen:
                data: Any = self.data
                self.data = data = data.copy()
                data["seen_version"] = current  # a second save, now knowingly, goes through
                raise ValidationError(
                    gettext("Somebody changed it in the meantime. Look at it in another tab; saving again wins.")
                )
        return seen

    def clean_appear_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["appear_at"]
        if moment is not None and "appear_at" in self.changed_data and moment <= timezone.now():
            raise ValidationError(gettext("Choose a time in the future."))
        return moment


def written(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the form's cleaned values that the person could change."""
    return {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}


def labelled(title: Any, colours: Mapping[str, str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A column that shows (value, text) as a coloured label."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        shown = admin.display(description=title)(function)
        setattr(shown, "label", dict(colours))  # noqa: B010  unfold reads it
        return shown

    return decorate


@labelled(_("state"), STATE_COLOURS)
def state_label(obj: Any) -> tuple[str, str]:
    return obj.state, str(State(obj.state).label)


@admin.display(description=_("time"), ordering="published_at")
def when(obj: Any) -> str:
    """When it was published, else when it will be."""
    known = obj.published_at or obj.publish_at
    return date_format(timezone.localtime(known), "SHORT_DATETIME_FORMAT") if known else "–"


@admin.display(description=_("state"))
def state_and_time(obj: Any) -> str:
    return " · ".join([str(State(obj.state).label), *([when(obj)] if obj.published_at or obj.publish_at else [])])
