"""The pages on which a person chooses what they are told, and how, and ends mails without a login."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.access import person
from accounts.notifications import unsubscribing, webpush
from accounts.notifications.forms import PreferencesForm
from accounts.notifications.preferences import Kind, Mail, preferences_of
from accounts.notifications.pushing import is_offered
from newsroom import limits
from newsroom.client import network_from

UNSUBSCRIPTIONS = 300  # of an address within a minute: those of many people come from one mail service


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Each kind of notification with its ways, and the time zone in which digests have their hour."""
    user = person(request.user)
    data = request.POST if request.method == "POST" else None
    zones = {"time_zone": user.time_zone, "site_zone": settings.TIME_ZONE}
    form = PreferencesForm(data, known=preferences_of(user), **zones)
    if form.is_valid():
        actions.change_preferences(user, form.changes())
        actions.change_profile(user.pk, time_zone=form.cleaned_data["time_zone"])
        messages.success(request, _("Your choice is saved."))
        return redirect("preferences")
    key = webpush.public_key(settings.VAPID_PRIVATE_KEY) if is_offered() else ""
    context = {"form": form, "push_key": key}
    return render(request, "account/preferences.html", context, status=400 if form.errors else 200)


@csrf_exempt  # mail services post here, RFC 8058: to know the address is enough, without a login or a cookie
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End a kind of mails. GET changes nothing, since scanners of mails open what is linked. An unknown address is
    answered like any other one.
    """
    kinds: list[Kind] = []
    is_back = "undo" in request.POST
    if request.method == "POST":
        limits.take(f"unsubscriptions:{network_from(request)}", UNSUBSCRIPTIONS, 60)
        found = unsubscribing.read(token)
        if found and is_back:
            user, series = found
            kinds = unsubscribing.off_among(user, request.POST.getlist("kind"))
            actions.change_preferences(user, {kind: {"mail": unsubscribing.cadence(series)} for kind in kinds})
        elif found:
            kinds = unsubscribing.mailed_in(*found)
            actions.change_preferences(found[0], {kind: {"mail": Mail.OFF} for kind in kinds})
    state = "asked" if request.method != "POST" else "undone" if is_back else "done"
    return render(request, "account/unsubscribe.html", {"state": state, "kinds": kinds})


@login_required
@require_POST
def resume_mails(request: HttpRequest) -> HttpResponse:
    """The person says that their address is right, although mails came back."""
    actions.resume_mails(person(request.user))
    messages.success(request, _("You get mails again."))
    return redirect("profile")
