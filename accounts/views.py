"""The account pages that allauth lacks: the profile with its keys and subscriptions, and legal pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions
from accounts.access import restrictions_of
from accounts.avatars import LARGE, address_of
from accounts.login.devices import described
from accounts.login.forms import AvatarForm, ProfileForm, TokenForm
from accounts.models import ApiToken, LegalPage, Mailbox, Subscription, User
from accounts.notifications import subscriptions
from newsroom.api.responses import tagged
from newsroom.database.statements import prepared
from newsroom.edge.sources import made_from
from newsroom.errors import Invalid, Refused
from newsroom.middleware.language import remember_language

SUBSCRIPTIONS_SHOWN = 200
type View = Callable[..., HttpResponse]


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST"


# What outlives a session, or ends others, asks for the password again if that was not done within five minutes.
delicate: Callable[[View], View] = reauthentication_required(enabled=_is_sent)


@never_cache
@login_required
def profile(request: HttpRequest, secret: str = "") -> HttpResponse:
    """Name, language, subscriptions, keys, sanctions. `secret` is a key created just now, shown only this once."""
    user = _user(request)
    form = ProfileForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and _saved(form):
        response = redirect("profile")
        remember_language(response, form.cleaned_data["language"])
        messages.success(request, _("Your profile is saved."))
        return response
    return _profile_page(request, form, TokenForm())


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@delicate
def create_token(request: HttpRequest) -> HttpResponse:
    """Create a key and show it once: it is stored neither in the session nor in a URL. By GET, as after the choice of
    another language, the profile.
    """
    if request.method != "POST":
        return redirect("profile")
    user = _user(request)
    form = TokenForm(request.POST)
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


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def turn_avatar(request: HttpRequest) -> HttpResponse:
    """Show an uploaded picture beside one's name, or no longer one (`deed` is `drop`). By GET the profile."""
    if request.method != "POST":
        return redirect("profile")
    user = _user(request)
    if request.POST.get("deed") == "drop":
        actions.drop_avatar(user)
        messages.success(request, _("Your picture is gone. The first letter of your name stands in its place."))
        return redirect(f"{reverse('profile')}#avatar")
    form = AvatarForm(request.POST, request.FILES)
    try:
        if form.is_valid():
            actions.show_avatar(user, form.cleaned_data["file"])
            messages.success(request, _("This is your picture from now on."))
            return redirect(f"{reverse('profile')}#avatar")
    except Refused as refused:
        for sentence in refused.extra.get("errors", {}).get("file", [refused.detail]):
            form.add_error("file", sentence)
    return _profile_page(request, ProfileForm(user=user), TokenForm(), form)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@delicate
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is logged in, this session first. By POST one of the others ends (`session`), or all of them."""
    found: list[UserSession] = UserSession.objects.purge_and_list(_user(request))
    here = [each for each in found if each.is_current()]
    others = sorted((each for each in found if not each.is_current()), key=lambda each: each.last_seen_at, reverse=True)
    if request.method == "POST":
        named = request.POST.get("session")
        get_adapter().end_sessions([each for each in others if named in {None, str(each.pk)}])
        messages.success(
            request, _("It is logged out there.") if named is not None else _("All other sessions have ended.")
        )
        return redirect("usersessions_list")
    listed = [
        {"pk": each.pk, "device": described(each.user_agent), "ip": each.ip, "since": each.created_at}
        | {"seen": each.last_seen_at, "is_current": each in here}
        for each in (*here, *others)
    ]
    return render(request, "usersessions/usersession_list.html", {"sessions": listed, "others": len(others)})


@login_required
@require_POST
def turn_feed(request: HttpRequest) -> HttpResponse:
    """Give one's own feed a new address, or end it (`deed` is `close`)."""
    user = _user(request)
    if request.POST.get("deed") == "close":
        actions.close_feed(user)
        messages.success(request, _("The feed is off. Its address leads nowhere any more."))
    else:
        actions.open_feed(user)
        messages.success(request, _("Your feed has a new address."))
    return redirect(f"{reverse('profile')}#feed")


@login_required
@require_POST
def unsubscribe(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Stop following something, even if it no longer exists."""
    wish = Subscription.objects.filter(user=_user(request), pk=subscription_id).first()
    if wish:
        actions.unsubscribe(wish.user, wish.kind, wish.target)
    return redirect("profile")


@require_safe
def legal_page(request: HttpRequest, slug: str) -> HttpResponseBase:
    response = render(request, "account/legal_page.html", {"page": LegalPage.objects.current(slug)})
    return response if request.user.is_authenticated else tagged(request, response, made_from())


def _profile_page(
    request: HttpRequest, form: ProfileForm, token_form: TokenForm, avatar_form: AvatarForm | None = None
) -> HttpResponse:
    user = _user(request)
    wishes = _wishes(user.pk)
    beside = _beside(user.pk)
    targets = zip(wishes, subscriptions.targets(wishes, user), strict=True)
    return render(
        request,
        "account/profile.html",
        {
            "form": form,
            "token_form": token_form,
            "avatar_form": avatar_form,
            "avatar": address_of(user.avatar, LARGE),
            "tokens": _tokens(user.pk),
            "feed_key": next((each.feed_key__key for each in beside), ""),
            "sanctions": restrictions_of(user),
            "mails_paused": any(each.mails_paused for each in beside),
            "follows": [
                {"id": wish.pk, "title": there and there.title, "url": there and there.url} for wish, there in targets
            ],
        },
        status=400 if form.errors or token_form.errors or avatar_form else 200,
    )


@prepared(int)
def _wishes(person: int) -> QuerySet[Subscription, Any]:
    rows = Subscription.objects.filter(user=person).order_by("-id")
    return rows.values_list("pk", "kind", "target", named=True)[:SUBSCRIPTIONS_SHOWN]


@prepared(int)
def _beside(person: int) -> QuerySet[User, Any]:
    """A row with what there may be once for each person."""
    paused = Exists(Mailbox.objects.paused().filter(user=OuterRef("pk")))
    return (
        User.objects.filter(pk=person)
        .annotate(mails_paused=paused)
        .values_list("feed_key__key", "mails_paused", named=True)
    )


@prepared(int)
def _tokens(person: int) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=person).order_by("-id")


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
