from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from accounts.duties import Duty
from accounts.models import User
from articles import actions, photos
from articles.admin.editors import EditorsAdmin
from articles.admin.forms import written
from articles.models import Photo
from articles.search import PHOTOS
from newsroom.desk.lists import IndexedValuesFilter, most_found, newest_found
from newsroom.errors import Invalid
from newsroom.pictures import ACCEPTED, Encoded

FIELDS = ("caption", "alt", "credit", "credit_url", "year")


class PhotoForm(forms.ModelForm[Photo]):
    upload = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPTED}),
        help_text=_("JPEG, PNG, WebP, AVIF or GIF, up to 20 MB. Camera data and places are taken out."),
    )

    class Meta:
        model = Photo
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["upload"]  # another picture would be another photo

    def clean_upload(self) -> Encoded:
        try:
            return photos.encode(self.cleaned_data["upload"])
        except Invalid as refused:
            raise ValidationError(str(refused)) from refused


@admin.register(Photo)
class PhotoAdmin(EditorsAdmin):
    form = PhotoForm
    list_display = ["thumbnail", "caption", "credit", "year", "created_at"]
    list_display_links = ["thumbnail", "caption"]
    list_filter = [("year", IndexedValuesFilter)]
    search_fields = ["caption", "alt", "credit"]  # by their index, see `found`
    ordering = ["-id"]

    def found(self, request: HttpRequest, words: str) -> list[int]:
        question = PHOTOS.ask(words, beginnings=True)
        return newest_found(Photo.objects.all(), "created_at", question, most_found(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return isinstance(request.user, User) and request.user.may(Duty.EDIT, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = ModelAdmin.has_change_permission(self, request, obj)  # it belongs to no section
        return allowed

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [
            (None, {"fields": ["picture" if obj else "upload", "alt", "caption"]}),
            (_("Source"), {"fields": ["credit", "credit_url", "year"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["picture"]

    def store(self, request: HttpRequest, obj: Any, form: Any, *, is_new: bool) -> Model:
        fields = written(form, FIELDS)
        if is_new:
            return actions.add_photo(form.cleaned_data["upload"], actor=request.user, **fields)  # type: ignore[arg-type]
        return actions.describe_photo(obj.pk, actor=request.user, **fields)  # type: ignore[arg-type]

    def discard(self, request: HttpRequest, obj: Any) -> None:
        actions.delete_photo(obj.pk, actor=request.user)  # type: ignore[arg-type]

    @admin.display(description=_("photo"))
    def thumbnail(self, obj: Photo) -> str:
        return _image(obj, 96)

    @admin.display(description=_("photo"))
    def picture(self, obj: Photo) -> str:
        return _image(obj, 480)


def _image(photo: Photo, width: int) -> str:
    source = photo.srcset("webp").split(" ")[0]
    height = round(width * photo.height / photo.width)
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">', source, width, height, photo.alt
    )
