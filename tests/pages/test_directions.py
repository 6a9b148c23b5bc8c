"""Whatever people write finds its own direction on every page: Arabic words stand in an element that says `dir="auto"`
(or in <bdi>, which means the same).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.actions import create_token, impose_sanction
from accounts.models import User
from accounts.notifications import mails
from comments import actions
from comments.models import Case
from newsroom.database.columns import LineField, ProseField
from newsroom.face.present import keeper

pytestmark = pytest.mark.django_db
OURS = {"newsroom", "accounts", "articles", "comments"}
ARABIC = re.compile("[\u0600-\u06ff]")
# A choice, the name of a window and the words of a chart have no direction of their own; the others show no text.
UNSEEN = {"title", "desc", "text", "option", "script", "style", "template"}


def written(number: int) -> str:
    return f"مرحبا {number}!"


@pytest.fixture
def pages(article, item, ticker, comment, chat, alice, bob, mo, settings) -> dict[str, list[str]]:
    """Addresses by whoever opens them, when everything that somebody wrote is Arabic."""
    actions.post(chat.pk, author=alice, text="Moin")
    reply = actions.post(comment.discussion_id, author=bob, text="Ja!", parent_id=comment.pk).comment
    actions.report(comment.pk, actor=bob, reason="insult", text="Das geht nicht")
    gone = actions.post(chat.pk, author=alice, text="Weg").comment
    actions.remove(gone.pk, actor=mo, reason="spam", note="Schon wieder")
    warning = actions.warn_person(alice.pk, actor=mo, reason="spam", text="Bitte nicht")
    actions.note_person(alice.pk, actor=mo, text="Schreibt viel")
    impose_sanction(alice.pk, actor=mo, scope="react", until=None, reason="spam", text="Nein", note="Und nochmal")
    rule = actions.make_rule(actor=mo, name="Wörter", kind="words", words=["Wicht"], action="hold")
    actions.add_text(actor=mo, reason="spam", language="de", text="Bitte bleiben Sie höflich.")
    create_token(alice, name="Programm", scopes=["read"])
    actions.change_discussion(chat.pk, actor=mo, switch="premoderated")
    actions.post(chat.pk, author=bob, text="Darf das hinein?")
    actions.ignore(bob.pk, reader=alice)
    _translate()
    case = Case.objects.filter(closed_at=None).latest("pk")
    public = [
        *("/", f"/articles/{article.slug}/", "/sections/lokales/", "/newsticker/", "/newsticker/newsticker/1/"),
        *("/chats/", f"/chats/{chat.pk}/", f"/comments/{comment.pk}/replies/", f"/people/{alice.pk}/"),
        *("/search/?q=مرحبا", f"/comments/{comment.pk}/reactions/"),
    ]
    own = [
        *("/accounts/profile/", "/accounts/notifications/", "/accounts/profile/ignored/", f"/warnings/{warning.pk}/"),
        *(f"/comments/{comment.pk}/edit/", f"/comments/{reply.pk}/report/"),
        "/accounts/notifications/preferences/",
    ]
    panel = [
        *(
            "",
            "queue/",
            "people/?q=مرحبا",
            f"people/{alice.pk}/",
            "decisions/",
            "rules/",
            f"rules/{rule.pk}/",
            "texts/",
        ),
        *("rules/bench/", f"cases/{case.pk}/", f"cases/{case.pk}/context/", f"cases/{case.pk}/edit/", "newest/"),
        *("discussions/", f"discussions/{chat.pk}/", "statistics/", "premoderation/", "refused/", "second/"),
        f"cases/{case.pk}/hand-over/",
    ]
    moderators = [
        *(f"/moderation/{place}" for place in panel),
        f"/comments/{comment.pk}/moderate/",
        f"/chats/{chat.pk}/",
    ]
    return {"": public, alice.email: [*public, *own], mo.email: moderators}


def _translate() -> None:
    """Writes Arabic into every column for what people write, and into the HTML that is made of it."""
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        names = [each.name for each in model._meta.local_fields if isinstance(each, LineField | ProseField)]
        has_html = any(each.name == "html" for each in model._meta.local_fields)
        for row in model._default_manager.all():
            said: dict[str, Any] = {name: written(row.pk) for name in names if getattr(row, name)}
            if has_html and row.html:
                said["html"] = f'<p dir="auto">{written(row.pk)}</p>'
            if said:
                model._default_manager.filter(pk=row.pk).update(**said)
    cache.clear()
    keeper.forget()


def _loose(element: Any, is_held: bool = False) -> Iterator[str]:
    """The Arabic words that have no direction of their own."""
    if not isinstance(element.tag, str) or element.tag.rpartition("}")[2] in UNSEEN:
        return
    is_letter = "avatar" in element.get("class", "").split()
    is_held = is_held or is_letter or element.tag == "bdi" or element.get("dir") == "auto"
    if not is_held and ARABIC.search(element.text or ""):
        yield f"<{element.tag} {dict(element.attrib)}>{(element.text or '').strip()[:60]}"
    for child in element:
        yield from _loose(child, is_held)
        if not is_held and ARABIC.search(child.tail or ""):
            yield f"<{element.tag} {dict(element.attrib)}>…{(child.tail or '').strip()[:60]}"


def test_what_people_write_finds_its_direction_on_every_page(pages):
    faults, shown = [], 0
    for email, addresses in pages.items():
        browser = Client()
        if email:
            browser.force_login(User.objects.get(email=email))
        for address in addresses:
            answer = browser.get(address, follow=True)
            assert answer.status_code == 200, address
            shown += bool(ARABIC.search(answer.text))
            root = html5lib.parse(answer.text, namespaceHTMLElements=False)
            faults += [f"{address}: {each}" for each in dict.fromkeys(_loose(root))]

    assert shown > 30
    assert "\n".join(faults) == ""


def test_what_people_write_finds_its_direction_in_mails(alice):
    known = {"user": alice, "kind": "comment.removed", "title": written(1), "text": written(2), "place_url": "/"}
    mails.send("account/email/decided", alice.email, known)

    ((html, _kind),) = mail.outbox[-1].alternatives
    assert len(ARABIC.findall(html)) == 2 * len("مرحبا")
    assert list(_loose(html5lib.parse(html, namespaceHTMLElements=False))) == []
