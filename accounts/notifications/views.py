"""The page on which a person chooses what they are told, and how."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.access import person
from accounts.notifications.forms import PreferencesForm
from accounts.notifications.preferences import preferences_of


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
    return render(request, "account/preferences.html", {"form": form}, status=400 if form.errors else 200)
