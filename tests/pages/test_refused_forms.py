"""A form of the admin that is refused comes back with all that was typed, and says at each field what is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib import admin
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django_tasks_db import DatabaseBackend
from PIL import Image

from accounts.actions import impose_sanction
from articles import actions
from comments import actions as comment_actions
from comments.models import Comment
from comments.tasks import learn
from tests.support.forms import NOT_OFFERED, Control, Form, Sent, forms_of, lost, unsaid

pytestmark = pytest.mark.django_db
AGAIN = "Wählen Sie die Datei noch einmal aus"
# What nobody fills in: each model here is looked at, and must have no field.
ONLY_READ = {"accounts_auditentry", "comments_decision", "django_tasks_database_dbtaskresult"}
RIGHT = {
    "author_line": "Von Eddy Albers",
    "writer": "Bob",
    "accent_light": "#0a5c36",
    "accent_dark": "#f28a8a",
    "masthead_light": "#123456",
    "masthead_dark": "#123456",
    "masthead_text_light": "#ffffff",
    "masthead_text_dark": "#ffffff",
    "footer_links": "Abo https://abo.example/",
    "sites": "https://blog.example",
    "instance": "alt",
    "credit_url": "https://example.org/bild",
    "language": "de",
    "rules": "daily 23:00-07:00 closed",
    "year": "2020",
    "zone": "Europe/Berlin",
    "slow_mode_seconds": "5",
    "switch": "closed",
    "decisions-0-action": "remove",
    "decisions-0-reason": "spam",
}
WRONG = {"kein Bild": b"kein Bild", "leer": b""}  # files
UNTICKED = {"for_good", "pinned"}
DAYS = {"appear_at": 2, "until": 2, "slow_mode_until": 2, "opens_at": 3, "closes_at": 4, "moved_to": -2}


def name_of(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.fixture
def rows(ada, bob, article, item, comment, chat, section, ticker) -> None:
    """One of each kind, in each state in which it has a form of its own."""
    draft = actions.draft_article(actor=ada, section=section, headline="Ein Entwurf", body="Noch leer.")
    actions.schedule_article(draft.pk, actor=ada, publish_at=_day(5))
    actions.change_appearance(actor=ada, name="Bote")
    actions.draft_article(actor=ada, section=section, headline="Noch ein Entwurf", body="Auch leer.")
    actions.draft_item(ticker, actor=ada, headline="Gleich mehr")
    actions.add_photo(_picture(), actor=ada, caption="Der Hafen")
    comment_actions.set_hours(None, actor=ada, name="Nachts", section=None, zone="Europe/Berlin", rules=RIGHT["rules"])
    DatabaseBackend("default", {}).enqueue(learn, [], {})
    comment_actions.add_import(ContentFile(b"{}", name="x.json"), actor=ada, system="newsroom")
    for deed in ("remove", "restore"):
        seen = Comment.objects.get(pk=comment.pk).public_version
        comment_actions.decide(comment.pk, deed, actor=ada, reason="spam" if deed == "remove" else "", seen={seen})
    impose_sanction(bob.pk, actor=ada, scope="react", until=None, reason="spam", note="")


@pytest.mark.parametrize("model", admin.site._registry, ids=name_of)
def test_a_refused_form_of_the_admin_comes_back_filled_with_its_error_at_the_field(model, ada, bob, rows):
    browser, name = Client(), name_of(model)
    browser.force_login(ada)
    addresses = [reverse(f"admin:{name}_change", args=[row.pk]) for row in model.objects.order_by("-pk")[:3]]
    assert addresses, "there is no row to look at"
    walk = Walk(browser, "leer" if name == "comments_commentimport" else "kein Bild")
    for address in [f"{reverse(f'admin:{name}_add')}?user={bob.pk}", *addresses]:
        walk.along(address)

    assert walk.faults == []
    assert bool(walk.refused) is (name not in ONLY_READ)


class Walk:
    """Through the forms of one model: what is amiss, and which fields were refused."""

    def __init__(self, browser: Client, wrong_file: str) -> None:
        self.browser, self.wrong_file = browser, wrong_file
        self.faults: list[str] = []
        self.refused: set[str] = set()
        self.forms = 0

    def along(self, address: str) -> None:
        """Refuse each field that no form before had (and one in any case), then send the same without a fault."""
        answer = self.browser.get(address)
        form = _form(answer.text) if answer.status_code == 200 else None
        if form is None or not form.filled_in():
            return
        fields = answer.context["adminform"].form.fields
        right = {**form.sent(), "_save": [""]}
        for each in form.filled_in():
            right[each.name] = _right(each, fields.get(each.name), self.forms)
        new = [each for each in form.filled_in() if each.name not in self.refused]
        for each in new or form.filled_in()[:1]:
            for wrong in [[self.wrong_file]] if each.kind == "file" else list(each.wrongs())[:1]:
                self.faults += [
                    f"{address} {each.name}: {fault}" for fault in self._refuse(address, form, right, each.name, wrong)
                ]
                self.refused.add(each.name)
        accepted = _send(self.browser, address, form, right)
        if accepted.status_code != 302:
            self.faults.append(f"{address} is not accepted: {_form(accepted.text).invalid()}")
        self.forms += 1

    def _refuse(self, address: str, form: Form, right: Sent, name: str, wrong: list[str]) -> list[str]:
        sent = right | {name: wrong}
        answer = _send(self.browser, address, form, sent)
        back = _form(answer.text) if answer.status_code == 200 else None
        if back is None:
            return [f"{answer.status_code} for {str(wrong)[:40]}"]
        faults = unsaid(back, name, form.controls[name].said)
        faults += lost(back, sent, but=[name] if form.controls[name].kind == "select" or NOT_OFFERED in wrong else [])
        files = {each.name for each in form.filled_in() if each.kind == "file"} - {name}
        faults += [f"{each} does not ask for the file" for each in files if AGAIN not in back.controls[each].said]
        others = {_field(each) for each in back.invalid()} - {_field(name), *files}
        return faults + [f"{each} is marked, too" for each in others]


def _send(browser: Client, address: str, form: Form, sent: Sent) -> Any:
    files = {each.name for each in form.filled_in() if each.kind == "file"}
    data: dict[str, Any] = dict(sent)
    for name in files & sent.keys():
        is_picture = sent[name] == ["ein Bild"]
        data[name] = SimpleUploadedFile("hafen.jpg", _picture().getvalue() if is_picture else WRONG[sent[name][0]])
    return browser.post(address, data)


def _right(control: Control, field: Any, form: int) -> list[str]:
    """What somebody would fill in."""
    name, longest = control.name, control.longest or 100
    moment = DAYS.get(_field(name))
    if name in RIGHT or moment is not None:
        return [RIGHT[name] if name in RIGHT else _written(control.kind, _day(moment or 0))]
    if control.kind == "file":
        return ["ein Bild"]
    if control.kind == "checkbox":
        return [] if name in UNTICKED else control.choices[:1]
    if control.kind == "select":
        rows = getattr(field, "queryset", None)
        chosen = [each for each in control.holds if each]
        if form and rows is not None and not control.is_required:
            return chosen  # the form before has taken what can be chosen once
        return chosen or ([str(rows.first().pk)] if rows else [each for each in control.choices if each][-1:])
    if control.kind == "number":
        return ["3"]
    return [f"getippt-{form}" if name == "slug" else f"Getippt {form}: {name}"[:longest]]


def _day(days: int) -> datetime:
    return (datetime.now().astimezone() + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0)


def _written(kind: str, moment: datetime) -> str:
    return f"{moment:%d.%m.%Y}" if kind == "date" else f"{moment:%H:%M:%S}"


def _field(name: str) -> str:
    """Of the two parts of a time its field."""
    return name.removesuffix("_0").removesuffix("_1")


def _form(page: str) -> Form | None:
    """The form in the middle of the page, among those of its menus."""
    return next(
        (each for each in forms_of(page) if each.id.endswith("_form") and "csrfmiddlewaretoken" in each.controls), None
    )


def _picture() -> BytesIO:
    buffer = BytesIO()
    Image.new("RGB", (320, 320), "teal").save(buffer, "JPEG")
    buffer.seek(0)
    return buffer
