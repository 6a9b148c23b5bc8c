"""The record of decisions."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.duties import Duty, within
from comments.admin.deeds import ReadOnly, actor_of
from comments.models import AT_WORK, Decision
from newsroom.desk.lists import ListAdmin


@admin.register(Decision)
class DecisionAdmin(ReadOnly, ListAdmin):
    list_display = ("created_at", "action", "comment", "reason", "rule", "moderator")
    list_filter = ("action", "reason", "rule")
    list_select_related = ("comment", "moderator")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        rows: QuerySet[Decision] = super().get_queryset(request)
        return rows.filter(within(actor_of(request).sections(*AT_WORK), "comment__discussion__article__section"))

    fields = readonly_fields = ("panel", "comment_link", "action", "reason", "note", "rule", "moderator", "created_at")

    def get_fields(self, request: HttpRequest, obj: Decision | None = None) -> list[str]:
        moderates = obj is not None and actor_of(request).may(Duty.MODERATE, obj.section_id)
        return [name for name in self.fields if name != "panel" or moderates]

    @admin.display(description=_("Moderation"))
    def panel(self, decision: Decision) -> str:
        """The decision in the panel's log, among those of its day, and its case."""
        day = timezone.localtime(decision.created_at, timezone.get_default_timezone()).date().isoformat()
        asked = {"from": day, "to": day} | (
            {"author": decision.comment.author_id} if decision.comment.author_id else {}
        )
        log = f"{reverse('moderation-decisions-page')}?{urlencode(asked)}#decision-{decision.pk}"
        case = decision.cases.order_by("-pk").first() or decision.comment.cases.order_by("-pk").first()
        ways = [(reverse("moderation-case-page", args=[case.pk]), _("Case"))] if case else []
        return format_html_join(" · ", '<a href="{}">{}</a>', [(log, _("Decisions")), *ways])

    @admin.display(description=_("comment"))
    def comment_link(self, decision: Decision) -> str:
        url = reverse("admin:comments_comment_change", args=[decision.comment_id])
        return format_html('<a href="{}">{}</a>', url, decision.comment)
