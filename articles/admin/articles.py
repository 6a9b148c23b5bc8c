from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ChoicesFieldListFilter
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.duties import Duty, within
from accounts.models import User
from accounts.names import name_key
from articles import actions
from articles.access import may_do, may_edit_words
from articles.admin.editors import WAITING, EditorsAdmin, state_and_time, state_label, when
from articles.admin.forms import NOTES, VersionedForm, seen_in, written
from articles.models import Article, Section, State
from articles.search import INDEX
from newsroom.desk.admin import NEW, Button
from newsroom.desk.forms import SplitTimeWidget
from newsroom.desk.lists import UNINDEXED, IndexedValuesFilter, most_found, newest_found

FIELDS = (*Article.WORDS, "writer", "section", "photo", "related", "language", "slug")


class MovedTime(forms.SplitDateTimeField):
    """A time that can be moved but not removed: if left empty, it stays."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return any(data or ()) and super().has_changed(initial, data)


class WriterField(forms.CharField):
    """A person by the name of their account: among all people a list to choose from would be endless."""

    def prepare_value(self, value: Any) -> Any:
        found = User.objects.filter(pk=value).first() if isinstance(value, int) else None
        return found.name if found else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def to_python(self, value: Any) -> Any:
        name = super().to_python(value)
        found = User.objects.filter(name_key=name_key(name)).first() if name else None
        if name and found is None:
            raise ValidationError(gettext("There is no account of this name."))
        return found


class ArticleForm(VersionedForm):
    moved_to = MovedTime(
        label=_("Published at"),
        required=False,
        widget=SplitTimeWidget,
        help_text=_("Within the past. How long the discussion is open counts from it."),
    )

    writer = WriterField(
        label=_("Account of the author"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The name of an account: its comments below the article are marked as the author’s."),
    )

    class Meta:
        model = Article
        fields = FIELDS
        widgets = {
            "lead": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
            "body": UnfoldAdminTextareaWidget(attrs={"rows": 26, "spellcheck": "true"}),
        }
        help_texts = {
            "body": gettext_lazy("Markdown: ## for subheads, *emphasis*, [text](https://…) for links, > for quotes."),
            "slug": gettext_lazy("The address: made from the headline if left empty, fixed once it is published."),
            "related": gettext_lazy("Shown under the article; if none are chosen, the newest of its section are."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["moved_to"] = self.instance.published_at
        if "slug" in self.fields:
            self.fields["slug"].required = False
        self.fields["note"].help_text = gettext(
            "Under the article, with a correction, and told to its followers. In its place, if you retract it."
        )

    def clean_moved_to(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["moved_to"]
        if moment is not None and "moved_to" in self.changed_data and moment > timezone.now():
            raise ValidationError(gettext("Choose a time in the past."))
        return moment


class StateFilter(ChoicesFieldListFilter):
    """By the index of those that are not published."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = super().queryset(request, queryset)
        asked: Any = self.used_parameters.get(self.lookup_kwarg)
        found: QuerySet[Any] = rows.unpublished() if asked and State.PUBLISHED not in asked else rows
        return found


@admin.register(Article)
class ArticleAdmin(EditorsAdmin):
    form = ArticleForm
    list_display = ["headline", "section", state_label, when, "author_line"]
    list_filter = [("state", StateFilter), "section", ("language", IndexedValuesFilter)]
    list_select_related = ["section"]
    search_fields = ["headline", "kicker", "lead", "slug"]
    ordering = ["-created_at"]
    autocomplete_fields = ["photo", "related"]
    fields_of_actions = {"publish_at": "appear_at", "published_at": "moved_to"} | NOTES
    buttons = (
        Button(
            "publish",
            _("Publish"),
            actions.publish_article,
            frozenset([NEW, State.DRAFT, State.RETRACTED]),
            _("“%s” is published."),
            attrs={
                "data-confirm": _("Publish now, for everybody?"),
                "data-planned": _("Publish at that time"),
            },
        ),
        Button(
            "publish_now",
            _("Publish now"),
            partial(actions.publish_article, now=True),
            frozenset([State.SCHEDULED]),
            _("“%s” is published."),
            attrs={"data-confirm": _("It is planned for %s. Publish it now all the same, for everybody?")},
            is_for_many=False,
        ),
        Button(
            "unschedule",
            _("Do not publish by itself"),
            actions.unschedule_article,
            frozenset([State.SCHEDULED]),
            _("“%s” is a draft again and does not appear by itself."),
        ),
        Button(
            "retract",
            _("Retract"),
            actions.retract_article,
            frozenset([State.PUBLISHED]),
            _("“%s” is retracted."),
            attrs={"data-confirm": _("Take it back? Readers then see that it was retracted, and your note.")},
            takes_note=True,
        ),
    )

    def found(self, request: HttpRequest, words: str) -> list[int]:
        """The published by the index. The others, which it leaves out, are few: all are looked through."""
        published, waiting = Article.objects.listed(), Article.objects.unpublished()
        others, _may_repeat = self.looked_through(request, waiting, words)
        named = published.filter(slug=words).values_list("pk", flat=True)
        most = most_found(request)
        newest = newest_found(published, "published_at", INDEX.ask(words), most)
        return [*newest, *named, *others.order_by(UNINDEXED.desc()).values_list("pk", flat=True)[:most]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        rows: QuerySet[Article] = super().get_queryset(request)
        return rows.visible_to(request.user)  # type: ignore[attr-defined,no-any-return]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As the action for its state asks: what cannot be changed can still be read."""
        if not isinstance(obj, Article) or self.may_press(request, obj):
            allowed: bool = super().has_change_permission(request, obj)
            return allowed
        return obj.state in WAITING and may_edit_words(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only drafts can be deleted; a published article is retracted."""
        if not isinstance(obj, Article) or obj.state != State.DRAFT:
            return False
        return may_do("discard_article", request.user, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offers the sections for which the person may write."""
        if db_field.name == "section" and isinstance(request.user, User):
            kwargs["queryset"] = Section.objects.filter(within(request.user.sections(Duty.CONTRIBUTE), "pk"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        state = self.state_of(obj)
        publication: list[Any] = [state_and_time, "preview"] if obj else []
        publication += ["appear_at"] if self.may_press(request, obj) and state in {*WAITING, NEW} else []
        if state == State.PUBLISHED:
            publication += ["moved_to", *(["correction"] if obj.correction else []), "note"]
        words = [name for name in Article.WORDS if name != "author_line"]
        return [
            (None, {"fields": [*words, "seen_version"]}),
            (_("Where it stands"), {"fields": ["section", "photo", "related"]}),
            (_("About it"), {"fields": ["author_line", "writer", "language", "slug"]}),
            *([(_("Publication"), {"fields": publication})] if publication else []),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fixed: list[Any] = [state_and_time, "preview", "correction"]
        state = self.state_of(obj)
        if state == State.RETRACTED:
            return [*fixed, *FIELDS]
        return [*fixed, "slug"] if state == State.PUBLISHED else fixed

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        fields = written(form, FIELDS)
        actor = request.user
        assert isinstance(actor, User)
        if is_new:
            saved = actions.draft_article(actor=actor, **fields)
        elif obj.state == State.PUBLISHED:
            note = "" if "_retract" in request.POST else form.cleaned_data.get("note", "")
            moved = form.cleaned_data.get("moved_to") if "moved_to" in form.changed_data else None
            return actions.correct_article(
                obj.pk, actor=actor, seen=seen_in(form), note=note, published_at=moved, **fields
            )
        else:
            fields["slug"] = fields.get("slug") or obj.slug or form.initial["slug"]
            saved = actions.edit_article(obj.pk, actor=actor, seen=seen_in(form), **fields)
        return _timed(saved, form, actor)

    def discard(self, request: HttpRequest, obj: Any) -> None:
        actions.discard_article(obj.pk, actor=request.user)  # type: ignore[arg-type]

    @admin.display(description=_("preview"))
    def preview(self, obj: Article) -> str:
        is_public = obj.state == State.PUBLISHED
        url = obj.get_absolute_url() + ("" if is_public else "?preview=1")
        title = gettext("Open the page") if is_public else gettext("See it as readers will")
        return format_html('<a class="text-primary-600 underline" href="{}" target="_blank">{}</a>', url, title)


def _timed(article: Article, form: Any, actor: User) -> Article:
    """Schedule it, or make it a draft again, as the form says."""
    if "appear_at" not in form.changed_data:
        return article
    moment = form.cleaned_data["appear_at"]
    if moment is not None:
        return actions.schedule_article(article.pk, actor=actor, publish_at=moment)
    return actions.unschedule_article(article.pk, actor=actor) if article.state == State.SCHEDULED else article
