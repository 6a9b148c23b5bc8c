"""The base of the editors' admins: drafts, scheduled, published and retracted things, with a button for each action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import HistoryAdmin
from accounts.duties import Duty
from accounts.history import Entry
from accounts.models import User
from articles.actions.guards import must_be_meant_now
from articles.admin.history import history_of
from articles.models import Article, State, TickerItem
from newsroom.desk.admin import NEW, Button

STATE_COLOURS = {"draft": "default", "scheduled": "info", "published": "success", "retracted": "danger"}
WAITING = frozenset([State.DRAFT, State.SCHEDULED])


class EditorsAdmin(HistoryAdmin):
    compressed_fields = True
    warn_unsaved_form = True
    list_per_page = 50
    view_on_site = False

    def may_press(self, request: HttpRequest, obj: Any = None) -> bool:
        """For editors of its section. A new object is pressed in the section that is chosen for it."""
        actor = request.user
        if not isinstance(actor, User):
            return False
        return bool(actor.sections(Duty.EDIT)) if is_open(obj) else actor.may(Duty.EDIT, section_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or self.may_press(request, obj))

    def planned_for(self, obj: Any) -> str:
        return moment(getattr(obj, "publish_at", None))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra: dict[str, Any] = {}
        if hasattr(self.model, "state"):
            extra = self._saving(self.state_of(self.get_object(request, object_id) if object_id else None))
        return super().changeform_view(request, object_id, form_url, {**extra, **(extra_context or {})})

    def _saving(self, state: str) -> dict[str, Any]:
        """The label of the save button, and whether to show it."""
        titles = {State.SCHEDULED: gettext("Save"), State.PUBLISHED: gettext("Publish the changes")}
        return {
            "save_title": titles.get(State(state) if state != NEW else State.DRAFT, gettext("Save as draft")),
            "save_variant": "default" if any(state in button.leads_in for button in self.buttons) else "",
            "save_attrs": {"data-draft": ""} if state in {NEW, State.DRAFT} else {},
            "show_save": state != State.RETRACTED,
            "show_save_and_continue": state in {NEW, *WAITING},
            "show_save_and_add_another": False,
        }

    def pressed(self, request: HttpRequest, form: Any, state: str) -> Button | None:
        """With a future time, "Publish" schedules, which saving does already."""
        button = super().pressed(request, form, state)
        if button is None or button.name != "publish":
            return button
        if form.cleaned_data.get("appear_at") is not None:
            return None
        if state == State.SCHEDULED:
            must_be_meant_now(form.instance, now=False)
        return button

    def said(self, obj: Any, pressed: Button | None, *, is_changed: bool) -> str:
        if not hasattr(obj, "state"):
            return ""
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

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save: `store` has given everything to the action."""

    def entries(self, obj: Model) -> list[Entry]:
        """The history from versions if the model has them, otherwise from the record of deeds."""
        return history_of(obj) if isinstance(obj, Article | TickerItem) else super().entries(obj)


def section_of(obj: Any) -> int | None:
    """The id of the section that a thing of the desk belongs to."""
    section: int | None = section_of(obj.ticker) if isinstance(obj, TickerItem) else getattr(obj, "section_id", None)
    return section


def is_open(obj: Any) -> bool:
    """Whether it is not known yet to which section it belongs."""
    if isinstance(obj, TickerItem):
        return obj.ticker_id is None
    return obj is None or (isinstance(obj, Article) and obj.section_id is None)


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
    """The time of its publication, past or planned."""
    return moment(obj.published_at or obj.publish_at) or "–"


@admin.display(description=_("state"))
def state_and_time(obj: Any) -> str:
    return " · ".join([str(State(obj.state).label), *([when(obj)] if obj.published_at or obj.publish_at else [])])
