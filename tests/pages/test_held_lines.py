"""Lines that wait stand at their places on pages of those who moderate there, and nobody else gets a byte of them."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import give_duties
from accounts.duties import Duties, Duty
from accounts.models import Sanction, User
from articles.models import Section
from comments import actions
from comments.models import Case, Comment
from newsroom.files import store

pytestmark = pytest.mark.django_db
WORD = "Wicht"


@pytest.fixture(autouse=True)
def rule(mo):
    return actions.make_rule(actor=mo, name="Schimpf", kind="words", action="hold", mode="live", words=[WORD])


@pytest.fixture
def moderator(mo) -> Client:
    return logged_in(mo)


def logged_in(who: User) -> Client:
    browser = Client()
    browser.force_login(who)
    return browser


def lines(page) -> list[str]:
    """The lines of the list in their order: "12" for a comment, "held 13" for one that waits."""
    shown = page.text.partition("<newsroom-held")[0]
    found = re.findall(r'<li class="comment[^>]*?(?:id="comment-(\d+)"|data-comment="(\d+)")', shown, re.DOTALL)
    return [public or f"held {held}" for public, held in found]


def held(comment: Comment) -> str:
    assert comment.state == Comment.State.HELD
    return f"held {comment.pk}"


def test_they_stand_where_their_time_places_them_in_each_order_and_below_what_they_answer(
    moderator, article, discussion, say, settings
):
    settings.REPLY_DEPTH = 3
    first, second = say(discussion, "Eins"), say(discussion, "Zwei")
    waits = held(say(discussion, f"Du {WORD}"))
    third = say(discussion, "Drei")
    answer = say(discussion, "Ja", first)
    below = held(say(discussion, f"Selber {WORD}", first))
    deeper = held(say(discussion, f"Noch ein {WORD}", answer))
    one, two, three, reply = (str(each.pk) for each in (first, second, third, answer))
    address = f"/articles/{article.slug}/"

    assert lines(moderator.get(address)) == [three, waits, two, one, reply, deeper, below]
    assert lines(moderator.get(f"{address}?sort=oldest")) == [one, reply, deeper, below, two, waits, three]
    assert lines(moderator.get(f"{address}?sort=best"))[0] == waits
    assert lines(moderator.get(f"/comments/{first.pk}/replies/")) == [one, reply, deeper, below]


def test_they_stand_there_also_for_a_moderator_who_has_read_everything(moderator, article, discussion, say):
    first = say(discussion, "Eins")
    waits = held(say(discussion, f"Du {WORD}"))
    read = moderator.put(
        f"/api/v1/discussions/{discussion.pk}/read/", {"order": first.order}, content_type="application/json"
    )
    assert read.status_code in {200, 204}, read.text

    page = moderator.get(f"/articles/{article.slug}/")

    assert (page.status_code, lines(page)) == (200, [waits, str(first.pk)])
    assert page.context["has_unread"] is False
    say(discussion, "Zwei")
    assert moderator.get(f"/articles/{article.slug}/").context["has_unread"] is True


def test_a_line_says_what_holds_it_with_the_words_that_were_found(moderator, article, discussion, say):
    say(discussion, f"Du {WORD} du")

    page = moderator.get(f"/articles/{article.slug}/").text

    line = page[page.index('<li class="comment is-held') : page.index("</article>", page.index("is-held"))]
    assert f'<mark dir="auto">{WORD}</mark>' in line
    assert "<b>Schimpf</b>" in line
    assert line.count('name="deed"') == 2


def test_of_several_pages_each_has_its_own(moderator, article, discussion, say):
    old = held(say(discussion, f"Alter {WORD}"))
    for number in range(26):
        say(discussion, f"Wort {number}")
    new = held(say(discussion, f"Neuer {WORD}"))

    first = moderator.get(f"/articles/{article.slug}/")
    second = moderator.get(first.context["page"]["next"])

    assert lines(first)[0] == new
    assert old not in lines(first)
    assert lines(second)[-1] == old
    assert new not in lines(second)
    # Scripts know the others, to place them once their page is loaded.
    aside = first.text.partition("<newsroom-held")[2]
    assert re.findall(r'data-comment="(\d+)"', aside) == [old.removeprefix("held ")]


def test_in_a_chat_they_stand_among_the_messages(moderator, chat, say):
    first = say(chat, "Moin")
    waits = held(say(chat, f"Du {WORD}"))
    last = say(chat, "Moin moin")

    assert lines(moderator.get(f"/chats/{chat.pk}/")) == [str(first.pk), waits, str(last.pk)]


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_without_scripts_a_form_decides_there_and_leads_back(moderator, mo, article, discussion, say, deed):
    waits = say(discussion, f"Du {WORD}")
    page = moderator.get(f"/articles/{article.slug}/?sort=oldest").text
    case = Case.objects.get(comment=waits)
    form = page[page.index(f'action="/moderation/cases/{case.pk}/"') :]
    seen, back = (re.search(rf'name="{name}" value="([^"]*)"', form)[1] for name in ("seen", "next"))

    wish = {"deed": deed, "seen": seen, "next": back, "reason": "insult"}
    answer = moderator.post(f"/moderation/cases/{case.pk}/", wish)

    assert answer.status_code == 302
    assert answer.url == f"/articles/{article.slug}/?sort=oldest#discussion"
    after = lines(moderator.get(answer.url))
    assert after == ([str(waits.pk)] if deed == "approve" else [])


def test_a_form_that_leads_back_leads_nowhere_else(moderator, discussion, say):
    waits = say(discussion, f"Du {WORD}")
    case = Case.objects.get(comment=waits)

    for back in ("https://boese.example/", "//boese.example/", "/\\boese.example", "javascript:alert(1)", "weg"):
        again = say(discussion, f"Du {WORD}")
        case = Case.objects.get(comment=again)
        wish = {"deed": "approve", "seen": again.version, "next": back}
        assert moderator.post(f"/moderation/cases/{case.pk}/", wish).url == "/moderation/queue/"


def test_the_part_for_scripts_has_the_lines_and_where_to_follow_them(moderator, mo, article, discussion, chat, say):
    first, second = say(discussion, f"Erster {WORD}"), say(discussion, f"Zweiter {WORD}")
    say(chat, f"Anderswo ein {WORD}")
    address = f"/moderation/discussions/{discussion.pk}/held/"

    page = moderator.get(address)
    alone = moderator.get(address, {"case": Case.objects.get(comment=first).pk})

    assert re.findall(r'data-comment="(\d+)"', page.text) == [str(second.pk), str(first.pk)]
    assert re.findall(r'data-comment="(\d+)"', alone.text) == [str(first.pk)]
    assert _followed(page) == [f"moderation.{article.section.slug}"]
    assert page["Cache-Control"] == "private, no-store"
    assert _followed(moderator.get(f"/moderation/discussions/{chat.pk}/held/")) == ["moderation"]
    assert moderator.get(f"{address}?case=x").status_code == 400
    assert "data-comment" not in moderator.get(f"{address}?case=99999999999999999999").text


def _followed(page):
    (streams,) = re.findall(r'<newsroom-held streams="([^"]+)"', page.text)
    return [each["stream"] for each in json.loads(unescape(streams))]


def test_nobody_else_gets_a_byte_of_it(client, article, discussion, say, alice, ada, mo, person):
    waits = say(discussion, f"Geheimer {WORD}")
    say(discussion, "Offen")
    section = Section.objects.create(name="Sport", slug="sport")
    give_duties((kim := person("Kim")).pk, actor=ada, duties=Duties.of([(Duty.MODERATE, section.pk)]))
    here = give_duties((tom := person("Tom")).pk, actor=ada, duties=Duties.of([(Duty.MODERATE, article.section_id)]))
    assert here
    address, part = f"/articles/{article.slug}/", f"/moderation/discussions/{discussion.pk}/held/"
    sealed = client.get(address)

    for who in (mo, User.objects.get(pk=tom.pk)):
        assert held(waits) in lines(logged_in(who).get(address))
        assert "Geheimer" in logged_in(who).get(part).text
    for who in (alice, User.objects.get(pk=kim.pk)):
        page = logged_in(who).get(address)
        assert "Geheimer" not in page.text
        assert "newsroom-held" not in page.text
        assert "panel" not in page.text
        assert logged_in(who).get(part).status_code in {403, 404}
    assert client.get(part).status_code == 302
    again = client.get(address)
    assert again.content == sealed.content
    assert "Geheimer" not in again.text


def test_scripts_and_sheets_of_moderators_are_for_them_alone(moderator, client, article, comment):
    address = f"/articles/{article.slug}/"

    assert "panel/thread.js" in moderator.get(address).text
    assert "panel/thread.css" in moderator.get(address).text
    assert "panel/" not in client.get(address).text
    sheet = store.file("panel/thread.css")
    assert sheet is not None
    assert b"@import" not in sheet.bodies[""]
    assert b".is-held" in sheet.bodies[""]


def test_a_page_asks_a_few_statements_more_for_moderators_however_much_waits(
    moderator, alice, article, discussion, say
):
    address = f"/articles/{article.slug}/"
    say(discussion, "Offen")

    def asked(browser: Client) -> int:
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        return len(queries)

    reader, nothing = asked(logged_in(alice)), asked(moderator)
    assert nothing <= reader + 3  # their own sanctions, the section with its position, the cases
    counts = []
    for number in range(1, 31):
        waits = say(discussion, f"Nummer {number}: {WORD}")
        if number % 10 == 0:
            Sanction.objects.create(user=waits.author, scope="chat", reason="spam")
            counts.append(asked(moderator))
    assert counts == [nothing + 2] * 3  # what rules have found, and what the authors are barred from
    assert len([each for each in lines(moderator.get(address)) if each.startswith("held")]) == 25
