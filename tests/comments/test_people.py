"""People's records for moderators: search, tallies, comments, sanctions and notes, by pages and API."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import impose_sanction, lift_sanction
from accounts.duties import Duties
from accounts.models import AuditEntry, Notification
from accounts.search import install
from comments import actions
from comments.models import Comment, PersonNote
from newsroom.live.models import Event
from tests.support.forms import forms_of

pytestmark = pytest.mark.django_db
PEOPLE, API = "/moderation/people/", "/api/v1/moderation/people/"
TOKEN = "Geheimwort-7319"
MOST_STATEMENTS = 11  # three for any page of staff, six for a record, one each for comments and for words to them


@pytest.fixture
def look(client, mo):
    client.force_login(mo)

    def page(path, **asked) -> str:
        answer = client.get(path, asked)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        return unescape(answer.text)

    return page


@pytest.fixture
def found(api, mo):
    install()  # the triggers of the index, which another test's migration may have dropped

    def ask(words, viewer=mo) -> list[str]:
        answer = api(viewer).get(API, {"q": words})
        assert answer.status_code == 200
        return [each["name"] for each in answer.json()["results"]]

    return ask


@pytest.fixture
def sina(person, section):
    """She moderates one section."""
    user = person("Sina")
    user.give(Duties.of([("moderate", section.pk)]))
    user.save()
    return user


@pytest.fixture
def history(discussion, chat, alice, bob, mo) -> SimpleNamespace:
    """Alice has said, been decided about, been restricted, and reported."""
    stands = actions.post(discussion.pk, author=alice, text="Das steht da.").comment
    removed = actions.post(discussion.pk, author=alice, text="Das war zu viel.").comment
    actions.remove(removed.pk, actor=mo, reason="insult")
    actions.open_discussion(chat.pk, actor=mo, premoderated=True)
    held = actions.post(chat.pk, author=alice, text="Wartet im Treff.").comment
    theirs = actions.post(discussion.pk, author=bob, text="Reklame.").comment
    actions.report(theirs.pk, actor=alice, reason="spam")
    actions.remove(theirs.pk, actor=mo, reason="spam")
    return SimpleNamespace(stands=stands, removed=removed, held=held)


def test_they_are_found_by_name_number_and_whole_address_and_not_by_a_part_of_one(found, alice, bob):
    assert found("alic") == ["Alice"]
    assert found(str(bob.pk))[0] == "Bob"
    assert found(f"#{bob.pk}") == ["Bob"]
    assert found("ALICE@example.org") == ["Alice"]
    assert found("example.org") == []
    assert found("") == []


def test_a_search_shows_no_address(api, client, mo, ada, alice):
    for viewer in (mo, ada):
        client.force_login(viewer)
        page, listed = client.get(PEOPLE, {"q": "Alice"}), api(viewer).get(API, {"q": "Alice"})
        for answer in (page, listed):
            assert alice.email not in answer.text.replace('value="Alice"', "")
            assert "a…@example.org" in answer.text


@pytest.mark.parametrize("words", ["x" * 201, "%", "\0", "🙂" * 50, "' OR 1=1", "99999999999999999999"])
def test_no_question_is_too_strange(api, client, mo, words):
    client.force_login(mo)
    assert api(mo).get(API, {"q": words}).status_code in {200, 400}
    assert client.get(PEOPLE, {"q": words}).status_code in {200, 400}


@pytest.mark.parametrize("path", [PEOPLE, f"{PEOPLE}1/"])
def test_only_moderators_come_in(client, api, alice, eddy, path):
    for viewer in (alice, eddy):
        client.force_login(viewer)
        assert client.get(path).status_code == 403
        assert api(viewer).get(f"/api/v1{path}").status_code == 403


def test_a_record_has_numbers_sanctions_and_notes(api, mo, alice, history, section):
    lifted = impose_sanction(alice.pk, actor=mo, scope="react", until=None, reason="spam", section=section.pk)
    lift_sanction(lifted.pk, actor=mo)
    until = timezone.now() + timedelta(days=7)
    impose_sanction(alice.pk, actor=mo, scope="chat", until=until, reason="insult", note="Zum dritten Mal")
    made = api(mo).post(f"{API}{alice.pk}/notes/", {"text": "Ruft gern an."})
    assert made.status_code == 201

    record = api(mo).get(f"{API}{alice.pk}/").json()

    assert record["comments"] == {"published": 2, "rejected": 0, "removed": 1, "restored": 0}
    assert record["reports"] == {"made": 1, "upheld": 1, "dismissed": 0}
    assert record["email"] == "a…@example.org"
    newest, before = record["sanctions"]
    assert (newest["scope"], newest["note"], newest["imposed_by"]["name"]) == ("chat", "Zum dritten Mal", "Mo")
    assert (before["section"], before["lifted_by"]["name"]) == ("lokales", "Mo")
    assert record["notes"] == [made.json()]
    assert (made.json()["text"], made.json()["by"]["name"]) == ("Ruft gern an.", "Mo")
    assert api(mo).get(f"{API}{alice.pk}/sanctions/").json()["results"] == record["sanctions"]
    assert api(mo).get(f"{API}{alice.pk}/notes/").json()["results"] == record["notes"]


def test_the_page_shows_the_same(look, mo, alice, history):
    impose_sanction(alice.pk, actor=mo, scope="chat", until=None, reason="insult", note="Zum dritten Mal")
    actions.note_person(alice.pk, actor=mo, text="Ruft gern an.")

    page = look(f"{PEOPLE}{alice.pk}/")

    for words in (
        *("2 veröffentlicht, 0 abgelehnt, 1 entfernt", "1 abgegeben, 1 bestätigt, 0 nicht", "a…@example.org"),
        *("Schreiben in Chats", "Zum dritten Mal", "Ruft gern an.", "Das steht da.", "Wartet im Treff."),
    ):
        assert words in page, words
    assert alice.email not in page


def test_comments_come_by_state_and_page_by_page(api, look, mo, alice, discussion, history):
    for number in range(22):
        actions.post(discussion.pk, author=alice, text=f"Nummer {number}.")
    removed = look(f"{PEOPLE}{alice.pk}/", state="removed")
    assert removed.count('class="badge badge-muted"') == 1
    first = look(f"{PEOPLE}{alice.pk}/", state="published")
    ahead = re.search(r'rel="next" href="([^"#]+)', first)[1]
    second = look(ahead)
    assert (first.count("badge-muted"), second.count("badge-muted")) == (20, 3)

    seen, place = [], f"{API}{alice.pk}/comments/?limit=7"
    while place:
        answer = api(mo).get(place).json()
        seen += [each["id"] for each in answer["results"]]
        place = answer["next"]
    assert seen == sorted(Comment.objects.filter(author=alice).values_list("pk", flat=True), reverse=True)
    held = api(mo).get(f"{API}{alice.pk}/comments/", {"state": "held"}).json()["results"]
    assert [each["id"] for each in held] == [history.held.pk]


@pytest.mark.parametrize("asked", [{"state": "nonsense"}, {"cursor": "x"}])
def test_a_list_that_makes_no_sense_is_refused(api, client, mo, alice, asked):
    client.force_login(mo)
    assert client.get(f"{PEOPLE}{alice.pk}/", asked).status_code == 400
    assert api(mo).get(f"{API}{alice.pk}/comments/", asked).status_code == 400


def test_a_moderator_of_one_section_reads_what_is_of_it_or_was_public(api, sina, mo, alice, history, section):
    from articles.models import Section

    sport = Section.objects.create(name="Sport", slug="sport")
    for place in (sport.pk, section.pk, None):
        impose_sanction(alice.pk, actor=mo, scope="chat", until=None, reason="spam", section=place)

    comments = api(sina).get(f"{API}{alice.pk}/comments/").json()["results"]
    assert [each["id"] for each in comments] == [history.removed.pk, history.stands.pk]
    sanctions = api(sina).get(f"{API}{alice.pk}/sanctions/").json()["results"]
    assert [each["section"] for each in sanctions] == [None, "lokales"]
    assert api(sina).get(f"{API}{alice.pk}/").json()["sanctions"] == sanctions


def test_an_address_is_shown_to_those_with_the_duty_and_each_look_is_on_record(api, client, ada, mo, alice):
    looks = AuditEntry.objects.filter(deed="address.shown", subject=f"user.{alice.pk}")
    client.force_login(mo)
    assert alice.email not in client.post(f"{PEOPLE}{alice.pk}/", {"deed": "address"}).text
    assert looks.count() == 0
    client.force_login(ada)
    assert alice.email not in client.get(f"{PEOPLE}{alice.pk}/").text
    assert looks.count() == 0

    assert alice.email in client.post(f"{PEOPLE}{alice.pk}/", {"deed": "address"}).text
    assert api(ada).get(f"{API}{alice.pk}/").json()["email"] == alice.email
    assert list(looks.values_list("actor", flat=True)) == [ada.pk, ada.pk]


def test_a_note_is_kept_by_the_form_and_one_without_text_is_not(client, look, alice):
    path = f"{PEOPLE}{alice.pk}/"
    assert any("note" in dict(form.buttons).values() for form in forms_of(look(path)))

    answer = client.post(path, {"deed": "note", "text": "  "})
    assert answer.status_code == 422
    assert "note-text-error" in answer.text
    answer = client.post(path, {"deed": "note", "text": "x" * 2001})
    assert (answer.status_code, "x" * 2001 in answer.text) == (422, True)
    assert PersonNote.objects.count() == 0

    answer = client.post(path, {"deed": "note", "text": "Ruft gern an."}, follow=True)
    assert "Ruft gern an." in answer.text
    assert PersonNote.objects.get().text == "Ruft gern an."


@pytest.mark.parametrize("said", [{}, {"text": ""}, {"text": "x" * 2001}, {"text": "x", "other": 1}, {"text": None}])
def test_a_bad_note_is_refused(api, mo, alice, said):
    assert api(mo).post(f"{API}{alice.pk}/notes/", said).status_code == 422
    assert PersonNote.objects.count() == 0


def test_nobody_reads_or_keeps_notes_about_themselves(api, client, person, mo):
    mona = person("Mona", "moderator")
    actions.note_person(mona.pk, actor=mo, text=TOKEN)

    assert api(mona).post(f"{API}{mona.pk}/notes/", {"text": "Ich"}).status_code == 403
    client.force_login(mona)
    assert client.post(f"{PEOPLE}{mona.pk}/", {"deed": "note", "text": "Ich"}).status_code == 403
    for answer in (
        *(client.get(f"{PEOPLE}{mona.pk}/"), api(mona).get(f"{API}{mona.pk}/")),
        api(mona).get(f"{API}{mona.pk}/notes/"),
    ):
        assert answer.status_code == 200
        assert TOKEN not in answer.text


def test_whoever_is_not_there_is_not_found(api, client, mo):
    client.force_login(mo)
    for number in ("999999", "99999999999999999999"):
        assert client.get(f"{PEOPLE}{number}/").status_code == 404
        for more in ("", "comments/", "notes/", "sanctions/"):
            assert api(mo).get(f"{API}{number}/{more}").status_code == 404
        assert api(mo).post(f"{API}{number}/notes/", {"text": "Ja"}).status_code == 404


def test_a_note_reaches_nobody_but_moderators(
    api, client, alice, bob, eddy, mo, article, discussion, comment, mailoutbox
):
    """Every outlet that a reader, an editor or the person has, and all that is published or mailed."""
    actions.note_person(alice.pk, actor=mo, text=f"Kennwort {TOKEN}")
    impose_sanction(alice.pk, actor=mo, scope="chat", until=None, reason="spam", note=TOKEN)
    outlets = [
        *("/", f"/articles/{article.slug}/", "/chats/", f"/comments/{comment.pk}/", "/feeds/articles.atom"),
        *("/feeds/articles.json", "/search/?q=Kennwort", "/accounts/profile/", "/sitemap.xml"),
        *("/api/v1/me/", f"/api/v1/discussions/{discussion.pk}/mine/", "/api/v1/search/?q=Kennwort"),
        *(f"/api/v1/discussions/{discussion.pk}/comments/", f"/api/v1/comments/{comment.pk}/"),
        f"/api/v1/discussions/{discussion.pk}/participants/?q=al",
        *(f"/api/v1/streams/{name}/events/" for name in (f"user.{alice.pk}", f"discussion.{discussion.pk}")),
    ]
    for viewer in (None, alice, bob, eddy):
        client.logout()
        if viewer:
            client.force_login(viewer)
        for path in outlets:
            assert TOKEN not in client.get(path, follow=True).text, (viewer, path)

    assert TOKEN not in str(list(Event.objects.values()))
    assert TOKEN not in str(list(Notification.objects.values()))
    assert TOKEN not in str(list(AuditEntry.objects.values()))
    assert TOKEN not in str([message.body for message in mailoutbox])


@pytest.mark.usefixtures("serving")
def test_a_page_asks_eleven_times_however_much_there_is(look, found, mo, alice, discussion, section, person):
    for number in range(25):
        actions.post(discussion.pk, author=alice, text=f"Nummer {number}.")
        actions.note_person(alice.pk, actor=mo, text=f"Notiz {number}")
        impose_sanction(alice.pk, actor=mo, scope="react", until=None, reason="spam", section=section.pk)
        person(f"Alice{number}")
    for path, asked in ((PEOPLE, {"q": "Alice"}), (f"{PEOPLE}{alice.pk}/", {}), (f"/api/v1{PEOPLE}{alice.pk}/", {})):
        with CaptureQueriesContext(connection) as statements:
            page = look(path, **asked)
        asked_for = [each["sql"] for each in statements if "SELECT" in each["sql"]]
        assert 0 < len(asked_for) <= MOST_STATEMENTS, "\n".join(each[:150] for each in asked_for)
        assert "Alice" in page


def test_the_last_comments_of_somebody_are_read_along_an_index(mo, alice, discussion):
    from comments.reads.people import comments_of

    actions.post(discussion.pk, author=alice, text="Eins.")
    mo.is_on_duty  # noqa: B018  asked once for a request
    with CaptureQueriesContext(connection) as statements:
        comments_of(mo, alice.pk, limit=10)

    assert len(statements) == 1
    if connection.vendor == "sqlite":  # PostgreSQL looks through so small a table
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statements[0]['sql']}")
            plan = str(cursor.fetchall())
        assert "comment_by" in plan
        assert "TEMP B-TREE" not in plan
