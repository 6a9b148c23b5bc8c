"""Discussions, and their opening hours."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.admin import HistoryAdmin
from accounts.duties import within
from articles.models import Section
from comments import actions, search
from comments.admin.deeds import actor_of, do
from comments.models import AT_WORK, Discussion, OpeningHours
from newsroom.desk.lists import newest_found


@admin.register(OpeningHours)
class OpeningHoursAdmin(HistoryAdmin):
    recorded_as = "hours"
    list_display = ("name", "section", "zone", "rules")
    list_select_related = ("section",)
    fields = ("name", "section", "zone", "rules")
    has_delete_permission = ModelAdmin.has_delete_permission  # as the duties say

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningHours]:
        rows: QuerySet[OpeningHours] = super().get_queryset(request)
        return rows.filter(within(actor_of(request).sections(*AT_WORK), "section"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "section":
            kwargs["queryset"] = Section.objects.filter(within(actor_of(request).sections(*AT_WORK), "pk"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def store(self, request: HttpRequest, obj: OpeningHours, form: Any, *, is_new: bool) -> OpeningHours:
        said = {name: form.cleaned_data[name] for name in self.fields}
        return actions.set_hours(None if is_new else obj.pk, actor=actor_of(request), **said)

    def discard(self, request: HttpRequest, obj: OpeningHours) -> None:
        actions.drop_hours(obj.pk, actor=actor_of(request))


@admin.register(Discussion)
class DiscussionAdmin(HistoryAdmin):
    list_display = ("title", "mode", "shown_state", "comment_count", "last_activity", "closes_at", "merged_into")
    list_filter = ("mode", "switch")
    list_select_related = ("tally", "hours", "merged_into")
    search_fields = ("title",)  # by its index, see `found`
    ordering = ("-id",)
    autocomplete_fields = ("article",)
    fields = (
        *("title", "article", "switch", "until", "reason", "opens_at", "closes_at", "hours"),
        *("slow_mode_seconds", "slow_mode_until"),
    )
    recorded_names = {"aliases": _("more addresses")}
    actions = ("open", "premoderate", "close", "merge", "undo_merge")

    def found(self, request: HttpRequest, words: str) -> list[int]:
        return newest_found(
            Discussion.objects.on_the_desk_of(actor_of(request)),
            "created_at",
            search.TITLES.ask(words, beginnings=True),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discussion]:
        rows: Any = super().get_queryset(request)
        return rows.on_the_desk_of(actor_of(request))  # type: ignore[no-any-return]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offers the hours of the person's sections, and those of none."""
        if db_field.name == "hours":
            here = within(actor_of(request).sections(*AT_WORK), "section")
            kwargs["queryset"] = OpeningHours.objects.filter(here | Q(section=None) if here else here)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Discussion | None = None) -> tuple[str, ...]:
        return ("article",) if obj else ()

    @display(description=_("state"), label={"open": "success", "premoderated": "warning", "closed": "danger"})  # type: ignore[untyped-decorator]  # unfold has no types
    def shown_state(self, discussion: Discussion) -> tuple[str, str]:
        state = Discussion.State(discussion.state_at(timezone.now()))
        return state.value, str(state.label)

    @admin.display(description=_("comments"))
    def comment_count(self, discussion: Discussion) -> int:
        return discussion.tally.comment_count

    @admin.display(description=_("last activity"))
    def last_activity(self, discussion: Discussion) -> Any:
        return discussion.tally.last_activity

    def store(self, request: HttpRequest, obj: Discussion, form: ModelForm[Discussion], *, is_new: bool) -> Discussion:
        """A new one is a chat: threads are created with their articles."""
        said = {name: form.cleaned_data[name] for name in form.changed_data}
        for name, end in actions.discussions.ENDS.items():
            if name in said:
                said[end] = form.cleaned_data[end]  # the form's value counts
        if not is_new:
            return actions.change_discussion(obj.pk, actor=actor_of(request), **said)
        title, given = said.pop("title"), {name: value for name, value in said.items() if value}
        return actions.start_chat(title, actor=actor_of(request), **given)

    @admin.action(description=_("Open the selected discussions"), permissions=["change"])
    def open(self, request: HttpRequest, chosen: QuerySet[Discussion]) -> None:
        do(self, request, chosen, lambda each: actions.open_discussion(each.pk, actor=actor_of(request)))

    @admin.action(description=_("Premoderate the selected discussions"), permissions=["change"])
    def premoderate(self, request: HttpRequest, chosen: QuerySet[Discussion]) -> None:
        actor = actor_of(request)
        do(self, request, chosen, lambda each: actions.open_discussion(each.pk, actor=actor, premoderated=True))

    @admin.action(description=_("Close the selected discussions"), permissions=["change"])
    def close(self, request: HttpRequest, chosen: QuerySet[Discussion]) -> None:
        do(self, request, chosen, lambda each: actions.close_discussion(each.pk, actor=actor_of(request)))

    @admin.action(description=_("Merge the selected discussions into the oldest of them"), permissions=["change"])
    def merge(self, request: HttpRequest, chosen: QuerySet[Discussion]) -> None:
        oldest = chosen.order_by("pk").first()
        if oldest is not None:
            others = chosen.exclude(pk=oldest.pk)
            do(self, request, others, lambda each: actions.merge(each.pk, oldest.pk, actor=actor_of(request)))

    @admin.action(description=_("Undo the merging of the selected discussions"), permissions=["change"])
    def undo_merge(self, request: HttpRequest, chosen: QuerySet[Discussion]) -> None:
        do(self, request, chosen, lambda each: actions.undo_merge(each.pk, actor=actor_of(request)))
