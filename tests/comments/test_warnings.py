"""Warnings: issued alone or with a decision, told, acknowledged before the next comment, and taken back."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.duties import Duties
from accounts.models import AuditEntry, Notification, User
from comments import actions
from comments.models import Case, Comment, FormalWarning
from newsroom.errors import Refused
from newsroom.live import registry
from tests.comments.test_decided_by_mail import send_all
from tests.comments.tools import events, in_parallel, url

pytestmark = pytest.mark.django_db
WORDS = "Bitte bleiben Sie sachlich."
MINE = "/api/v1/me/warnings/"


@pytest.fixture
def warn(alice, mo):
    def warn(text=WORDS, **more) -> FormalWarning:
        return actions.warn_person(alice.pk, actor=mo, **{"reason": "insult", "text": text} | more)

    return warn


def post(client, discussion, text="Noch etwas."):
    return client.post(url(discussion), {"text": text})


def is_warned(person) -> bool:
    return User.objects.get(pk=person.pk).warned_at is not None


def test_a_moderator_warns_by_api_and_the_person_is_told_never_by_whom(api, alice, mo):
    answer = api(mo).post(f"/api/v1/moderation/people/{alice.pk}/warnings/", {"reason": "insult", "text": WORDS})

    assert answer.status_code == 201
    assert answer.json() == api(mo).get(f"/api/v1/moderation/people/{alice.pk}/").json()["warnings"][0]
    assert (answer.json()["issued_by"]["name"], answer.json()["acknowledged_at"]) == ("Mo", None)
    (waiting,) = api(alice).get(MINE).json()["results"]
    assert (waiting["reason"], waiting["text"]) == ("insult", WORDS)
    row = Notification.objects.get(user=alice)
    assert (row.kind, row.details, row.url) == (
        "warning.issued",
        {"reason": "insult", "text": WORDS},
        f"/warnings/{waiting['id']}/",
    )
    (told,) = [each for each in events(f"user.{alice.pk}") if each["kind"] == "notification.created"]
    assert "Mo" not in str(told["data"])
    assert "Mo" not in str(waiting)
    assert AuditEntry.objects.filter(actor=mo, deed="person.warned", subject=f"user.{alice.pk}").count() == 1


def test_until_it_is_acknowledged_nothing_is_posted_by_api_page_or_socket(api, client, alice, discussion, warn):
    warning = warn()
    client.force_login(alice)

    refused = post(api(alice), discussion)
    assert refused.status_code == 403
    assert refused.json()["code"] == "unacknowledged_warning"
    assert refused.json()["warning"] == api(alice).get(MINE).json()["results"][0]
    by_page = client.post(f"/discussions/{discussion.pk}/comments/", {"text": "Noch etwas."})
    assert by_page.status_code == 403
    assert "Lesen und bestätigen Sie die Verwarnung" in by_page.text
    assert WORDS in by_page.text
    said = {"type": "comment", "discussion": discussion.pk, "key": str(uuid4()), "text": "Noch etwas."}
    reader = User.objects.get(pk=alice.pk)
    with pytest.raises(Refused) as by_socket:
        registry.handler("comment")(reader, said, "127.0.0.1")
    assert by_socket.value.code == "unacknowledged_warning"
    assert by_socket.value.extra["warning"]["id"] == warning.pk
    assert not Comment.objects.exists()

    first, again = (api(alice).post(f"{MINE}{warning.pk}/acknowledge/") for _time in range(2))
    assert (first.status_code, first.json()) == (200, again.json())
    assert first.json()["acknowledged_at"]
    assert api(alice).get(MINE).json()["results"] == []
    assert post(api(alice), discussion).status_code == 201


def test_every_warning_has_to_be_acknowledged(api, alice, discussion, warn):
    older, newer = warn("Eins"), warn("Zwei")

    for warning in (older, newer):
        assert post(api(alice), discussion).json()["warning"]["id"] == warning.pk
        api(alice).post(f"{MINE}{warning.pk}/acknowledge/")

    assert post(api(alice), discussion).status_code == 201


def test_other_things_go_on_meanwhile(api, alice, bob, discussion, comment, warn):
    theirs = actions.post(discussion.pk, author=bob, text="Von Bob.").comment
    warn()

    assert api(alice).put(f"/api/v1/comments/{theirs.pk}/reactions/like/").status_code == 200
    assert api(alice).post(f"/api/v1/comments/{theirs.pk}/reports/", {"reason": "spam"}).status_code == 201
    assert api(alice).delete(f"/api/v1/comments/{comment.pk}/").status_code in {200, 204}
    assert post(api(bob), discussion, "Noch einmal Bob.").status_code == 201


def test_it_stands_on_every_page_of_the_person_until_they_confirm_it(client, alice, bob, article, warn):
    places = ["/", f"/articles/{article.slug}/", "/accounts/profile/", "/search/", "/chats/"]
    before = {path: client.get(path).text for path in places if "profile" not in path}
    warning = warn()
    client.force_login(alice)

    for path in places:
        page = unescape(client.get(path).text)
        assert page.count(WORDS) == 1, path
        assert "Grund: Beleidigung" in page
    answer = client.post(f"/warnings/{warning.pk}/", {"next": "/chats/"})
    assert (answer.status_code, answer["Location"]) == (302, "/chats/")
    for path in places:
        assert WORDS not in client.get(path).text
    assert "Sie haben bestätigt" in client.get(f"/warnings/{warning.pk}/").text
    client.force_login(bob)
    assert all(WORDS not in client.get(path).text for path in places)
    client.logout()
    assert {path: client.get(path).text for path in before} == before


def test_nobody_is_sent_elsewhere_by_the_form(client, alice, warn):
    warning = warn()
    client.force_login(alice)
    assert client.post(f"/warnings/{warning.pk}/", {"next": "https://evil.example/"})["Location"] == (
        f"/warnings/{warning.pk}/"
    )


def test_a_warning_is_its_persons_alone(api, client, bob, mo, alice, warn):
    warning = warn()
    for other in (bob, mo):
        client.force_login(other)
        assert client.get(f"/warnings/{warning.pk}/").status_code == 404
        assert client.post(f"/warnings/{warning.pk}/").status_code == 404
        assert api(other).post(f"{MINE}{warning.pk}/acknowledge/").status_code == 404
    assert api(alice).post(f"{MINE}99999999999999999999/acknowledge/").status_code == 404
    assert is_warned(alice)


def test_a_page_of_somebody_without_a_warning_asks_nothing_more(client, alice, warn):
    client.force_login(alice)
    client.get("/imprint/")
    with CaptureQueriesContext(connection) as before:
        client.get("/imprint/")
    warn()
    with CaptureQueriesContext(connection) as after:
        client.get("/imprint/")

    assert not any("formalwarning" in each["sql"] for each in before)
    assert len(after) == len(before) + 1


@pytest.mark.parametrize(
    "said",
    [{}, {"reason": "nonsense"}, {"reason": "spam", "text": "x" * 1001}, {"reason": "spam", "section": "nowhere"}],
)
def test_a_bad_warning_is_refused_and_nobody_is_warned(api, mo, alice, said):
    assert api(mo).post(f"/api/v1/moderation/people/{alice.pk}/warnings/", said).status_code == 422
    assert not is_warned(alice)


def test_only_people_of_a_lower_rank_are_warned_and_only_for_ones_section(api, person, mo, eddy, alice, section):
    sina = person("Sina")
    sina.give(Duties.of([("moderate", section.pk)]))
    sina.save()
    for other in (mo, eddy, person("Mona", "moderator")):
        answer = api(mo).post(f"/api/v1/moderation/people/{other.pk}/warnings/", {"reason": "spam"})
        assert answer.status_code == 403, other
    path = f"/api/v1/moderation/people/{alice.pk}/warnings/"
    assert api(sina).post(path, {"reason": "spam"}).status_code == 403
    assert api(sina).post(path, {"reason": "spam", "section": "lokales"}).status_code == 201
    assert api(mo).post("/api/v1/moderation/people/999999/warnings/", {"reason": "spam"}).status_code == 404


def test_the_page_of_a_person_warns_and_shows_what_became_of_it(client, alice, mo):
    client.force_login(mo)
    path = f"/moderation/people/{alice.pk}/"

    refused = client.post(path, {"deed": "warn", "reason": "", "text": WORDS})
    assert refused.status_code == 422
    assert "warn-reason-error" in refused.text
    assert WORDS in refused.text
    page = client.post(path, {"deed": "warn", "reason": "insult", "text": WORDS}, follow=True).text
    assert "noch nicht bestätigt" in page
    actions.acknowledge_warning(FormalWarning.objects.get().pk, actor=alice)
    assert "noch nicht bestätigt" not in client.get(path).text


def test_a_decision_warns_in_the_same_transaction_or_not_at_all(api, alice, mo, eddy, discussion, comment):
    decisions = f"/api/v1/comments/{comment.pk}/decisions/"
    asked = {"action": "remove", "reason": "insult", "also": {"warning": {"reason": "insult", "text": WORDS}}}
    sanction = {"scope": "chat", "until": None, "reason": "spam"}
    for also in ({}, {"warning": {}}, {"warning": {"reason": "spam"}, "sanction": sanction}, {"other": 1}):
        assert api(mo).post(decisions, asked | {"also": also}).status_code == 422
    stale = api(mo).post(decisions, asked | {"seen": 7})
    assert (stale.status_code, is_warned(alice), FormalWarning.objects.count()) == (412, False, 0)

    answer = api(mo).post(decisions, asked | {"seen": comment.public_version})

    assert answer.status_code == 201
    warning = FormalWarning.objects.get()
    assert (warning.person, warning.decision_id) == (alice, answer.json()["decision"]["id"])
    assert warning.section == discussion.article.section
    kinds = Notification.objects.filter(user=alice).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["comment.removed", "warning.issued"]
    assert post(api(alice), discussion).json()["code"] == "unacknowledged_warning"


def test_a_form_of_the_queue_warns_too(client, alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Darf das hinein?").comment
    client.force_login(mo)
    path = f"/moderation/cases/{Case.objects.get(comment=held).pk}/"
    said = {"deed": "reject", "reason": "insult", "text": WORDS, "seen": held.public_version, "warn": "1"}

    refused = client.post(path, said | {"reason": ""})
    assert refused.status_code == 422
    assert 'name="warn" value="1" checked' in refused.text
    client.post(path, said)

    assert Comment.objects.get(pk=held.pk).state == "rejected"
    assert (FormalWarning.objects.get().text, is_warned(alice)) == (WORDS, True)


@pytest.mark.parametrize("has_read", [False, True])
def test_undoing_the_decision_takes_the_warning_back(api, alice, mo, discussion, comment, has_read):
    warning = {"reason": "insult"}
    decided = actions.decide_and_warn(comment.pk, "remove", actor=mo, reason="insult", warning=warning).ruling
    if has_read:
        Notification.objects.update(read_at=timezone.now())

    assert api(mo).post(f"/api/v1/decisions/{decided.pk}/undo/").status_code == 200

    assert not is_warned(alice)
    assert FormalWarning.objects.get().withdrawn_at is not None
    assert post(api(alice), discussion).status_code == 201
    kinds = set(Notification.objects.filter(user=alice).values_list("kind", flat=True))
    assert ("warning.withdrawn" in kinds) is has_read
    assert ("warning.issued" in kinds) is has_read


@pytest.mark.parametrize("is_acknowledged", [False, True])
def test_overturning_it_later_takes_it_back_and_the_person_hears_of_it(
    api, alice, mo, person, comment, is_acknowledged
):
    actions.decide_and_warn(comment.pk, "remove", actor=mo, reason="insult", warning={"reason": "insult"})
    warning = FormalWarning.objects.get()
    if is_acknowledged:
        actions.acknowledge_warning(warning.pk, actor=alice)

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        actions.restore(comment.pk, actor=person("Mona", "moderator"))

    assert not is_warned(alice)
    (shown,) = api(mo).get(f"/api/v1/moderation/people/{alice.pk}/warnings/").json()["results"]
    assert shown["withdrawn_at"]
    assert Notification.objects.filter(user=alice, kind="warning.withdrawn").count() == 1
    assert api(alice).get(MINE).json()["results"] == []


def test_a_warning_of_its_own_stays_when_a_decision_is_undone(api, alice, mo, comment, warn):
    warn()
    decided = actions.remove(comment.pk, actor=mo, reason="insult").ruling

    actions.undo_decision(decided.pk, actor=mo)

    assert is_warned(alice)


@pytest.mark.usefixtures("queue")
def test_it_is_told_by_mail_unless_the_decision_was_undone(alice, mo, comment, warn):
    warn()
    assert send_all() == ["Die Moderation hat Sie verwarnt"]
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert "Grund: Beleidigung" in message.body
    assert WORDS in message.body
    assert "/warnings/" in message.body
    assert "Mo\n" not in message.body

    decided = actions.decide_and_warn(comment.pk, "remove", actor=mo, reason="spam", warning={"reason": "spam"}).ruling
    actions.undo_decision(decided.pk, actor=mo)
    assert send_all() == []


def test_a_comment_that_is_posted_while_somebody_is_warned_comes_before_or_not_at_all(alice, mo, discussion):
    """Of both one is first; the second sees it."""

    def write() -> str:
        try:
            actions.post(discussion.pk, author=alice, text="Gleichzeitig.")
        except Refused as refused:
            return refused.code
        return "posted"

    def warn() -> str:
        actions.warn_person(alice.pk, actor=mo, reason="spam")
        return "warned"

    said = (
        in_parallel(2, lambda turn: (write, warn)[turn]()) if connection.vendor == "postgresql" else [write(), warn()]
    )

    assert set(said) in ({"posted", "warned"}, {"unacknowledged_warning", "warned"})
    assert is_warned(alice)
    with pytest.raises(Refused):
        actions.post(discussion.pk, author=alice, text="Danach.")


def test_a_warning_by_hand_is_taken_back_by_hand(api, client, alice, mo, eddy, discussion, warn, person, section):
    unread, read = warn(), warn()
    actions.acknowledge_warning(read.pk, actor=alice)
    mona = person("Mona", "moderator")
    mona.give(Duties.of([("moderate", section.pk)]))
    mona.save(update_fields=["duties", "role"])
    address = f"/api/v1/moderation/warnings/{unread.pk}/"
    for other, status in ((None, 401), (alice, 403), (eddy, 403), (mona, 403)):
        assert api(other).delete(address).status_code == status, other
    assert is_warned(alice)

    assert api(mo).delete(address).status_code == 204
    assert not is_warned(alice)
    assert post(api(alice), discussion).status_code == 201
    assert Notification.objects.filter(user=alice).count() == 1  # of the other one: this one was never read

    client.force_login(mo)
    page = f"/moderation/people/{alice.pk}/"
    assert client.get(page).text.count('value="unwarn"') == 1
    assert client.post(page, {"deed": "unwarn", "warning": read.pk}).status_code == 302
    assert 'value="unwarn"' not in client.get(page).text
    assert Notification.objects.filter(user=alice, kind="warning.withdrawn").count() == 1
    assert AuditEntry.objects.filter(actor=mo, deed="person.unwarned").count() == 2
    assert client.get(f"/warnings/{read.pk}/").status_code == 404

    again = api(mo).delete(address)
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")
    assert api(mo).delete("/api/v1/moderation/warnings/999999/").status_code == 404
    refused = client.post(page, {"deed": "unwarn", "warning": read.pk})
    assert (refused.status_code, "Diese Verwarnung ist schon zurückgenommen." in refused.text) == (409, True)


def test_a_warning_that_came_with_a_decision_goes_with_that(api, comment, mo):
    actions.decide_and_warn(comment.pk, "remove", actor=mo, reason="spam", warning={"reason": "spam"})

    refused = api(mo).delete(f"/api/v1/moderation/warnings/{FormalWarning.objects.get().pk}/")

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert FormalWarning.objects.get().withdrawn_at is None
