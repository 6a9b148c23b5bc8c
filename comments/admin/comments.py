"""Comments and what was decided on them."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ChoicesFieldListFilter
from django.db.models import QuerySet
from django.forms import BaseFormSet, ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin import HistoryAdmin
from accounts.duties import Duty
from accounts.reasons import Reason
from accounts.search import people_found
from comments import actions, search
from comments.admin.deeds import ReadOnly, actor_of, do, sentences
from comments.models import MAX_NOTE, Comment, CommentRevision, Decision
from comments.tasks import work_on_bulk
from newsroom.api.responses import NEVER
from newsroom.desk.lists import MOST, MOST_FOUND, UNINDEXED, newest_found
from newsroom.errors import NotFound, Refused

MOST_LOOKED = 2000  # hidden comments of each state that a search looks through
MOST_AUTHORS = 500  # people, the newest, whose comments a search finds by their names
EXCERPT = 80  # characters in a list
BY_HAND = ("approve", "reject", "remove", "restore")


class ReasonForm(ActionForm):  # type: ignore[misc]  # unfold has no types
    """Reason and note of a decision about the ticked comments."""

    reason = forms.ChoiceField(
        label="",
        choices=[("", _("Reason …")), *Reason.choices],
        required=False,
        widget=UnfoldAdminSelectWidget({"aria-label": _("Reason")}),
    )
    note = forms.CharField(
        label="",
        required=False,
        max_length=MAX_NOTE,
        widget=UnfoldAdminTextInputWidget({"placeholder": _("Note"), "aria-label": _("Note")}),
    )


class RevisionInline(ReadOnly, TabularInline):  # type: ignore[misc]  # unfold has no types
    model = CommentRevision
    fields = readonly_fields = ("version", "text", "replaced_at")
    verbose_name_plural = _("earlier texts")


class DecisionInline(ReadOnly, TabularInline):  # type: ignore[misc]  # unfold has no types
    model = Decision
    fields = readonly_fields = ("action", "reason", "note", "rule", "moderator", "created_at")


class SeenField(forms.IntegerField):
    """The version that the page showed: a hidden field."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, min_value=1)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class DecisionForm(forms.ModelForm[Decision]):
    seen = SeenField()
    action = forms.ChoiceField(
        label=_("action"),
        choices=[("", "–"), *((each.value, each.label) for each in Decision.Action if each.value in BY_HAND)],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Decision
        fields = ("action", "reason", "note")

    def clean(self) -> dict[str, Any]:
        """Only decisions that the author is told of have a reason, and these need one."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("action") in actions.REASONED and not said.get("reason"):
            self.add_error("reason", _("Choose a reason: the author is told."))
        return said


class NewDecisionInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """An empty line under a comment: what is entered there becomes a decision."""

    model = Decision
    form = DecisionForm
    extra = 1
    max_num = 1
    verbose_name = _("new decision")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return Decision.objects.none()


class StateFilter(ChoicesFieldListFilter):
    """By an index for each state."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.used_parameters.get(self.lookup_kwarg)
        states = asked if isinstance(asked, list) else [asked]
        rows: Any = super().queryset(request, queryset)
        return rows.in_state(states[-1]) if states[-1] in Comment.NOT_SHOWN else rows  # type: ignore[no-any-return]


def _hidden_with(words: str) -> list[int]:
    """The ids of comments that readers do not see, with all words anywhere in their texts, in either case. Of each
    state the newest MOST_LOOKED are looked through.
    """
    asked = words.casefold().split()
    states = sorted({*Comment.NOT_SHOWN, Comment.State.HELD})
    rows = [Comment.objects.in_state(each).order_by("-pk").values_list("pk", "text")[:MOST_LOOKED] for each in states]
    return [pk for some in rows for pk, text in some if all(word in text.casefold() for word in asked)]


@admin.register(Comment)
class CommentAdmin(HistoryAdmin):
    list_disable_select_all = False  # decided in the background
    list_display = ("excerpt", "shown_state", "author", "discussion", "created_at")
    list_filter = (("state", StateFilter), "discussion__mode")
    list_select_related = ("author", "discussion", "tally")
    search_fields = ("text", "author__name")  # by their indexes, see `found`
    ordering = ("-id",)
    fields = readonly_fields = (
        *("panel", "discussion", "author", "author_name", "state", "text"),
        *("created_at", "published_at", "edited_at"),
    )
    inlines = (NewDecisionInline, DecisionInline, RevisionInline)
    recorded_beside = (Decision,)
    action_form = ReasonForm
    actions = (*BY_HAND, "undo")

    def found(self, request: HttpRequest, words: str) -> list[int]:
        """By their words those that readers see, and the newest of each other state; and those of people."""
        published = Comment.objects.filter(state=Comment.State.PUBLISHED, order__isnull=False)
        newest = newest_found(published, "created_at", search.INDEX.ask(words))
        theirs = Comment.objects.filter(author__in=people_found(words)[:MOST_AUTHORS]).order_by(UNINDEXED.desc())
        return [*newest, *_hidden_with(words), *theirs.values_list("pk", flat=True)[:MOST_FOUND]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        rows: Any = super().get_queryset(request)
        return rows.on_the_desk_of(actor_of(request))  # type: ignore[no-any-return]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or actor_of(request).may(Duty.MODERATE, obj.discussion.section_id))

    def get_fields(self, request: HttpRequest, obj: Comment | None = None) -> list[str]:
        """Those who edit here and do not moderate have no way into the panel."""
        moderates = obj is not None and actor_of(request).may(Duty.MODERATE, obj.discussion.section_id)
        return [name for name in self.fields if name != "panel" or moderates]

    @admin.display(description=_("Moderation"))
    def panel(self, comment: Comment) -> str:
        """Ways into the moderators' panel, where there is more to see and to do."""
        case = comment.cases.order_by("-pk").first()
        ways = [(reverse("moderation-case-page", args=[case.pk]), _("Case"))] if case else []
        ways.append((reverse("comment-moderate", args=[comment.pk]), _("Moderate")))
        if comment.author_id:
            ways.append((reverse("moderation-person-page", args=[comment.author_id]), _("Author")))
            ways.append((f"{reverse('moderation-decisions-page')}?author={comment.author_id}", _("Decisions")))
        return format_html_join(" · ", '<a href="{}">{}</a>', ways)

    @display(description=_("comment"), ordering="id")  # type: ignore[untyped-decorator]  # unfold has no types
    def excerpt(self, comment: Comment) -> str:
        return comment.text if len(comment.text) <= EXCERPT else f"{comment.text[:EXCERPT]}…"

    @display(
        description=_("state"),
        label={"published": "success", "held": "warning", "removed": "danger", "rejected": "danger"},
    )  # type: ignore[untyped-decorator]  # unfold has no types
    def shown_state(self, comment: Comment) -> tuple[str, str]:
        return comment.state, comment.get_state_display()

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Comment], formset: BaseFormSet[Any], change: bool
    ) -> None:
        """Takes the decision in the empty line. Nothing else here can be changed."""
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []  # type: ignore[attr-defined]
        for line in formset.forms:
            if isinstance(line, DecisionForm) and line.has_changed():
                said = line.cleaned_data
                actions.decide(
                    form.instance.pk,
                    said["action"],
                    actor=actor_of(request),
                    reason=said["reason"],
                    seen={said["seen"]},
                    note=said["note"],
                )

    def get_formset_kwargs(self, request: HttpRequest, obj: Comment, inline: Any, prefix: str) -> dict[str, Any]:
        given: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        return given | {"initial": [{"seen": obj.public_version}]} if isinstance(inline, NewDecisionInline) else given

    @admin.display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Comment) -> str:
        """Contains the row's version, so that a ticked comment is decided in the version that was read."""
        box = super().action_checkbox(obj)
        if getattr(obj, "is_ticked", False):
            box = mark_safe(box.replace("<input ", "<input checked ", 1))  # noqa: S308  it was safe before
        seen = format_html('<input type="hidden" name="seen-{}" value="{}">', obj.pk, obj.public_version)
        return format_html("{}{}", box, seen)

    def view_on_site(self, obj: Comment) -> str | None:
        return f"/comments/{obj.pk}/" if obj.published_at else None

    @admin.action(description=_("Approve the selected comments"), permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Comment]) -> HttpResponse | None:
        return self._decide(request, chosen, "approve")

    @admin.action(description=_("Reject the selected comments"), permissions=["change"])
    def reject(self, request: HttpRequest, chosen: QuerySet[Comment]) -> HttpResponse | None:
        return self._decide(request, chosen, "reject")

    @admin.action(description=_("Remove the selected comments"), permissions=["change"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Comment]) -> HttpResponse | None:
        return self._decide(request, chosen, "remove")

    @admin.action(description=_("Restore the selected comments"), permissions=["change"])
    def restore(self, request: HttpRequest, chosen: QuerySet[Comment]) -> HttpResponse | None:
        return self._decide(request, chosen, "restore")

    @admin.action(description=_("Undo my last decision about the selected comments"), permissions=["change"])
    def undo(self, request: HttpRequest, chosen: QuerySet[Comment]) -> None:
        def undo(comment: Comment) -> None:
            decision = actions.undoing.undoable(comment, actor_of(request))
            if decision is None:
                raise NotFound(str(_("You have decided nothing about it within the last minute.")))
            actions.undo_decision(decision.pk, actor=actor_of(request))

        do(self, request, chosen, undo)

    def _decide(self, request: HttpRequest, chosen: QuerySet[Comment], action: str) -> HttpResponse | None:
        reason, note = request.POST.get("reason", ""), request.POST.get("note", "")
        if request.POST.get("select_across") == "1":
            refused = self._decide_later(request, chosen, action, reason, note)
            return self._list_again(request, refused, None) if refused else None

        def decide(comment: Comment) -> None:
            shown = request.POST.get(f"seen-{comment.pk}", "")
            seen = {int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else NEVER}
            actions.decide(comment.pk, action, actor=actor_of(request), reason=reason, seen=seen, note=note)

        left = do(self, request, chosen, decide)
        return self._list_again(request, next(iter(left.values())), left.keys()) if left else None

    def _list_again(self, request: HttpRequest, refused: Refused, left: Collection[int] | None) -> HttpResponse:
        """The list with its filled form and with the comments that were not decided still ticked (None: all shown)."""
        asked = copy(request)
        asked.method = "GET"
        answer: Any = self.changelist_view(asked)
        form = answer.context_data["action_form"]
        form.initial = {name: request.POST.get(name, "") for name in ("action", "reason", "note")}
        for name in refused.extra.get("errors", {}).keys() & form.fields.keys():
            form.fields[name].widget.attrs["aria-invalid"] = "true"
        for row in answer.context_data["cl"].result_list:
            row.is_ticked = left is None or row.pk in left
        return answer  # type: ignore[no-any-return]

    def _decide_later(
        self, request: HttpRequest, chosen: QuerySet[Comment], action: str, reason: str, note: str
    ) -> Refused | None:
        """Decide on all comments of the list in their present versions, in the background, since it may take long."""
        rows = chosen.select_related("tally").order_by("id")[:MOST]
        found = [(each.pk, each.public_version) for each in rows]
        try:  # the list has said how many there are, and was asked for all of them
            job = actions.start_bulk(found, action, actor=actor_of(request), reason=reason, note=note, count=len(found))
        except Refused as refused:
            self.message_user(request, sentences(refused), messages.ERROR)
            return refused
        work_on_bulk.enqueue(job.pk)
        said = ngettext(
            "%d comment is being decided. You are told when that is done.",
            "%d comments are being decided. You are told when that is done.",
            job.count,
        )
        there = format_html(' <a href="{}">{}</a>', reverse("moderation-bulk-page", args=[job.pk]), _("To the job"))
        self.message_user(request, format_html("{}{}", said % job.count, there), messages.SUCCESS)
        return None
