"""The fields of every sign-up. allauth builds its forms on this class, so this module cannot import them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core import context
from django import forms
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from accounts import actions
from accounts.actions import TakenMeanwhile
from accounts.login.adapters import RETURNING, count_mail
from accounts.models import User
from accounts.names import MAX_LENGTH, checked_name, name_key
from newsroom import limits
from newsroom.client import network_from
from newsroom.errors import Invalid
from newsroom.metrics import counter

SIGN_UPS = counter("newsroom_signups_total", "People who have signed up; many have yet to confirm.")
ONCE_MORE = "_signup_once_more"  # on the request: the view runs for the second time


class OnceMoreMiddleware:
    """If two sign-ups with one address come at the same moment, the second one runs again, as if it had come later.

    An answer of its own would reveal that the address has an account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if not isinstance(error, TakenMeanwhile) or hasattr(request, ONCE_MORE) or request.resolver_match is None:
            return None
        setattr(request, ONCE_MORE, True)
        view, arguments, named = request.resolver_match
        response: HttpResponseBase = view(request, *arguments, **named)
        return response


class SignupFields(forms.Form):
    """What every sign-up asks besides e-mail and password, on the page and in the JSON interface."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Everybody sees it beside your comments."),
        max_length=MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    consent = forms.BooleanField(label=_("I accept the terms of use and have read the privacy notice."))

    returning: User | None = None  # the person who signs up again, with the same password, before having confirmed

    def clean_name(self) -> str:
        return well_formed_name(self.cleaned_data["name"])

    def full_clean(self) -> None:
        """If the form is valid: count the attempt, and check the name against other people.

        It hashes a password once whether or not the address is known, so the time reveals nothing. An unconfirmed
        person may sign up again under their own name, but only with the same password; otherwise the name counts as
        taken.
        """
        super().full_clean()
        if not self.is_bound or self.errors:
            return
        email = self.cleaned_data["email"]
        password = self.cleaned_data.get("password1") or self.cleaned_data.get("password") or ""
        holder = User.objects.filter(name_key=name_key(self.cleaned_data["name"])).first()
        waiting = User.objects.filter(email=email, is_confirmed=False, is_active=True).first()
        if holder and holder != waiting:
            self.add_error("name", name_taken())
            return
        if not hasattr(context.request, ONCE_MORE):
            limits.hit("signups", network_from(context.request))
        if waiting and waiting.check_password(password):
            self.returning = waiting
            setattr(context.request, RETURNING, waiting)
        elif holder:
            self.add_error("name", name_taken())
            return
        elif self.account_already_exists and not waiting:  # type: ignore[attr-defined]  # set by allauth's clean_email
            make_password(password)
        count_mail(context.request, email)

    def signup(self, request: Any, user: User) -> None:
        actions.accept_terms(user)
        transaction.on_commit(SIGN_UPS.inc)


def well_formed_name(name: str) -> str:
    """The cleaned name. Raises ValidationError."""
    try:
        return checked_name(name)
    except Invalid as refused:
        raise ValidationError(refused.detail, code="invalid") from refused


def name_taken() -> ValidationError:
    return ValidationError(_("This name is taken, or looks too much like another one."), code="taken")
