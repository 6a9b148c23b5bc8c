"""The moderators' pages, as they are without JavaScript."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions import impose_sanction
from accounts.duties import Duties
from articles import actions as article_actions
from articles.models import Section
from comments import actions
from comments.models import Case, Comment, Decision
from newsroom.live.outbox import position
from tests.support.forms import forms_of

BOARD, QUEUE = "/moderation/", "/moderation/queue/"
MOST_STATEMENTS = 9
MOST_OF_A_CASE = 13  # four for any page of staff, three for the case, five for its context, one for words to its author


@pytest.fixture
def wait(discussion, alice, mo):
    def hold(text="Darf das hinein?", author=alice, **more):
        actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
        held = actions.post(discussion.pk, author=author, text=text, **more).comment
        actions.open_discussion(discussion.pk, actor=mo)
        return held

    return hold


@pytest.fixture
def look(client, mo):
    client.force_login(mo)

    def page(path=QUEUE, **asked) -> str:
        answer = client.get(path, asked)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        return unescape(answer.content.decode())

    return page


def place(comment) -> str:
    return f"/moderation/cases/{Case.objects.filter(comment=comment).latest('id').pk}/"


def decide(client, comment, deed, **more):
    sent = {"deed": deed, "seen": comment.public_version, "next": f"{QUEUE}?kind=held", **more}
    return client.post(place(comment), sent, follow=True)


@pytest.mark.parametrize("path", [BOARD, QUEUE, "/moderation/cases/1/"])
def test_only_moderators_come_in(client, alice, path):
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    client.force_login(alice)
    assert client.get(path).status_code == 403


def test_the_board_says_how_much_waits_where_and_leads_there(look, wait, comment, bob):
    wait("Eins")
    wait("Zwei")
    actions.report(comment.pk, actor=bob, reason="spam")

    page = look(BOARD)

    links = dict(re.findall(r'href="(/moderation/queue/\?[^"]+)"><b>(\d+)</b>', page))
    assert links == {
        "/moderation/queue/?kind=held": "2",
        "/moderation/queue/?kind=held&section=lokales": "2",
        "/moderation/queue/?kind=reported": "1",
        "/moderation/queue/?kind=reported&section=lokales": "1",
    }
    for address in links:
        assert "case-card" in look(address)


def test_a_card_shows_what_a_decision_needs(look, wait, comment, alice, bob, mo):
    impose_sanction(alice.pk, actor=mo, scope="chat", until=None, reason="insult")
    wait("Der fragliche Text", parent_id=actions.post(comment.discussion_id, author=bob, text="Die Frage").comment.pk)

    page = look(kind="held")

    for words in (
        *("Lokales", "Die neue Fähre fährt", "Der fragliche Text", "Die Frage", "Alice", "dabei seit"),
        *("Ein Moderator", "neues Konto", "für immer gesperrt", "Ablehnen"),
    ):
        assert words in page, words


def test_a_reported_comment_shows_who_reported_why_and_how_often_they_were_right(look, discussion, comment, bob, mo):
    before = actions.post(discussion.pk, author=comment.author, text="Davor").comment
    actions.report(before.pk, actor=bob, reason="insult")
    actions.remove(before.pk, actor=mo, reason="insult")
    actions.report(comment.pk, actor=bob, reason="spam", text="Das ist Reklame")

    page = look(kind="reported")

    for words in ("Gemeldet von 1 Person", "Spam", "Das ist Reklame", "Bob", "1 von 1 Meldung bestätigt"):
        assert words in page, words


def test_it_is_approved_by_one_button_and_one_is_back_in_the_queue(client, look, wait):
    held = wait()
    look()

    answer = decide(client, held, "approve")

    assert answer.redirect_chain == [(f"{QUEUE}?kind=held", 302)]
    assert "Der Kommentar ist veröffentlicht." in answer.content.decode()
    assert "Hier wartet nichts." in answer.content.decode()
    assert Comment.objects.get(pk=held.pk).state == "published"


def test_a_rejection_needs_a_reason_that_nobody_has_chosen_before(client, look, wait):
    held = wait()
    page = look()
    assert re.search(r'<option value="">[^<]+</option>', page)
    assert "selected" not in page[page.index("case-card") :]

    answer = decide(client, held, "reject", note="Ein Vermerk")
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert "Ein Vermerk</textarea>" in page
    assert "reject-reason-error" in page

    assert decide(client, held, "reject", reason="insult", note="Ein Vermerk").status_code == 200
    ruling = Decision.objects.latest("id")
    assert (ruling.action, ruling.reason, ruling.note) == ("reject", "insult", "Ein Vermerk")


@pytest.mark.parametrize(("deed", "state"), [("keep", "published"), ("remove", "removed")])
def test_a_reported_comment_is_kept_or_removed(client, look, comment, bob, deed, state):
    actions.report(comment.pk, actor=bob, reason="spam")
    look()

    answer = decide(client, comment, deed, reason="spam")

    assert answer.status_code == 200
    assert Comment.objects.get(pk=comment.pk).state == state
    assert not Case.objects.open().exists()


def test_every_form_of_a_card_is_one_that_works(client, look, wait, comment, bob):
    wait()
    actions.report(comment.pk, actor=bob, reason="spam")
    found = [form for form in forms_of(look()) if form.action.startswith("/moderation/cases/")]
    assert {value for form in found for name, value in form.buttons if name == "deed"} == {
        *("approve", "reject", "keep", "remove"),
    }
    assert all({"seen", "next", "csrfmiddlewaretoken"} <= form.controls.keys() for form in found)


def test_a_text_that_was_edited_meanwhile_is_not_approved_unseen(client, look, wait, alice):
    held = wait("Vorher")
    look()
    actions.edit(held.pk, actor=alice, text="Nachher")

    answer = decide(client, held, "approve")

    assert answer.status_code == 412
    assert "Nachher" in answer.content.decode()
    assert Comment.objects.get(pk=held.pk).state == "held"


def test_who_comes_second_reads_what_was_decided(client, look, wait, mo, person):
    held = wait()
    look()
    actions.approve(held.pk, actor=person("Mona", "moderator"))

    answer = decide(client, held, "reject", reason="insult")

    assert answer.status_code == 409
    assert "Mona" in answer.content.decode()


def test_nobody_is_sent_elsewhere_by_a_form(client, look, wait):
    held = wait()
    look()

    answer = decide(client, held, "approve", next="https://example.org/moderation/")

    assert answer.redirect_chain == [(QUEUE, 302)]


def test_the_page_of_a_case_has_its_context(look, wait, comment, discussion, alice, bob):
    actions.post(discussion.pk, author=bob, text="Das stand davor")
    held = wait("Erste Fassung")
    actions.edit(held.pk, actor=alice, text="Zweite Fassung")

    page = look(place(held))

    for words in ("Das stand davor", "Zweite Fassung", "Erste Fassung", "Endlich eine Fähre!", "premoderated"):
        assert words in page, words


def test_another_moderator_who_reads_a_case_is_named(look, wait, mo, person):
    held = wait()
    actions.claim(Case.objects.get(comment=held).pk, actor=person("Mona", "moderator"))
    assert "Mona liest das gerade." in look()
    actions.release(Case.objects.get(comment=held).pk, actor=person("Marie", "moderator"))
    assert "Mona liest das gerade." in look()


def test_it_goes_on_to_the_next_page_and_back(look, wait, person):
    for number in range(27):
        wait(f"Nummer {number}.")
    first = look(kind="held")
    ahead = re.search(r'rel="next" href="([^"]+)"', first)[1]
    second = look(ahead)

    assert (first.count("case-card"), second.count("case-card")) == (25, 2)
    assert "kind=held" in ahead
    back = re.search(r'rel="prev" href="([^"]+)"', second)[1]
    assert "Nummer 0." in look(back)


@pytest.mark.parametrize("asked", [{"kind": "nonsense"}, {"order": "x"}, {"cursor": "x"}, {"author": "x"}])
def test_an_address_that_makes_no_sense_is_refused(client, look, asked):
    look()
    assert client.get(QUEUE, asked).status_code == 400


def test_a_moderator_of_one_section_sees_nothing_of_another(client, wait, chat, alice, mo, person, section):
    actions.open_discussion(chat.pk, actor=mo, premoderated=True)
    elsewhere = actions.post(chat.pk, author=alice, text="Im Treff").comment
    wait("Im Ressort")
    here = person("Sina")
    here.give(Duties.of([("moderate", section.pk)]))
    here.save()
    client.force_login(here)

    assert "Im Ressort" in client.get(QUEUE).content.decode()
    assert "Im Treff" not in client.get(QUEUE).content.decode()
    assert "Alle Ressorts" not in client.get(BOARD).content.decode()
    assert client.get(place(elsewhere)).status_code == 404


def test_some_cases_are_shown_alone_and_only_while_they_are_open(client, look, wait, mo):
    held = [wait(f"Nummer {number}.") for number in range(4)]
    ids = [Case.objects.get(comment=each).pk for each in held]
    actions.reject(held[2].pk, actor=mo, reason="spam")

    page = look(case=[ids[0], ids[2], ids[3], 999])

    assert re.findall(r'data-case="(\d+)"', page) == [str(ids[0]), str(ids[3])]
    assert client.get(QUEUE, {"case": "x"}).status_code == 400


def test_tabs_count_the_section_that_was_chosen(look, wait, chat, alice, mo):
    actions.open_discussion(chat.pk, actor=mo, premoderated=True)
    actions.post(chat.pk, author=alice, text="Im Treff")
    wait("Im Ressort")

    def numbers(**asked):
        return re.findall(r'data-tab="(\w+)".*?data-number>(\d+)<', look(**asked), re.DOTALL)

    assert numbers() == [("all", "2"), ("held", "2"), ("reported", "0")]
    assert numbers(section="lokales") == [("all", "1"), ("held", "1"), ("reported", "0")]


def test_the_context_comes_alone_too(look, wait, discussion, bob):
    actions.post(discussion.pk, author=bob, text="Das stand davor")
    part = f"{place(wait())}context/"

    page = look(part)

    assert "Das stand davor" in page
    assert page.count("case-context") == 1
    assert "case-card" not in page


def test_the_header_leads_moderators_here_and_holds_no_number(client, look, alice, wait):
    wait()
    assert re.search(r"<newsroom-queue-count[^>]+hidden></newsroom-queue-count>", look(BOARD))
    client.force_login(alice)
    assert "queue-count" not in client.get("/").content.decode()


@pytest.mark.parametrize("asked", [{}, {"kind": "held", "section": "lokales"}, {"order": "newest"}])
@pytest.mark.usefixtures("serving")
def test_a_page_asks_nine_times_however_much_waits(client, look, wait, discussion, comment, person, asked):
    readers = [person(f"Leser{n}") for n in range(5)]
    for number in range(30):
        wait(f"Nummer {number}", author=readers[number % 5], parent_id=comment.pk)
    for number in range(5):
        there = actions.post(discussion.pk, author=readers[0], text=f"Steht {number}").comment
        for each in readers[1:]:
            actions.report(there.pk, actor=each, reason="insult", text="Deshalb")
    look()

    with CaptureQueriesContext(connection) as statements:
        page = look(QUEUE, **asked)
    with CaptureQueriesContext(connection) as of_board:
        assert "heat-title" in look(BOARD)
    address = place(there)
    with CaptureQueriesContext(connection) as of_case:
        look(address)

    assert page.count("case-card") == 25
    assert len(statements) <= MOST_STATEMENTS, "\n".join(each["sql"][:150] for each in statements)
    assert len(of_board) <= MOST_STATEMENTS
    assert len(of_case) <= MOST_OF_A_CASE, "\n".join(each["sql"][:150] for each in of_case)


def test_a_moderator_of_some_sections_follows_the_stream_of_each(api, client, wait, alice, mo, eddy, person, section):
    """As page and API give them, where they were before the cases were read."""
    sport = Section.objects.create(name="Sport", slug="sport")
    Section.objects.create(name="Kultur", slug="kultur")
    match = article_actions.draft_article(actor=eddy, section=sport, headline="Anpfiff", body="…")
    article_actions.publish_article(match.pk, actor=eddy)
    below = actions.discussion_of(match)
    actions.open_discussion(below.pk, actor=mo, premoderated=True)
    wait("Im Ressort")
    for text in ("Tor!", "Abseits!"):
        actions.post(below.pk, author=alice, text=text)
    sina = person("Sina")

    def followed(*duties, **asked):
        sina.give(Duties.of(duties))
        sina.save()
        client.force_login(sina)
        said = re.search(r'streams="([^"]+)"', client.get(QUEUE, asked).text)
        streams = json.loads(unescape(said[1]))
        assert all(client.get(f"/api/v1/streams/{each['stream']}/events/").status_code == 200 for each in streams)
        for each in streams:
            assert each["offset"] == position(each["stream"]).offset
        alone = api(sina).get("/api/v1/moderation/cases/", asked).json()["stream"]
        assert alone == (streams[0]["stream"] if len(streams) == 1 else None)
        return {each["stream"]: each["counts"]["held"] for each in streams}

    here, there = ("moderate", section.pk), ("moderate", sport.pk)
    assert followed(here) == {"moderation.lokales": 1}
    assert followed(here, there) == {"moderation.lokales": 1, "moderation.sport": 2}
    assert re.search(r'data-tab="all".*?data-number>(\d+)<', client.get(QUEUE).text, re.DOTALL)[1] == "3"
    assert followed(here, there, section="sport") == {"moderation.sport": 2}
    assert followed(("moderate", None)) == {"moderation": 3}
    assert followed(("moderate", None), section="sport") == {"moderation.sport": 2}
