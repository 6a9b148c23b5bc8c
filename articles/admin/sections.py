from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from articles import actions
from articles.admin.editors import EditorsAdmin
from articles.models import Section, Ticker


class PlaceAdmin(EditorsAdmin):
    prepopulated_fields: dict[str, tuple[str, ...]] = {}
    has_delete_permission = ModelAdmin.has_delete_permission  # as the role says

    def discard(self, request: HttpRequest, obj: Any) -> None:
        actions.delete_place(obj, actor=request.user)  # type: ignore[arg-type]


@admin.register(Section)
class SectionAdmin(PlaceAdmin):
    list_display = ["name", "slug", "position"]
    ordering = ["position", "name"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ("name",)}
    fields = ["name", "slug", "position"]

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        return actions.keep_section(obj, actor=request.user)  # type: ignore[arg-type]


class TickerForm(forms.ModelForm[Ticker]):
    is_over = forms.BooleanField(
        label=_("The live blog is over"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Its first item begins it. Readers and search engines see whether it goes on."),
    )

    class Meta:
        model = Ticker
        fields = ("title", "slug", "description", "article", "summary")
        widgets = {"summary": UnfoldAdminTextareaWidget(attrs={"rows": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_over"] = self.instance.ended_at is not None


@admin.display(description=_("state"))
def coverage(ticker: Ticker) -> str:
    return str(ticker.coverage.label) if ticker.article_id else ""


@admin.register(Ticker)
class TickerAdmin(PlaceAdmin):
    form = TickerForm
    list_display = ["title", "slug", "article", coverage, "last_number", "items"]
    list_select_related = ["article"]
    search_fields = ["title", "slug"]
    autocomplete_fields = ["article"]
    fields = ["title", "slug", "description", "article", "summary", "is_over"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticker]:
        rows: Any = super().get_queryset(request)
        return rows.on_the_desk_of(request.user)  # type: ignore[no-any-return]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"slug": ("title",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []  # it names the stream

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        is_over = form.cleaned_data["is_over"] if "is_over" in form.changed_data else None
        return actions.keep_ticker(obj, actor=request.user, is_over=is_over)  # type: ignore[arg-type]

    @admin.display(description=_("items"))
    def items(self, obj: Ticker) -> str:
        url = f"{reverse('admin:articles_tickeritem_changelist')}?ticker__id__exact={obj.pk}"
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, gettext("Show"))
