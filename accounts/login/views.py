"""Our versions of some of allauth's pages: confirming an address, and the admin's login.

They use private parts of allauth (`allauth.account.internal`): see docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.stagekit import clear_login, unstash_login
from allauth.account.models import EmailAddress, Login
from allauth.account.stages import EmailVerificationStage, LoginStageController
from allauth.account.utils import has_verified_email
from allauth.account.views import ConfirmEmailView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.login.adapters import PROVED_WITH, to_second_factor, way_back, with_way_back
from newsroom.errors import Forbidden


def forgetting(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view that logs out by POST. The browser then drops the pages that it has kept; what somebody writes stays."""

    @wraps(view)
    def logging_out(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        answer = view(request, *given, **named)
        if request.method == "POST":
            answer["Clear-Site-Data"] = '"cache"'
        return answer

    return logging_out


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verification_sent(request: HttpRequest) -> HttpResponse:
    """After signing up, or logging in unconfirmed: says that a mail was sent, with a button to send it again.

    An address that already has an account gets the same page and another mail.
    """
    login = unstash_login(request, peek=True)
    email = _address_of(login)
    if login is None or not email:
        return redirect("account_login")
    if _is_proved(login):
        return _let_in(request, login)
    if request.method == "POST":
        send_verification_email_to_address(request, _email_address(login, email), signup=True)
        messages.success(request, _("The e-mail is on its way again."))
        return redirect("account_email_verification_sent")
    back = way_back(request)
    known = {"address": email, "is_new": login.signup, "login_url": with_way_back(reverse("account_login"), back)}
    return render(request, "account/verification_sent.html", known)


@never_cache
@require_safe
def verification_state(request: HttpRequest) -> JsonResponse:
    """For the waiting page: "waiting", "confirmed" (perhaps in another browser), or "over" if nobody waits any
    longer.
    """
    login = unstash_login(request, peek=True)
    if login is None:
        return JsonResponse({"state": "over"})
    return JsonResponse({"state": "confirmed" if _is_proved(login) else "waiting"})


def _let_in(request: HttpRequest, login: Login) -> HttpResponse:
    """Log in a person whose address was confirmed. If the password was changed since, it has to be entered."""
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    proof = request.session.get(PROVED_WITH, "")
    if stage and constant_time_compare(proof, login.user.get_session_auth_hash()):
        entered: HttpResponse = stage.exit()
        return entered
    back = way_back(request)
    clear_login(request)
    return redirect(with_way_back(reverse("account_login"), back))


class ConfirmEmail(ConfirmEmailView):  # type: ignore[misc]  # allauth has no types
    """allauth's page, but opening the link logs nobody in or out.

    If no sign-up waits in this browser, the login leads back to the page where the sign-up began.
    """

    def get_context_data(self, **known: Any) -> dict[str, Any]:
        login_url = with_way_back(reverse("account_login"), way_back(self.request))
        return {**super().get_context_data(**known), "login_url": login_url}

    def get_redirect_url(self) -> str:
        back = way_back(self.request)
        if self.request.user.is_authenticated:
            return back or resolve_url(settings.LOGIN_REDIRECT_URL)
        return with_way_back(reverse("account_login"), back)

    def logout_other_user(self, confirmation: Any) -> None:
        if self.request.method == "POST":
            super().logout_other_user(confirmation)


@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """Redirects to the site's login, so that its limits and second factor also protect the admin."""
    back = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("admin:index")
    if request.user.is_authenticated:
        if getattr(request.user, "lacks_second_factor", False):
            return to_second_factor(request)
        if not request.user.is_staff:
            raise Forbidden(_("This needs rights that your account does not have."))
        return HttpResponseRedirect(back)
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def _address_of(login: Login | None) -> str:
    if login is None:
        return ""
    return login.email or (login.user.email if login.user else "")


def _is_proved(login: Login) -> bool:
    return login.user is not None and bool(has_verified_email(login.user, login.email))


def _email_address(login: Login, email: str) -> EmailAddress:
    if login.user is None:
        return EmailAddress(user=None, email=email)
    return EmailAddress.objects.get_for_user(login.user, email)
