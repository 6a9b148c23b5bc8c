"""The form of the publisher's face: one row, for administrators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget, UnfoldBooleanSwitchWidget

from accounts.admin import HistoryAdmin
from articles import actions, photos
from articles.actions.appearance import LOGOS, WRITABLE
from articles.admin.forms import written
from newsroom.errors import Invalid
from newsroom.face import colours
from newsroom.models import Appearance
from newsroom.pictures import Encoded


def _upload(help_text: Any) -> forms.FileField:
    accepted = UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/webp,image/jpeg,image/avif,image/gif"})
    return forms.FileField(label=_("Another picture"), required=False, widget=accepted, help_text=help_text)


def _drop() -> forms.BooleanField:
    return forms.BooleanField(label=_("Take it away"), required=False, widget=UnfoldBooleanSwitchWidget)


class AppearanceForm(forms.ModelForm[Appearance]):
    upload_logo = _upload(_("PNG, WebP, JPEG, AVIF or GIF, up to 2 MB. Without one the name stands there."))
    drop_logo = _drop()
    upload_logo_dark = _upload(
        _("For readers whose device is set to dark. Without one the logo stands on white there.")
    )
    drop_logo_dark = _drop()

    class Meta:
        model = Appearance
        fields = ("name", *colours.FIELDS, "footer_links", "welcome")
        widgets = {
            "footer_links": UnfoldAdminTextareaWidget(attrs={"rows": 5}),
            "welcome": UnfoldAdminTextareaWidget(attrs={"rows": 5}),
        }
        help_texts = {
            "name": _("Stands on every page, in mails and in feeds. Empty: as the operator has set it."),
            "accent_light": _("Such as #9d1b2b. Empty: the usual one."),
            "footer_links": _(
                "One a line, at most ten: what it says, a space, and https://… or a path such as /imprint/."
            ),
            "welcome": _("Markdown, above the front page. Empty: none."),
        }

    def clean_upload_logo(self) -> Encoded | None:
        return self._encoded("upload_logo")

    def clean_upload_logo_dark(self) -> Encoded | None:
        return self._encoded("upload_logo_dark")

    def _encoded(self, name: str) -> Encoded | None:
        upload = self.cleaned_data[name]
        try:
            return photos.encode_logo(upload) if upload else None
        except Invalid as refused:
            raise ValidationError(str(refused)) from refused

    def logos(self) -> dict[str, Encoded | None]:
        """What shall become of each logo; one that is not named stays."""
        found = {}
        for name in LOGOS:
            if picture := self.cleaned_data.get(f"upload_{name}"):
                found[name] = picture
            elif self.cleaned_data.get(f"drop_{name}"):
                found[name] = None
        return found


@admin.register(Appearance)
class AppearanceAdmin(HistoryAdmin):
    form = AppearanceForm
    fieldsets = (
        (None, {"fields": ("name", "welcome", "footer_links")}),
        (_("Logo"), {"fields": ("shown_logo", "upload_logo", "drop_logo")}),
        (_("Logo for the dark scheme"), {"fields": ("shown_logo_dark", "upload_logo_dark", "drop_logo_dark")}),
        (
            _("Colours"),
            {
                "fields": tuple(colours.FIELDS),
                "description": _("A colour in which text could not be read on its ground is refused."),
            },
        ),
    )
    readonly_fields = ("shown_logo", "shown_logo_dark")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # there is exactly one

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Of one row there is no list."""
        return self.changeform_view(request, str(Appearance.ONLY), extra_context=extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Appearance | None:
        """The row, which is stored with its first change."""
        found: Appearance | None = super().get_object(request, object_id, from_field)
        return found or (Appearance() if object_id == str(Appearance.ONLY) else None)

    def store(self, request: HttpRequest, obj: Appearance, form: AppearanceForm, *, is_new: bool) -> Model:
        fields = written(form, tuple(name for name in form.changed_data if name in WRITABLE))
        return actions.change_appearance(actor=request.user, logos=form.logos(), **fields)  # type: ignore[arg-type]

    def view_on_site(self, obj: Appearance) -> str:
        return reverse("front")

    @admin.display(description=_("Now"))
    def shown_logo(self, obj: Appearance) -> str:
        return _image(obj.logo, obj.logo_width, obj.logo_height)

    @admin.display(description=_("Now"))
    def shown_logo_dark(self, obj: Appearance) -> str:
        return _image(obj.logo_dark, obj.logo_dark_width, obj.logo_dark_height)


def _image(file: str, width: int, height: int) -> str:
    address = reverse("media", args=[file]) if file else ""
    return format_html('<img src="{}" width="{}" height="{}" alt="">', address, width, height) if file else "–"
