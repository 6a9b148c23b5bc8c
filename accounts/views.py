"""The pages of an account that allauth does not have, or has otherwise."""

from __future__ import annotations

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
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, subscriptions
from accounts.adapters import PROVED_WITH, way_back, with_way_back
from accounts.forms import ProfileForm, TokenForm
from accounts.models import LegalPage, Sanction, Subscription, User
from newsroom.api.views import made_from, tagged
from newsroom.errors import Forbidden, Invalid
from newsroom.language import remember_language

SUBSCRIPTIONS_SHOWN = 200


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verification_sent(request: HttpRequest) -> HttpResponse:
    """After signing up, or logging in unconfirmed: where the mail went, and a button to have it once more.

    Who is not known (the address has an account already) sees and gets the same, with another mail.
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
    """For the page that waits: "waiting", "confirmed" (somewhere else, too), or "over" if nobody waits any longer."""
    login = unstash_login(request, peek=True)
    if login is None:
        return JsonResponse({"state": "over"})
    return JsonResponse({"state": "confirmed" if _is_proved(login) else "waiting"})


def _let_in(request: HttpRequest, login: Login) -> HttpResponse:
    """The address was confirmed meanwhile, maybe elsewhere; a password that was changed since has to be given."""
    stage = LoginStageController.enter(request, EmailVerificationStage.key)
    proof = request.session.get(PROVED_WITH, "")
    if stage and constant_time_compare(proof, login.user.get_session_auth_hash()):
        entered: HttpResponse = stage.exit()
        return entered
    back = way_back(request)
    clear_login(request)
    return redirect(with_way_back(reverse("account_login"), back))


class ConfirmEmail(ConfirmEmailView):  # type: ignore[misc]  # allauth has no types
    """allauth's page; but opening the link changes nothing, not even who is logged in.

    Whoever confirms where nobody waits for it comes, by the login, back to where the sign-up began.
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
@login_required
def profile(request: HttpRequest, secret: str = "") -> HttpResponse:
    """Name, language, what one follows, keys, and how one stands. `secret` is a key just made, shown this once."""
    user = _user(request)
    form = ProfileForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and _saved(form):
        response = redirect("profile")
        remember_language(response, form.cleaned_data["language"])
        messages.success(request, _("Your profile is saved."))
        return response
    return _profile_page(request, form, TokenForm(prefix="key"))


@never_cache
@login_required
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a key and show it, once: nothing of it is kept in the session or in a URL."""
    user = _user(request)
    form = TokenForm(request.POST, prefix="key")
    if not form.is_valid():
        return _profile_page(request, ProfileForm(user=user), form)
    token, secret = actions.create_token(user, **form.cleaned_data)
    return render(request, "account/token_created.html", {"token": token, "secret": secret})


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    actions.revoke_token(_user(request), token_id)
    messages.success(request, _("The key has been revoked."))
    return redirect("profile")


@login_required
@require_POST
def unsubscribe(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Follow no longer, also what has gone meanwhile."""
    wish = Subscription.objects.filter(user=_user(request), pk=subscription_id).first()
    if wish:
        actions.unsubscribe(wish.user, wish.kind, wish.target)
    return redirect("profile")


@require_safe
def legal_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    response = render(request, "account/legal_page.html", {"page": LegalPage.objects.current(slug)})
    return response if request.user.is_authenticated else tagged(request, response, made_from())


@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """The admin has no login form of its own: limits, second factor and all hold for everybody alike."""
    back = request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("admin:index")
    if request.user.is_authenticated:
        if not request.user.is_staff:
            raise Forbidden(_("This needs rights that your account does not have."))
        return HttpResponseRedirect(back)
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: back})}")


def _profile_page(request: HttpRequest, form: ProfileForm, token_form: TokenForm) -> HttpResponse:
    user = _user(request)
    wishes = user.subscriptions.order_by("-id")[:SUBSCRIPTIONS_SHOWN]
    return render(
        request,
        "account/profile.html",
        {
            "form": form,
            "token_form": token_form,
            "tokens": user.api_tokens.order_by("-id"),
            "sanctions": Sanction.objects.barring(user),
            "subscriptions": [(wish, subscriptions.find(wish.kind, user, wish.target)) for wish in wishes],
        },
        status=400 if form.errors or token_form.errors else 200,
    )


def _saved(form: ProfileForm) -> bool:
    try:
        form.save()
    except Invalid as refused:
        for field, sentences in refused.extra["errors"].items():
            form.add_error(field, sentences)
        return False
    return True


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


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
