"""The forms of sign-up, login and profile."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.stagekit import stash_login
from allauth.account.models import Login
from allauth.mfa.webauthn import forms as passkeys
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.models import ApiToken, User
from accounts.names import MAX_LENGTH
from newsroom.pictures import ACCEPTED

LONGEST_KEY_NAME = 80


class Plain(forms.Form):
    """Labels without a colon, fields without a placeholder, since the label is enough."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(Plain, account.LoginForm):  # type: ignore[misc]  # allauth has no types
    pass


class AddEmailForm(Plain, account.AddEmailForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(Plain, account.ChangePasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(Plain, account.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(Plain, account.ReauthenticateForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(Plain, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"), max_length=LONGEST_KEY_NAME, required=False)


class EditPasskeyForm(Plain, passkeys.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name"), max_length=LONGEST_KEY_NAME)


class SignupForm(Plain, account.SignupForm):  # type: ignore[misc]
    field_order = ("name", "email", "password1", "consent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trap = self.fields[settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD]
        trap.widget.attrs = {"tabindex": "-1", "autocomplete": "off"}

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """A bot that fills the hidden field sees the usual answer, and nothing is saved."""
        if self.cleaned_data[settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD]:
            stash_login(request, Login(user=None, email=self.cleaned_data["email"], signup=True))
            return None, get_adapter().respond_email_verification_sent(request, None)
        if self.returning:
            return actions.change_profile(self.returning.pk, name=self.cleaned_data["name"]), None
        saved: tuple[User | None, HttpResponseBase | None] = super().try_save(request)
        return saved


class AvatarForm(Plain):
    file = forms.FileField(
        label=_("Another picture"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("JPEG, PNG, WebP, AVIF or GIF, up to 10 MB. We keep its middle, without camera data and places."),
    )


class ProfileForm(Plain):
    name = forms.CharField(label=_("Name"), max_length=MAX_LENGTH)
    language = forms.ChoiceField(label=_("Language"), required=False)
    hidden = forms.BooleanField(
        label=_("Hide my page"),
        required=False,
        help_text=_("Others then find no page with your comments; the comments themselves stay where they are."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.initial = {"name": user.name, "language": user.language, "hidden": user.is_hidden}
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _("The site's language")), *settings.LANGUAGES]

    def save(self) -> User:
        """Raises Invalid if the name was taken meanwhile."""
        return actions.change_profile(self.user.pk, **self.cleaned_data)


class TokenForm(Plain):
    prefix = "key"
    name = forms.CharField(label=_("What is the key for?"), max_length=LONGEST_KEY_NAME)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=ApiToken.Scope.choices,
        initial=[ApiToken.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
