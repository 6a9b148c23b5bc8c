"""The base of all admins. They write through actions only; if an action refuses, the filled form is shown again."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import Action, ActionLocation
from django.db.models import DateTimeField, Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override

from newsroom.desk.forms import DeskForm, SplitTimeWidget, refusing
from newsroom.desk.lists import ListAdmin
from newsroom.errors import Refused

NEW = "new"  # the state of an object that is not stored yet, for `Button.states`


@dataclass(frozen=True)
class Button:
    """An action on one object, offered in its form. If it takes no note, it is also offered above the list for many at
    once.
    """

    name: str
    title: str | Promise
    run: Callable[..., Any]  # run(pk, actor=…)
    states: frozenset[str]
    done: str | Promise  # shown afterwards, with the object's name for %s
    attrs: dict[str, Any] = field(default_factory=dict)
    icon: str = ""
    is_for_many: bool = True
    takes_note: bool = False  # run(pk, actor=…, note=…); readers see the note
    leads_in: frozenset[str] = frozenset()  # the states in which it is the form's first button, which Enter presses
    is_first: bool = False  # whether it is the first button in this form

    @property
    def action_name(self) -> str:
        return f"_{self.name}"

    @property
    def description(self) -> str | Promise:
        return self.title

    def on(self, state: str, planned: str) -> Button:
        """This button for one object: its question may name the planned time."""
        attrs = {name: text % planned if "%s" in text else text for name, text in self.attrs.items()}
        return replace(self, attrs=attrs, is_first=state in self.leads_in)


class ActionAdmin(ListAdmin):
    """If an action refuses, its error is shown at the field in question."""

    buttons: tuple[Button, ...] = ()
    change_form_before_template = "admin/desk.html"
    formfield_overrides = {DateTimeField: {"widget": SplitTimeWidget}}
    # "select all" would act on everything in one request; a list may offer more, in the background
    list_disable_select_all = True
    fields_of_actions: Mapping[str, str] = {}  # an action's name for a field → the form's, if they differ

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        """Create or change the object by an action. Called only if something was changed."""
        raise NotImplementedError

    def discard(self, request: HttpRequest, obj: Any) -> None:
        """Delete the object by an action."""
        raise NotImplementedError

    def state_of(self, obj: Any) -> str:
        return str(getattr(obj, "state", "")) if obj is not None and obj.pk else NEW

    def planned_for(self, obj: Any) -> str:
        """The planned time that the buttons' questions name."""
        return ""

    def said(self, obj: Any, pressed: Button | None, *, is_changed: bool) -> str:
        """The sentence that says what was done; "" for Django's own."""
        return ""

    def may_press(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the buttons are there for this object; without one, for any."""
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An admin that overrides `discard` also overrides this."""
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        new: dict[str, Any] = {} if object_id else {"actions_submit_line": self.get_actions_submit_line(request, None)}
        extra = {**new, **(extra_context or {})}  # unfold asks for the buttons of stored objects only
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, dict(extra))
        except Refused as refused:  # the transaction was rolled back; now the form shows the refusal
            setattr(request, "refused_by_action", refused)  # noqa: B010  a request has no such attribute
            for _name, files in request.FILES.lists():
                for uploaded in files:
                    uploaded.seek(0)
            answer = super().changeform_view(request, object_id, form_url, dict(extra))
        return answer

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        plain = super().get_form(request, obj, change, **kwargs)
        form = types.new_class(plain.__name__, (DeskForm, plain))
        refused: Refused | None = getattr(request, "refused_by_action", None)
        return form if refused is None else refusing(form, refused, self.fields_of_actions)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        is_changed = bool(form.changed_data)
        pressed = self.pressed(request, form, self.state_of(obj if change else None))
        if is_changed or not change:
            obj.pk = self.store(request, obj, form, is_new=not change).pk
        if pressed is not None:
            note = {"note": form.cleaned_data.get("note", "")} if pressed.takes_note else {}
            pressed.run(obj.pk, actor=request.user, **note)
        obj.refresh_from_db()
        self.tell(request, self.said(obj, pressed, is_changed=is_changed))

    def pressed(self, request: HttpRequest, form: Any, state: str) -> Button | None:
        """The button that was pressed, to be run after saving."""
        buttons = self.buttons if self.may_press(request, form.instance) else ()
        return next((button for button in buttons if button.action_name in request.POST), None)

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
        obj = self.get_object(request, str(object_id)) if object_id else None
        if not self.buttons or not self.may_press(request, obj):
            return []
        state, planned = self.state_of(obj), self.planned_for(obj)
        return [button.on(state, planned) for button in self.buttons if state in button.states]

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """The buttons for many objects. Deletion is for single objects only."""
        found: dict[str, Any] = super().get_actions(request, action_location)
        found.pop("delete_selected", None)
        if action_location != ActionLocation.CHANGE_LIST or not self.may_press(request):
            return found
        return found | {
            each.name: Action(self._for_many(each), each.name, str(each.title), str(each.title), [action_location])
            for each in self.buttons
            if each.is_for_many
        }

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[tuple[str, str]]:
        """Django's own method: unfold's does not accept `action_location` yet."""
        choices: list[tuple[str, str]] = admin.ModelAdmin.get_action_choices(
            self, request, default_choices or [("", gettext("Choose an action"))], action_location
        )
        return choices

    def response_action(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Ignore "select across", which lists do not offer: it would act on everything in one request."""
        if self.list_disable_select_all and request.POST.get("select_across") == "1":
            ticked: Any = request.POST.copy()
            ticked["select_across"] = "0"
            setattr(request, "POST", ticked)  # noqa: B010  the parsed form of a request is no declared attribute
        answer: HttpResponse | None = super().response_action(request, queryset, *args, **kwargs)
        return answer

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Names fields by the labels in our catalogue. Django stores labels that it cannot translate."""
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
        """Shows the admin's own sentence, if `tell` was called. Django's says "saved" whatever was done."""
        told = getattr(request, "told", None) if level == messages.SUCCESS else None
        super().message_user(request, told or message, level, **kwargs)

    def tell(self, request: HttpRequest, sentence: Any) -> None:
        """Show this sentence instead of Django's after the form is saved."""
        setattr(request, "told", sentence)  # noqa: B010  a request has no such attribute

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
