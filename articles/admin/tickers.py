from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedFieldListFilter
from django.db.models import Case, Model, Q, QuerySet, When
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.duties import Duty, within
from accounts.models import User
from articles import actions
from articles.admin.editors import WAITING, EditorsAdmin, labelled, state_and_time, state_label, when
from articles.admin.forms import NOTES, VersionedForm, seen_in, written
from articles.models import SITE_TICKER, State, Ticker, TickerItem
from articles.search import ITEMS
from newsroom.desk.admin import NEW, Button
from newsroom.desk.lists import newest_found

FIELDS = (*TickerItem.WORDS, "level", "article", "key_event")
TICKERS_OFFERED = 12  # in the list's filter
LIVE = frozenset([State.PUBLISHED])
UNSEEN = frozenset([NEW, State.DRAFT])


class TickerItemForm(VersionedForm):
    class Meta:
        model = TickerItem
        fields = ("ticker", *FIELDS, "pinned")
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 8})}
        help_texts = {"text": gettext_lazy("Markdown. Readers open it in place, under the headline.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].help_text = gettext("Under the item, with a correction. In its place, if you retract it.")


@labelled(_("level"), {"breaking": "danger", "normal": "default"})
def level_label(item: TickerItem) -> tuple[str, str]:
    return item.level, str(TickerItem.Level(item.level).label)


class TickerFilter(RelatedFieldListFilter):
    """Offers the site's own ticker and the newest live blogs, not all there ever were: the list of tickers leads to
    the items of each.
    """

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        first = Q(slug=SITE_TICKER)
        assert isinstance(request.user, User)
        here = Ticker.objects.on_the_desk_of(request.user)
        offered = here.order_by(Case(When(first, then=0), default=1), "-pk")[:TICKERS_OFFERED]
        return [(str(each.pk), str(each)) for each in offered]


@admin.register(TickerItem)
class TickerItemAdmin(EditorsAdmin):
    form = TickerItemForm
    list_display = ["headline", "ticker", "number", state_label, level_label, "pinned", when]
    list_filter = [("ticker", TickerFilter), "state", "level", "pinned"]
    list_select_related = ["ticker"]
    search_fields = ["headline", "text"]  # by their index, see `found`
    ordering = ["-id"]
    autocomplete_fields = ["article"]
    fields_of_actions = {"publish_at": "appear_at"} | NOTES
    buttons = (
        Button(
            "publish",
            _("Publish"),
            actions.publish_drafted_item,
            UNSEEN,
            _("“%s” is published."),
            attrs={"data-planned": _("Publish at that time")},
            leads_in=UNSEEN,
        ),
        Button(
            "publish_now",
            _("Publish now"),
            partial(actions.publish_drafted_item, now=True),
            frozenset([State.SCHEDULED]),
            _("“%s” is published."),
            attrs={"data-confirm": _("It is planned for %s. Publish it now all the same, for everybody?")},
            is_for_many=False,
        ),
        Button(
            "unschedule",
            _("Do not publish by itself"),
            actions.unschedule_item,
            frozenset([State.SCHEDULED]),
            _("“%s” is a draft again and does not appear by itself."),
        ),
        Button("pin", _("Pin"), actions.pin_item, LIVE, _("“%s” is pinned.")),
        Button("unpin", _("Unpin"), actions.unpin_item, LIVE, _("“%s” is no longer pinned.")),
        Button(
            "retract",
            _("Retract"),
            actions.retract_item,
            LIVE | WAITING,
            _("“%s” is retracted."),
            attrs={"data-confirm": _("Take it back for good? Readers then see that it was retracted, and your note.")},
            takes_note=True,
        ),
    )

    def found(self, request: HttpRequest, words: str) -> list[int]:
        assert isinstance(request.user, User)
        rows = TickerItem.objects.on_the_desk_of(request.user)
        return newest_found(rows, "created_at", ITEMS.ask(words, beginnings=True))

    def get_queryset(self, request: HttpRequest) -> QuerySet[TickerItem]:
        rows: Any = super().get_queryset(request)
        return rows.on_the_desk_of(request.user)  # type: ignore[no-any-return]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offers the tickers that the person edits."""
        if db_field.name == "ticker" and isinstance(request.user, User):
            here = within(request.user.sections(Duty.EDIT), "article__section")
            kwargs["queryset"] = Ticker.objects.filter(here)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Preselects the site's own ticker."""
        may_edit_it = isinstance(request.user, User) and request.user.may(Duty.EDIT, None)
        site_ticker = Ticker.objects.filter(slug=SITE_TICKER).first() if may_edit_it else None
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {**({"ticker": site_ticker.pk} if site_ticker else {}), **given}

    def get_actions_submit_line(self, request: HttpRequest, object_id: Any) -> list[Button]:
        found = super().get_actions_submit_line(request, object_id)
        item = self.get_object(request, str(object_id)) if object_id else None
        needless = "pin" if item is not None and item.pinned else "unpin"
        return [button for button in found if button.name != needless]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        state = self.state_of(obj)
        publication: list[Any] = [state_and_time] if obj else []
        publication += ["appear_at"] if state in {*WAITING, NEW} else []
        if state == State.PUBLISHED:
            publication += [*(["correction"] if obj.correction else []), "note"]
        marks = ["level", "key_event"] + (["pinned"] if state == NEW else [])
        return [
            (None, {"fields": ["ticker", "headline", "text", "article", "seen_version"]}),
            (_("Weight"), {"fields": marks}),
            (_("Publication"), {"fields": publication}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fixed: list[Any] = [state_and_time, "correction", *(["ticker"] if obj else [])]
        return [*fixed, *FIELDS] if self.state_of(obj) == State.RETRACTED else fixed

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        actor = request.user
        assert isinstance(actor, User)
        fields = written(form, FIELDS)
        if is_new:
            pinned = form.cleaned_data.get("pinned", False)
            item = actions.draft_item(form.cleaned_data["ticker"], actor=actor, pinned=pinned, **fields)
        else:
            note = "" if "_retract" in request.POST else form.cleaned_data.get("note", "")
            item = actions.correct_item(obj.pk, actor=actor, seen=seen_in(form), note=note, **fields)
        return _timed(item, form, actor)


def _timed(item: TickerItem, form: Any, actor: User) -> TickerItem:
    """Schedule it, or make it a draft again, as the form says."""
    if "appear_at" not in form.changed_data:
        return item
    moment = form.cleaned_data["appear_at"]
    if moment is not None:
        return actions.schedule_item(item.pk, actor=actor, publish_at=moment)
    return actions.unschedule_item(item.pk, actor=actor) if item.state == State.SCHEDULED else item
