"""Reading before publishing: everywhere, in a section, or of a person, until a time or for good."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.duties import EVERYWHERE
from accounts.models import User
from accounts.names import name_key
from accounts.sections import every
from comments import actions
from comments.access import sections_moderated
from comments.models import MAX_RULE_NAME, Rule
from comments.panel.ends import ENDS, end_of
from comments.panel.frame import page, status_of
from newsroom.database.keys import key_number
from newsroom.errors import Invalid, NotFound, Refused
from newsroom.text import clean_line

KIND = "premoderation"
SITE = "site"
FIELDS = ("section", "person", "until")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def premoderation(request: HttpRequest) -> HttpResponse:
    """What is read before it is published, with forms to begin and to end it."""
    viewer, refused = must_moderate_somewhere(request.user), None
    deed = request.POST.get("deed", "")
    if request.method == "POST":
        try:
            _carry_out(request, viewer, deed)
            return redirect("moderation-premoderation-page")
        except Refused as error:
            refused = error
    context = {
        "rules": [(rule, _people(rule)) for rule in _in_force(viewer)],
        "places": _places(viewer),
        "ends": ENDS,
        "said": {name: request.POST.get(name, "") for name in FIELDS} if refused else {},
        "errors": refused.extra.get("errors", {}) if refused else {},
        "error": refused.detail if refused else "",
    }
    return page(request, "panel/premoderation.html", context, status=status_of(refused))


def _carry_out(request: HttpRequest, viewer: User, deed: str) -> None:
    """Raises Forbidden, Invalid, NotFound."""
    if deed == "end":
        rule = key_number(request.POST.get("rule"))
        if rule not in {each.pk for each in _in_force(viewer)}:
            raise NotFound(_("It has ended already."))
        actions.drop_rule(rule or 0, actor=viewer)
        messages.success(request, _("It has ended: comments appear at once again."))
        return
    if deed != "begin":
        raise Invalid(_("One of: %s.") % "begin, end")
    errors: dict[str, list[str]] = {}
    place, person = request.POST.get("section", ""), _person(request.POST.get("person", ""), errors)
    if place not in dict(_places(viewer)):
        errors["section"] = [_("Choose where.")]
    try:
        until = end_of(request.POST.get("until", ""))
    except Invalid as refused:
        errors |= refused.extra["errors"]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)
    more: dict[str, Any] = {"section": None if place == SITE else place, "until": until, "mode": Rule.Mode.LIVE}
    name = _name_for(place, person)
    people = [person.pk] if person else []
    actions.make_rule(actor=viewer, name=name, kind=KIND, action=Rule.Action.HOLD, people=people, **more)
    messages.success(request, _("From now on comments are read there before they appear."))


def _person(given: str, errors: dict[str, list[str]]) -> User | None:
    """By id or by the whole name; None for nothing."""
    given = clean_line(given).removeprefix("#")
    if not given:
        return None
    number = key_number(given)
    found = User.objects.filter(Q(pk=number) if number else Q(name_key=name_key(given))).first()
    if found is None:
        errors["person"] = [_("There is no such person.")]
    return found


def _name_for(place: str, person: User | None) -> str:
    """A name that no other rule has: moderators read it on the cards of what it holds."""
    name = f"{KIND} {person.name if person else place}"[: MAX_RULE_NAME - 5]
    taken = set(Rule.objects.filter(name__startswith=name).values_list("name", flat=True))
    names = (name, *(f"{name} {number}" for number in range(2, 1000)))
    return next(each for each in names if each not in taken)


def _in_force(viewer: User) -> list[Rule]:
    """Those that hold now in the viewer's sections, and everywhere."""
    here = sections_moderated(viewer)
    rows = Rule.objects.filter(Q(until=None) | Q(until__gt=timezone.now()), kind=KIND, mode=Rule.Mode.LIVE)
    rows = rows if here == EVERYWHERE else rows.filter(Q(section=None) | Q(section__in=here))
    return list(rows.select_related("section").order_by("pk"))


def _people(rule: Rule) -> list[User]:
    return list(User.objects.filter(pk__in=rule.settings.get("people", ())).order_by("name")[:20])


def _places(viewer: User) -> list[tuple[str, str]]:
    """Where the viewer may begin it: slug and name."""
    here = sections_moderated(viewer)
    whole = [(SITE, _("everywhere"))] if here == EVERYWHERE else []
    return whole + [(each.slug, each.name) for each in every() if here == EVERYWHERE or each.id in here]
