"""An admin that writes through actions alone, with a button for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import Action, ActionLocation
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from articles.actions.checks import must_be_meant_now
from articles.admin.history import history_of
from articles.models import Article, State, TickerItem
from newsroom.desk import DeskAdmin
from newsroom.errors import Refused

STATE_COLOURS = {"draft": "default", "scheduled": "info", "published": "success", "retracted": "danger"}
NEW = "new"  # the state of what is not stored yet, for buttons
WAITING = frozenset([State.DRAFT, State.SCHEDULED])


@dataclass(frozen=True)
class Button:
    """An action on one object, offered in its form and, unless it has to ask, for many at once above the list."""

    name: str
    title: str | Promise
    run: Callable[..., Any]  # run(pk, actor=…)
    states: frozenset[str]
    done: str | Promise  # said afterwards, with the thing's name for %s
    attrs: dict[str, Any] = field(default_factory=dict)
    icon: str = ""
    is_for_many: bool = True
    takes_note: bool = False  # run(pk, actor=…, note=…): what is said to readers with it
    leads_in: frozenset[str] = frozenset()  # states in whose form it is the first button, which Enter presses
    is_first: bool = False  # so it is here and now

    @property
    def action_name(self) -> str:
        return f"_{self.name}"

    @property
    def description(self) -> str | Promise:
        return self.title

    def on(self, obj: Any, state: str) -> Button:
        """The same for one object: a question may name the time that it is planned for."""
        planned = getattr(obj, "publish_at", None)
        attrs = {name: text % moment(planned) if "%s" in text else text for name, text in self.attrs.items()}
        return replace(self, attrs=attrs, is_first=state in self.leads_in)


class ActionAdmin(DeskAdmin):
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
        extra: dict[str, Any] = {"actions_submit_line": self.get_actions_submit_line(request, object_id)}
        if hasattr(self.model, "state"):
            extra |= self._saving(self._state(request, object_id))
        return super().changeform_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def _saving(self, state: str) -> dict[str, Any]:
        """What the button says that saves, and whether there is one."""
        titles = {State.SCHEDULED: gettext("Save"), State.PUBLISHED: gettext("Publish the changes")}
        return {
            "save_title": titles.get(State(state) if state != NEW else State.DRAFT, gettext("Save as draft")),
            "save_variant": "default" if any(state in button.leads_in for button in self.buttons) else "",
            "save_attrs": {"data-draft": ""} if state in {NEW, State.DRAFT} else {},
            "show_save": state != State.RETRACTED,
            "show_save_and_continue": state in {NEW, *WAITING},
            "show_save_and_add_another": False,
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        state, is_changed = self.state_of(obj if change else None), bool(form.changed_data)
        pressed = self._pressed(request, form, state)
        if is_changed or not change:
            obj.pk = self.store(request, obj, form, is_new=not change).pk
        if pressed is not None:
            note = {"note": form.cleaned_data.get("note", "")} if pressed.takes_note else {}
            pressed.run(obj.pk, actor=request.user, **note)
        obj.refresh_from_db()
        if hasattr(obj, "state"):
            self.tell(request, said(obj, pressed, is_changed=is_changed))

    def _pressed(self, request: HttpRequest, form: Any, state: str) -> Button | None:
        """The button that shall be done after saving. With a time to come "Publish" plans, and saving does that."""
        for button in self.buttons if self.may_press(request) else ():
            if button.action_name not in request.POST:
                continue
            planned = form.cleaned_data.get("appear_at")
            if button.name == "publish" and planned is not None:
                return None
            if button.name == "publish" and state == State.SCHEDULED:
                must_be_meant_now(form.instance, now=False)
            return button
        return None

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

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What has versions shows them; of the rest the admin's own log."""
        obj = self.get_object(request, object_id)
        if not isinstance(obj, Article | TickerItem):
            answer: HttpResponse = super().history_view(request, object_id, extra_context)
            return answer
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        known = {"title": gettext("History: %s") % obj, "entries": history_of(obj), "opts": self.opts, "object": obj}
        return TemplateResponse(request, "admin/revisions.html", {**self.admin_site.each_context(request), **known})

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Button]:
        if not self.may_press(request):
            return []
        obj = self.get_object(request, str(object_id)) if object_id else None
        state = self.state_of(obj)
        return [button.on(obj, state) for button in self.buttons if state in button.states]

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Buttons for many at once; deleting is for one at a time."""
        if action_location != ActionLocation.CHANGE_LIST or not self.may_press(request):
            return {}
        return {
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
        """Django's own: unfold's does not know of places yet."""
        choices: list[tuple[str, str]] = admin.ModelAdmin.get_action_choices(
            self, request, default_choices or [("", gettext("Choose an action"))], action_location
        )
        return choices

    def _state(self, request: HttpRequest, object_id: str | None) -> str:
        return self.state_of(self.get_object(request, object_id) if object_id else None)

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


def said(obj: Any, pressed: Button | None, *, is_changed: bool) -> str:
    """What has become of it, in a sentence."""
    name = str(obj)
    if pressed is not None:
        return str(pressed.done) % name
    if obj.state == State.SCHEDULED:
        return gettext("“%(name)s” is planned: it appears at %(time)s.") % {
            "name": name,
            "time": moment(obj.publish_at),
        }
    if obj.state == State.DRAFT:
        return gettext("“%s” is kept as a draft. Readers do not see it.") % name
    if not is_changed:
        return gettext("Nothing was changed in “%s”.") % name
    return gettext("The changes of “%s” are published.") % name


def moment(time: datetime | None) -> str:
    return date_format(timezone.localtime(time), "SHORT_DATETIME_FORMAT") if time else ""


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
    return moment(obj.published_at or obj.publish_at) or "–"


@admin.display(description=_("state"))
def state_and_time(obj: Any) -> str:
    return " · ".join([str(State(obj.state).label), *([when(obj)] if obj.published_at or obj.publish_at else [])])
