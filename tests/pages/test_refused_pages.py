"""Every form of every page that is not the admin's, refused in each of its fields: nothing else that was typed is lost.

The pages are those that the URL conf knows, opened by people in each state that has pages of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse
from PIL import Image

from comments import actions
from newsroom.face.present import present
from newsroom.models import Appearance
from newsroom.pages.sitemap import PART
from tests.accounts.conftest import log_in, log_in_freshly
from tests.conftest import PASSWORD
from tests.support.forms import Control, Form, Sent, forms_of, lost, unsaid
from tests.support.passkeys import made

pytestmark = pytest.mark.django_db
NOT_HERE = ("admin/", "api/", "_allauth/", "media/", "demo/mail/")  # the admin has its own walk, the rest no forms
# Every field must be refusable, but for these.
NEVER_REFUSED = {
    "website": "a trap: whoever fills it in sees what everybody sees",
    "remember": "a mark that is set or not",
    "passwordless": "a mark that is set or not",
    "decision-ways": "a mark that is set or not",
    "warn": "a mark that is set or not",
    "hidden": "a mark that is set or not",
}
PICTURE = "ich.png"  # stands for a file of that name
# What these accept is made by a device; tests/accounts/test_login.py and tests/browser/test_passkeys.py have one.
NEEDS_A_DEVICE = {"/accounts/2fa/webauthn/add/", "/accounts/2fa/totp/activate/"}
# The same addresses are our own views'.
OURS_INSTEAD = {
    "allauth.account.views.ConfirmEmailView",
    "allauth.account.views.email_verification_sent",
    "allauth.usersessions.views.ListUserSessionsView",
}
RIGHT = {
    "name": "Getippter Name",
    "email": "getippt@example.org",
    "password": PASSWORD,
    "oldpassword": PASSWORD,
    "password1": "ein-anderes-Geheimnis-8",
    "password2": "ein-anderes-Geheimnis-8",
    "text": "Getippt, und zwar lange:\n\n1 < 2 & „so“ weiter.",
    "note": "Getippt für die anderen",
    "key-name": "Getipptes Programm",
    "language": "de",
    "until": "24",
    "scope": "chat",
    "body": "Getippt, statt dessen, was dort stand",
    "section": "lokales",
    "ground": "terms",
    "norm": "Punkt 3 der Hausordnung",
    "reason": "spam",
    "length": "7",
    "date": "2099-12-31",
    "switch": "closed",
    "slow_mode_seconds": "60",
    "person": "Alice",
    "action": "hold",
    "mode": "shadow",
    "ends": "2099-12-31T12:00",
    "words": "Getippt",
    "exceptions": "Getippt, aber harmlos",
    "match": "exact",
    "rule": "",
    "to": "Mona",
    "time_zone": "Asia/Tokyo",
    **{f"{kind}-mail": "hourly" for kind in ("reply", "mention", "article", "discussion", "ticker", "queue")},
}


def test_a_refused_form_of_the_site_comes_back_filled_with_its_error_at_the_field(cast):
    walk = Walk()
    for visitor in cast:
        for path in visitor.paths:
            walk.along(visitor, path)

    assert "\n".join(walk.faults) == ""
    assert walk.unopened() == set()
    assert walk.typed >= {"text", "note", "name", "email", "login", "code", "key-name"}
    assert len(walk.known) >= 20, sorted(walk.known)


@dataclass
class Visitor:
    browser: Client
    secret: str = ""  # of the second factor
    login: str = ""
    sees_all: bool = False  # every kind of thing, not some alone
    is_on_the_way: bool = False  # only pages of accounts are other than a stranger's or a reader's
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def cast(person, alice, mo, article, item, comment, chat, say) -> list[Visitor]:
    """Everybody for whom pages differ: strangers, readers, moderators, and those on their way in."""
    person("Mona", "moderator")  # to whom a case is handed over
    held = _held(chat, mo, say)
    removed = say(comment.discussion, "Bald weg")
    actions.decide(removed.pk, "remove", actor=mo, reason="spam", seen={removed.public_version})
    numbers = [comment.pk, held.pk, removed.pk]
    known: dict[str, list[Any]] = {
        "slug": [article.slug, article.section.slug, item.ticker.slug],
        "pk": [*numbers, chat.pk],
        "number": [article.pk // PART],  # of a part of the sitemap
    }
    Appearance.objects.create(accent_light="#0a5c36")
    reader = _logged_in(alice)
    reader.paths.append(f"/newsticker/{item.ticker.slug}/{item.number}/")
    reader.paths.append(f"/theme-{present().sheet_name}.css")
    reader.paths.append(f"/people/{comment.author_id}/")  # who has said something in public
    reader.browser.post("/accounts/profile/feed/", {"deed": "open"})
    reader.paths.append(f"/feeds/replies/{alice.feed_key.key}.atom")
    reader.browser.post(f"/subscriptions/article/{article.pk}/", {"follow": ""})
    reader.browser.post("/accounts/profile/keys/", {"key-name": "Mein Programm", "key-scopes": ["read"]})
    doubly = _with_second_factor(person("Zwei"))
    cast = [
        Visitor(Client(raise_request_exception=False), login=alice.email),
        reader,
        replace(
            _logged_in(mo),
            sees_all=True,
            paths=[
                f"/moderation/people/{alice.pk}/",
                _job(mo, comment),
                f"/moderation/discussions/{chat.pk}/",
                *_rule(mo),
            ],
        ),
        doubly,
        _on_the_way_in(doubly),
        _signed_up(),
        _entered_long_ago(person("Lange")),
        _with_a_link(alice),
        _warned(person("Vera"), mo),
    ]
    text = actions.add_text(actor=mo, reason="spam", language="de", text="Bitte keine Werbung.")
    cast[2].paths.append(f"/moderation/texts/{text.pk}/")
    once = {name: values[:1] + values[-1:] for name, values in known.items()}
    for visitor in cast:
        own = _addresses(known if visitor.sees_all else once)
        visitor.paths += [path for path in own if not visitor.is_on_the_way or path.startswith("/accounts/")]
    return cast


def _addresses(known: dict[str, list[Any]]) -> Iterator[str]:
    for pattern in _patterns(get_resolver()):
        names = pattern.pattern.converters
        if pattern.name is None:
            continue
        for value in _values(known, names):
            try:
                yield reverse(pattern.name, kwargs=dict.fromkeys(names, value))
            except NoReverseMatch:
                continue


def _values(known: dict[str, list[Any]], names: Iterable[str]) -> list[Any]:
    if not names:
        return [None]
    return known["number"] if "number" in names else known["slug"] + known["pk"]


def _patterns(resolver: URLResolver, above: str = "") -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        place = above + str(each.pattern)
        if place.startswith(NOT_HERE):
            continue
        if isinstance(each, URLResolver):
            yield from _patterns(each, place)
        else:
            yield each


class Walk:
    def __init__(self) -> None:
        self.faults: list[str] = []
        self.known: set[tuple[str, ...]] = set()
        self.typed: set[str] = set()
        self.opened: set[str] = set()  # views that gave anything but "not found"

    def unopened(self) -> set[str]:
        """Pages that nobody of the cast has seen: whoever adds one says here how to come to it."""
        named = {each.lookup_str for each in _patterns(get_resolver()) if each.name}
        return named - self.opened - OURS_INSTEAD

    def along(self, visitor: Visitor, path: str) -> None:
        answer = visitor.browser.get(path, follow=True)
        here = answer.redirect_chain[-1][0] if answer.redirect_chain else path
        if answer.status_code != 404:
            self.opened.add(resolve(path.partition("?")[0])._func_path)
        if answer.status_code >= 500:
            self.faults.append(f"{path}: {answer.status_code}")
        if not answer.headers.get("Content-Type", "").startswith("text/html"):
            return
        for form in forms_of(answer.text):
            kind = _kind(form, here)
            if form.method == "post" and form.filled_in() and kind not in self.known:
                self.known.add(kind)
                self._refuse_all(visitor, form.action or here, form)

    def _refuse_all(self, visitor: Visitor, action: str, form: Form) -> None:
        buttons = [each for each in form.buttons if each[0] != "preview"]  # which shows the text and refuses nothing
        right = form.sent() | {name: [value] for name, value in buttons[:1] if name}
        for each in form.filled_in():
            right[each.name] = [] if each.name in NEVER_REFUSED else _right(visitor, each)
        for each in form.filled_in():
            self.typed.add(each.name)
            refusals = [self._refuse(visitor, action, form, right, each.name, wrong) for wrong in each.wrongs()]
            if not any(refusals) and each.name not in NEVER_REFUSED:
                self.faults.append(f"{action} {each.name}: cannot be refused")
        if action.partition("?")[0] not in NEEDS_A_DEVICE:
            status, back = _sent(visitor, action, form, right)
            if back is not None and (back.invalid() or back.told):
                self.faults.append(f"{action} is not accepted: {status} {back.invalid()} {back.told}")

    def _refuse(self, visitor: Visitor, action: str, form: Form, right: Sent, name: str, wrong: list[str]) -> bool:
        sent, said = right | {name: wrong}, form.controls[name].said
        status, back = _sent(visitor, action, form, sent)
        if status in {302, 303}:
            return False
        where = f"{action} {name} = {str(wrong)[:40]}: "
        if back is None:
            self.faults.append(f"{where}{status} without the form")
            return True
        is_chosen = form.controls[name].kind in {"select", "radio", "checkbox"}
        anew = {"key", *(button for button, _value in form.buttons)}  # a try that failed is over
        faults = unsaid(back, name, said) + lost(back, sent, but=anew | ({name} if is_chosen else set()))
        faults += [f"{each} is marked, too" for each in back.invalid() - {name}]
        self.faults += [where + each for each in faults]
        return True


def _sent(visitor: Visitor, action: str, form: Form, sent: Sent) -> tuple[int, Form | None]:
    """The answer's status and the form in it, if there; what it has done is undone."""
    cookies = visitor.browser.cookies.copy()
    with transaction.atomic():
        typed = {name: [_picture()] if value == [PICTURE] else value for name, value in sent.items()}
        answer = visitor.browser.post(action, typed, headers={"Origin": "http://testserver"})
        transaction.set_rollback(True)
    visitor.browser.cookies = cookies
    cache.clear()
    found = [each for each in forms_of(answer.text) if _kind(each, action)[1:] == _kind(form, action)[1:]]
    return answer.status_code, found[0] if found else None


def _kind(form: Form, here: str) -> tuple[str, ...]:
    place = re.sub(r"\d+", "0", (form.action or here).partition("?")[0])
    deeds = [value for name, value in form.buttons if name == "deed"]
    return (place, *deeds, *sorted(form.controls.keys() - {"csrfmiddlewaretoken", "next"}))


def _picture() -> BytesIO:
    buffer = BytesIO()
    Image.new("RGB", (32, 32), "teal").save(buffer, "PNG")
    buffer.seek(0)
    buffer.name = PICTURE
    return buffer


def _right(visitor: Visitor, control: Control) -> list[str]:
    if control.kind == "file":
        return [PICTURE]
    if control.kind == "checkbox":
        return control.choices[:1]
    own = {"login": visitor.login, "code": _code(visitor.secret) if visitor.secret else "000000"}
    return [own.get(control.name) or RIGHT[control.name]]


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _logged_in(user: Any) -> Visitor:
    """Just now, so nothing asks for the password once more."""
    browser = Client(raise_request_exception=False)
    log_in_freshly(browser, user.email)
    return Visitor(browser, login=user.email)


def _with_second_factor(user: Any) -> Visitor:
    visitor = _logged_in(user)
    page = visitor.browser.get("/accounts/2fa/totp/activate/")
    visitor.secret = page.context["form"].secret
    visitor.browser.post("/accounts/2fa/totp/activate/", {"code": _code(visitor.secret)})
    passkey = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Telefon", "credential": made()})
    for deed in ("edit", "remove"):
        visitor.paths.append(reverse(f"mfa_{deed}_webauthn", args=[passkey.pk]))
    cache.clear()  # of the code that was used
    return visitor


def _on_the_way_in(other: Visitor) -> Visitor:
    """The password was right, the second factor is asked for."""
    browser = Client(raise_request_exception=False)
    log_in(browser, other.login)
    return Visitor(browser, secret=other.secret, is_on_the_way=True)


def _signed_up() -> Visitor:
    browser = Client(raise_request_exception=False)
    new = {"name": "Neu", "email": "neu@example.org", "password1": RIGHT["password1"], "consent": "on"}
    browser.post("/accounts/signup/", new)
    return Visitor(browser, paths=[_link("confirm-email")], is_on_the_way=True)


def _entered_long_ago(user: Any) -> Visitor:
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return Visitor(browser, is_on_the_way=True)


def _with_a_link(user: Any) -> Visitor:
    browser = Client(raise_request_exception=False)
    browser.post("/accounts/password/reset/", {"email": user.email})
    return Visitor(browser, paths=[_link("password/reset/key")], is_on_the_way=True)


def _warned(user: Any, moderator: Any) -> Visitor:
    warning = actions.warn_person(user.pk, actor=moderator, reason="insult")
    return replace(_logged_in(user), is_on_the_way=True, paths=[f"/warnings/{warning.pk}/"])


def _link(place: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/accounts/{place}/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def _job(mo: Any, comment: Any) -> str:
    """The page of a decision about many."""
    job = actions.start_bulk([(comment.pk, comment.public_version)], "remove", actor=mo, reason="spam")
    return reverse("moderation-bulk-page", args=[job.pk])


def _rule(mo: Any) -> list[str]:
    """A rule, and a run of it."""
    rule = actions.make_rule(actor=mo, name="Schimpf", kind="words", action="hold", words=["Wicht"])
    return [f"/moderation/rules/{rule.pk}/", f"/moderation/runs/{actions.start_run(rule.pk, actor=mo).pk}/"]


def _held(chat: Any, mo: Any, say: Callable[..., Any]) -> Any:
    """What waits for a decision."""
    actions.change_discussion(chat.pk, actor=mo, switch="premoderated")
    return say(chat, "Darf das hier stehen?")
