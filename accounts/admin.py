"""People, sanctions and legal pages in the admin. Whatever is saved goes through an action; no hash is ever shown."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import BooleanField, ChoiceField, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from accounts import actions
from accounts.models import AuditEntry, LegalPage, Sanction, User
from accounts.reasons import Reason
from newsroom.desk import DeskAdmin
from newsroom.errors import Refused

for _model in (Group, EmailAddress, Authenticator, UserSession):  # groups are not used; the rest is people's own
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class ByAction(DeskAdmin):
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SanctionInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = Sanction
    fk_name = "user"
    fields = readonly_fields = ("scope", "reason", "until", "note", "imposed_by", "created_at", "lifted_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(ByAction):
    list_display = ("name", "email", "role", "is_confirmed", "date_joined", "bar")
    list_filter = ("role", "is_confirmed")
    search_fields = ("name", "email")
    fields = ("name", "email", "role", "language", "is_confirmed", "date_joined", "last_login", "bar")
    readonly_fields = tuple(field for field in fields if field != "role")
    inlines = (SanctionInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people register themselves

    @admin.display(description=_("restrict"))
    def bar(self, user: User) -> str:
        url = f"{reverse('admin:accounts_sanction_add')}?user={user.pk}"
        return format_html('<a href="{}">{}</a>', url, _("Restrict this person"))

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        assert isinstance(request.user, User)
        if "role" in form.changed_data:
            actions.change_role(obj.pk, actor=request.user, role=obj.role)


class SanctionForm(ModelForm[Sanction]):
    """Nothing is chosen by itself: neither from what, nor why, nor that it is for good."""

    scope = ChoiceField(label=_("scope"), choices=[("", "–"), *Sanction.Scope.choices], widget=UnfoldAdminSelectWidget)
    reason = ChoiceField(label=_("reason"), choices=[("", "–"), *Reason.choices], widget=UnfoldAdminSelectWidget)
    for_good = BooleanField(label=_("for good"), required=False, widget=UnfoldBooleanWidget)

    class Meta:
        model = Sanction
        fields = ("user", "scope", "reason", "until", "note")

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(said.get("until")) == bool(said.get("for_good")) and "until" not in self.errors:
            self.add_error("until", _("Choose either a time or “for good”."))
        return said


@admin.register(Sanction)
class SanctionAdmin(ByAction):
    list_display = ("user", "scope", "reason", "until", "imposed_by", "created_at", "lifted_at")
    list_filter = ("scope", "reason")
    list_select_related = ("user", "imposed_by")
    search_fields = ("user__name", "user__email")
    autocomplete_fields = ("user",)
    form = SanctionForm
    fields = ("user", "scope", "reason", "until", "for_good", "note")
    actions = ("lift",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Without an end, one that was imposed is for good."""
        return tuple(each for each in self.fields if obj is None or each != "for_good")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # impose another, or lift

    def save_model(self, request: HttpRequest, obj: Sanction, form: ModelForm[Sanction], change: bool) -> None:
        assert isinstance(request.user, User)
        made = actions.impose_sanction(
            obj.user_id, actor=request.user, scope=obj.scope, until=obj.until, reason=obj.reason, note=obj.note
        )
        obj.pk = made.pk

    @admin.action(description=_("Lift the selected restrictions"), permissions=["add"])
    def lift(self, request: HttpRequest, chosen: QuerySet[Sanction]) -> None:
        assert isinstance(request.user, User)
        for sanction in chosen:
            try:
                actions.lift_sanction(sanction.pk, actor=request.user)
            except Refused as refused:
                self.message_user(request, f"{sanction}: {refused.detail}", messages.ERROR)


@admin.register(AuditEntry)
class AuditEntryAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Read by administrators, written by actions, changed by nobody."""

    list_display = ("created_at", "actor", "role", "deed", "subject")
    list_filter = ("deed", "role")
    list_select_related = ("actor",)
    search_fields = ("subject", "actor__name")
    ordering = ("-id",)
    fields = readonly_fields = ("created_at", "actor", "role", "deed", "subject", "before", "after")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LegalPage)
class LegalPageAdmin(ByAction):
    list_display = ("slug", "title", "version", "updated_at")
    fields = ("title", "body", "version", "updated_at")
    readonly_fields = ("version", "updated_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # there are these three

    def save_model(self, request: HttpRequest, obj: LegalPage, form: ModelForm[LegalPage], change: bool) -> None:
        assert isinstance(request.user, User)
        actions.write_legal_page(obj.slug, actor=request.user, title=obj.title, body=obj.body)

    def view_on_site(self, obj: LegalPage) -> str:
        return reverse(obj.slug)
