"""People, sanctions and legal pages in the admin. Everything is saved through actions; no hash is ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.forms import BooleanField, ChoiceField, ModelForm, TypedChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from accounts import actions
from accounts.access import sees_addresses
from accounts.audit import record_look
from accounts.duties import Duty, within
from accounts.giving import UserForm, made_for
from accounts.history import Entry, Words, recorded
from accounts.models import AuditEntry, LegalPage, Sanction, User
from accounts.reasons import Reason
from accounts.representations import masked
from accounts.search import people_found
from accounts.sections import duties_in_words, every, in_words
from newsroom.desk.admin import ActionAdmin, Button
from newsroom.desk.lists import MOST_FOUND, UNINDEXED, IndexedValuesFilter, ListAdmin, most_found
from newsroom.errors import Refused

# Groups are not used; the other rows are private to each person.
for _model in (Group, EmailAddress, Authenticator, UserSession):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class HistoryAdmin(ActionAdmin):
    """Shows the history of a row from our record of deeds. The admin's own log has no old and new values."""

    recorded_as = ""  # its kind in the record, "legal_page" of "legal_page.terms"; usually the model's name
    recorded_beside: tuple[type[Model], ...] = ()  # models whose fields are recorded with it
    recorded_names: Mapping[str, Promise] = {}  # labels of recorded values that are no model's field
    recorded_words: Words | None = None  # what such a value means

    def entries(self, obj: Model) -> list[Entry]:
        """All that was done to the row, the latest first."""
        subject = f"{self.recorded_as or self.opts.model_name}.{obj.pk}"
        return recorded(subject, (self.model, *self.recorded_beside), self.recorded_names, self.recorded_words)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is not None and not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        entries = self.entries(obj) if obj is not None else []
        if not entries:
            answer: HttpResponse = super().history_view(request, object_id, extra_context)
            return answer
        known = {"title": gettext("History: %s") % obj, "entries": entries, "opts": self.opts, "object": obj}
        return TemplateResponse(request, "admin/revisions.html", {**self.admin_site.each_context(request), **known})


def _sees_addresses(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and sees_addresses(request.user)


def _concerning(request: HttpRequest) -> Q:
    """A filter for the restrictions in the person's sections, and for those that hold everywhere."""
    assert isinstance(request.user, User)
    here = within(request.user.sections(Duty.MODERATE), "section")
    return here | Q(section=None) if here else here


class SanctionInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = Sanction
    fk_name = "user"
    fields = readonly_fields = ("barred_from", "reason", "until", "note", "imposed_by", "created_at", "lifted_at")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sanction]:
        rows: QuerySet[Sanction] = super().get_queryset(request)
        return rows.filter(_concerning(request))

    @admin.display(description=_("scope"))
    def barred_from(self, sanction: Sanction) -> str:
        return sanction.what

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _where(_duty: str, stored: Any) -> str:
    return in_words(stored if isinstance(stored, str) else frozenset(stored or ()))  # type: ignore[arg-type]


@admin.register(User)
class UserAdmin(HistoryAdmin):
    list_display = ("name", "masked", "role", "is_confirmed", "date_joined", "bar")
    list_filter = ("role", "is_confirmed")
    search_fields = ("name", "email")  # by their indexes, see `found`
    fields = ("name", "email", "role", "language", "is_confirmed", "date_joined", "last_login", "given", "bar")
    readonly_fields = (*(field for field in fields if field != "given"), "masked")
    inlines = (SanctionInline,)
    buttons = (
        Button(
            "end_sessions",
            _("Log out everywhere"),
            run=actions.end_sessions,
            states=frozenset({""}),
            done=_("%s is logged out on all devices."),
            attrs={"data-confirm": _("Log this person out on all devices, and end their keys? They are told by mail.")},
            icon="logout",
            is_for_many=False,
        ),
    )
    recorded_beside = (Sanction,)
    recorded_names: Mapping[str, Promise] = dict(Duty.choices)
    recorded_words = staticmethod(_where)

    def found(self, request: HttpRequest, words: str) -> list[int]:
        return people_found(words, most_found(request), by_address=_sees_addresses(request), by_whole_address=True)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple("masked" if each == "email" and not _sees_addresses(request) else each for each in self.fields)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Each look at an address is on record."""
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        shown = kwargs.get("obj")
        if shown is not None and _sees_addresses(request):
            record_look(request.user, shown)  # type: ignore[arg-type]
        return answer

    @admin.display(description=_("e-mail address"), ordering="email")
    def masked(self, user: User) -> str:
        return masked(user.email)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people register themselves

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes their own duties."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.pk != request.user.pk)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        assert isinstance(request.user, User)
        return super().get_form(request, obj, change, **{**kwargs, "form": made_for(request.user)})

    @admin.display(description=_("duties"))
    def given(self, user: User) -> str:
        """For those who may only look at them."""
        return format_html_join("", "{}<br>", ((line,) for line in duties_in_words(user.given)))

    @admin.display(description=_("restrict"))
    def bar(self, user: User) -> str:
        url = f"{reverse('admin:accounts_sanction_add')}?user={user.pk}"
        return format_html('<a href="{}">{}</a>', url, _("Restrict this person"))

    def may_press(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.may(Duty.ADMINISTRATE, None)

    def said(self, obj: User, pressed: Button | None, *, is_changed: bool) -> str:
        return str(pressed.done) % obj if pressed else ""

    def store(self, request: HttpRequest, obj: User, form: ModelForm[User], *, is_new: bool) -> User:
        assert isinstance(request.user, User)
        assert isinstance(form, UserForm)
        return actions.give_duties(obj.pk, actor=request.user, duties=form.chosen)


def _places() -> list[tuple[Any, Any]]:
    return [("", _("all sections")), *((each.id, each.name) for each in every())]


class SanctionForm(ModelForm[Sanction]):
    """No field has a default: scope, reason, and "for good" must be chosen explicitly."""

    section = TypedChoiceField(
        label=_("section"),
        choices=_places,
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    scope = ChoiceField(label=_("scope"), choices=[("", "–"), *Sanction.Scope.choices], widget=UnfoldAdminSelectWidget)
    reason = ChoiceField(label=_("reason"), choices=[("", "–"), *Reason.choices], widget=UnfoldAdminSelectWidget)
    for_good = BooleanField(label=_("for good"), required=False, widget=UnfoldBooleanWidget)

    class Meta:
        model = Sanction
        fields = ("user", "scope", "section", "reason", "until", "text", "note")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(said.get("until")) == bool(said.get("for_good")) and "until" not in self.errors:
            self.add_error("until", _("Choose either a time or “for good”."))
        return said


@admin.register(Sanction)
class SanctionAdmin(ActionAdmin):
    list_display = ("user", "barred_from", "reason", "until", "imposed_by", "created_at", "lifted_at")
    list_filter = ("scope", "reason")
    list_select_related = ("user", "imposed_by")
    search_fields = ("user__name", "user__email")  # by their indexes, see `found`
    autocomplete_fields = ("user",)
    form = SanctionForm
    fields = ("user", "scope", "section", "reason", "until", "for_good", "text", "note")
    actions = ("lift",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sanction]:
        rows: QuerySet[Sanction] = super().get_queryset(request)
        return rows.filter(_concerning(request))

    @admin.display(description=_("scope"), ordering="scope")
    def barred_from(self, sanction: Sanction) -> str:
        return sanction.what

    def found(self, request: HttpRequest, words: str) -> list[int]:
        people = people_found(words, by_address=_sees_addresses(request), by_whole_address=True)
        theirs = Sanction.objects.filter(user__in=people).order_by(UNINDEXED.desc())
        return list(theirs.values_list("pk", flat=True)[:MOST_FOUND])

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Hides the end of a sanction that was imposed for good."""
        return tuple(each for each in self.fields if obj is None or each != "for_good")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # impose another one, or lift it

    def store(self, request: HttpRequest, obj: Sanction, form: ModelForm[Sanction], *, is_new: bool) -> Sanction:
        assert isinstance(request.user, User)
        return actions.impose_sanction(
            obj.user_id,
            actor=request.user,
            scope=obj.scope,
            section=obj.section,
            until=obj.until,
            reason=obj.reason,
            note=obj.note,
            text=obj.text,
        )

    @admin.action(description=_("Lift the selected restrictions"), permissions=["add"])
    def lift(self, request: HttpRequest, chosen: QuerySet[Sanction]) -> None:
        assert isinstance(request.user, User)
        for sanction in chosen:
            try:
                actions.lift_sanction(sanction.pk, actor=request.user)
            except Refused as refused:
                self.message_user(request, f"{sanction}: {refused.detail}", messages.ERROR)


# What subjects of the record begin with, before a number.
KINDS = ("article", "comment", "discussion", "hours", "photo", "section", "ticker", "tickeritem", "user")


@admin.register(AuditEntry)
class AuditEntryAdmin(ListAdmin):
    """Read by administrators, written by actions, changed by nobody."""

    list_display = ("created_at", "actor", "role", "deed", "subject")
    list_filter = (("deed", IndexedValuesFilter), "role")
    list_select_related = ("actor",)
    search_fields = ("subject", "actor__name")  # by their indexes, see `found`
    search_help_text = _("A person’s name, or the subject: “comment.17”, or only its number.")
    ordering = ("-id",)
    fields = readonly_fields = ("created_at", "actor", "role", "deed", "subject", "before", "after")

    def found(self, request: HttpRequest, words: str) -> list[int]:
        subjects = [words, *(f"{kind}.{words}" for kind in KINDS)]
        newest = AuditEntry.objects.order_by(UNINDEXED.desc()).values_list("pk", flat=True)
        about, by = newest.filter(subject__in=subjects), newest.filter(actor__in=people_found(words))
        return [*about[:MOST_FOUND], *by[:MOST_FOUND]]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LegalPage)
class LegalPageAdmin(HistoryAdmin):
    list_display = ("slug", "title", "version", "updated_at")
    fields = ("title", "body", "version", "updated_at")
    readonly_fields = ("version", "updated_at")
    recorded_as = "legal_page"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # there are exactly three pages

    def store(self, request: HttpRequest, obj: LegalPage, form: ModelForm[LegalPage], *, is_new: bool) -> LegalPage:
        assert isinstance(request.user, User)
        return actions.write_legal_page(obj.slug, actor=request.user, title=obj.title, body=obj.body)

    def view_on_site(self, obj: LegalPage) -> str:
        return reverse(obj.slug)
