"""What moderators do to comments, and what is left of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, connections, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import confirm, give_duties
from accounts.duties import NONE
from accounts.models import AuditEntry, User
from articles import actions as article_actions
from articles.models import Section
from comments import actions
from comments.models import Case, Comment, CommentTally, DiscussionTally
from newsroom.errors import Conflict, Refused
from newsroom.live.outbox import position
from newsroom.live.registry import may_read
from tests.comments.tools import effort_of, events, in_parallel, kinds, log_holds, page, url, walk
from tests.support.services import wait_for

QUEUE = "/api/v1/moderation/queue/"


def decide(client, comment_id, action, reason="", **more):
    return client.post(f"/api/v1/comments/{comment_id}/decisions/", {"action": action, "reason": reason, **more})


@pytest.fixture
def held(alice, mo, discussion) -> Comment:
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    comment = actions.post(discussion.pk, author=alice, text="Darf das hinein?").comment
    actions.open_discussion(discussion.pk, actor=mo)
    return comment


def test_an_approved_comment_takes_its_place_when_it_is_approved(api, bob, mo, discussion, held):
    meanwhile = actions.post(discussion.pk, author=bob, text="Ich war schneller").comment

    answer = decide(api(mo), held.pk, "approve")

    listed = page(api(), url(discussion))["results"]
    decided = answer.json()
    assert decided.pop("decision")["action"] == "approve"
    assert (answer.status_code, decided | {"replies": []}) == (201, listed[0])
    assert [each["id"] for each in listed] == [held.pk, meanwhile.pk]
    assert kinds(f"user.{held.author_id}") == ["comment.held", "comment.approved", "notification.created"]
    told = ["queue.entered", "case.opened", "queue.left", "decision.made", "case.closed"]
    assert kinds("moderation") == kinds("moderation.lokales") == told
    assert page(api(mo), QUEUE)["results"] == []


def test_a_moderator_has_no_duties_before_the_address_is_confirmed(api, client, alice, mo, held):
    """Alike by API, page and stream."""
    restriction = {"scope": "comment", "until": None, "reason": "spam"}

    def tries(moderator) -> list[int | bool]:
        client.force_login(moderator)
        deeds = api(moderator)
        return [
            deeds.get(QUEUE).status_code,
            client.get(f"/comments/{held.pk}/moderate/").status_code,
            deeds.post(f"/api/v1/users/{alice.pk}/sanctions/", restriction).status_code,
            decide(deeds, held.pk, "approve").status_code,
            may_read(moderator, "moderation"),
        ]

    new = User.objects.create_user("nina@example.org", "Nina", role="moderator")
    assert tries(new) == [403, 403, 403, 404, False]  # a held comment is nothing that others know of

    confirm(new.pk)
    assert tries(User.objects.get(pk=new.pk)) == [200, 200, 201, 201, True]


def test_who_was_away_learns_that_a_comment_left_the_queue_though_it_was_removed_since(mo, held):
    seen = {"epoch": position("moderation").epoch, "offset": position("moderation").offset}

    actions.approve(held.pk, actor=mo)
    actions.remove(held.pk, actor=mo, reason="spam")

    told = [(event["kind"], event["data"].get("id")) for event in events("moderation", seen)]
    assert ("queue.left", held.pk) in told
    assert not log_holds("Darf das hinein?")


def test_a_rejected_comment_is_never_seen_and_its_author_hears_why(api, alice, bob, mo, discussion, held):
    answer = decide(api(mo), held.pk, "reject", "insult", note="war knapp")

    assert (answer.status_code, answer.json()["state"]) == (201, "rejected")
    assert page(api(), url(discussion))["results"] == []
    assert api(bob).get(f"/api/v1/comments/{held.pk}/").status_code == 404
    heard = {event["kind"]: event["data"] for event in events(f"user.{alice.pk}")}
    assert heard["comment.rejected"]["reason"] == heard["notification.created"]["reason"] == "insult"
    assert not log_holds("Darf das hinein?")


def test_moderators_follow_all_or_one_section_and_nobody_else_may(api, alice, mo, chat, held):
    actions.open_discussion(chat.pk, actor=mo, premoderated=True)
    actions.post(chat.pk, author=alice, text="Unter keinem Artikel")
    told = ["queue.entered", "case.opened"]
    assert (kinds("moderation"), kinds("moderation.lokales")) == (told * 2, told)

    for stream in ("moderation", "moderation.lokales"):
        assert api(mo).get(f"/api/v1/streams/{stream}/events/").status_code == 200
        assert api(alice).get(f"/api/v1/streams/{stream}/events/").status_code == 404
    assert api(mo).get("/api/v1/streams/moderation.nowhere/events/").status_code == 404


def test_a_rejected_comment_can_be_published_after_all(api, mo, discussion, held):
    decide(api(mo), held.pk, "reject", "insult")

    assert decide(api(mo), held.pk, "restore").status_code == 201
    assert [each["id"] for each in page(api(), url(discussion))["results"]] == [held.pk]
    assert kinds(discussion.stream)[-1] == "comment.posted"


def test_a_removed_text_is_gone_everywhere_and_its_place_stays(api, alice, bob, mo, discussion, comment):
    reply = actions.post(discussion.pk, author=bob, text="Jawohl", parent_id=comment.pk).comment
    actions.upkeep.announce_activity()

    answer = decide(api(mo), comment.pk, "remove", "hate", note="siehe Regel 3")

    assert answer.status_code == 201
    (place,) = page(api(), url(discussion))["results"]
    assert (place["state"], place["text"], place["html"], place["order"]) == ("removed", "", "", comment.order)
    assert [each["id"] for each in place["replies"]] == [reply.pk]
    assert api(alice).get(f"/api/v1/comments/{comment.pk}/").json()["text"] == ""
    assert page(api(), url(discussion))["comment_count"] == 1
    assert not log_holds("Endlich eine Fähre")
    assert kinds(discussion.stream) == ["void", "comment.posted", "comment.removed"]
    assert events("moderation")[-1]["data"]["note"] == "siehe Regel 3"


def test_the_activity_of_chats_forgets_what_was_removed(api, alice, bob, mo, chat):
    first = actions.post(chat.pk, author=alice, text="Harmlos").comment
    second = actions.post(chat.pk, author=bob, text="Unverschämt").comment
    actions.upkeep.announce_activity()
    assert log_holds("Unverschämt")

    actions.remove(second.pk, actor=mo, reason="insult")

    assert not log_holds("Unverschämt")
    (listed,) = page(api(), "/api/v1/discussions/", mode="chat")["results"]
    assert (listed["last_comment"]["id"], listed["comment_count"]) == (first.pk, 1)


def test_a_restored_comment_stands_where_it_stood(api, bob, mo, discussion, comment):
    later = actions.post(discussion.pk, author=bob, text="Später").comment
    decide(api(mo), comment.pk, "remove", "off_topic")
    decide(api(mo), comment.pk, "restore")

    body = page(api(), url(discussion), sort="oldest")
    assert [each["id"] for each in body["results"]] == [comment.pk, later.pk]
    assert body["results"][0]["text"] == "Endlich eine Fähre!"
    assert body["comment_count"] == 2
    tally = DiscussionTally.objects.get()
    assert tally.last_comment_id == later.pk


@pytest.mark.parametrize(("action", "reason"), [("approve", ""), ("reject", "spam")])
def test_only_the_first_decision_about_a_waiting_comment_counts(api, mo, ada, held, action, reason):
    decide(api(mo), held.pk, "reject", "insult")

    refused = decide(api(ada), held.pk, action, reason)

    assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (
        409,
        "already_decided",
        "rejected",
    )


def test_of_moderators_who_decide_at_once_one_is_first(mo, held, many_connections):
    def approve(_: int) -> str:
        try:
            return actions.approve(held.pk, actor=mo).state
        except actions.deciding.AlreadyDecided as refused:
            return refused.code

    assert sorted(in_parallel(5, approve)) == ["already_decided"] * 4 + ["published"]


def test_nothing_is_decided_once_the_moderators_role_has_ended(ada, alice, mo, discussion, many_connections):
    said = [actions.post(discussion.pk, author=alice, text=f"Nr. {number}").comment.pk for number in range(6)]
    begun, ended = Event(), Event()

    def deed(number: int) -> str:
        if number == len(said):
            begun.wait(20)
            give_duties(mo.pk, actor=ada, duties=NONE)
            ended.set()
            return "ended"
        while True:
            is_over = ended.is_set()
            try:
                actions.remove(said[number], actor=mo, reason="spam")
                begun.set()
                actions.restore(said[number], actor=mo)
            except Refused as refused:
                return refused.code
            if is_over:
                return "decided"

    assert in_parallel(7, deed) == ["forbidden"] * 6 + ["ended"]
    (role_ended,) = AuditEntry.objects.filter(deed="duties.changed")
    decided = AuditEntry.objects.filter(deed__in=["comment.removed", "comment.restored"])
    assert decided.exists()
    assert not decided.filter(pk__gt=role_ended.pk).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite one writes at a time")
def test_the_end_of_a_role_waits_for_what_is_being_decided(ada, mo, comment, many_connections):
    def end() -> None:
        try:
            give_duties(mo.pk, actor=ada, duties=NONE)
        finally:
            connections.close_all()

    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            return cursor.fetchone() is not None

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            actions.remove(comment.pk, actor=mo, reason="spam")
            ending = pool.submit(end)
            wait_for(lambda: ending.done() or somebody_waits(), what="the end of the role")
            assert not ending.done()
        ending.result(20)

    mo.refresh_from_db()
    assert mo.role == "reader"


def test_only_moderators_decide(api, alice, jo, eddy, held, comment):
    for who in (alice, jo, eddy):
        assert decide(api(who), comment.pk, "remove", "spam").status_code == 403
        assert api(who).get(QUEUE).status_code == 403
        assert api(who).get(f"/api/v1/comments/{comment.pk}/history/").status_code == 403
    assert decide(api(), comment.pk, "remove", "spam").status_code == 401
    assert api().get(QUEUE).status_code == 401


def test_a_decision_that_tells_its_author_needs_a_reason(api, mo, comment):
    without = decide(api(mo), comment.pk, "remove")
    strange = decide(api(mo), comment.pk, "remove", "because")
    strange_action = decide(api(mo), comment.pk, "explode", "spam")

    assert [(each.status_code, list(each.json()["errors"])) for each in (without, strange, strange_action)] == [
        (422, ["reason"]),
        (422, ["reason"]),
        (422, ["action"]),
    ]
    assert decide(api(mo), comment.pk, "remove", "spam").status_code == 201


def test_the_queue_is_walked_from_the_oldest(api, alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    waiting = [actions.post(discussion.pk, author=alice, text=f"Nr. {n}").comment.pk for n in range(5)]

    first = page(api(mo), QUEUE, limit=3)
    second = page(api(mo), first["next"])

    assert [each["id"] for each in first["results"] + second["results"]] == waiting
    assert second["next"] is None


def test_moderators_read_what_was_said_before(api, alice, mo, comment):
    actions.edit(comment.pk, actor=alice, text="Endlich eine Brücke!")
    actions.remove(comment.pk, actor=mo, reason="misinformation")

    history = api(mo).get(f"/api/v1/comments/{comment.pk}/history/").json()

    assert [each["text"] for each in history["revisions"]] == ["Endlich eine Fähre!", "Endlich eine Brücke!"]
    assert [each["action"] for each in history["decisions"]] == ["remove"]


def test_what_was_decided_goes_with_nothing_else(ada, eddy, section, alice):
    """An article that comes from elsewhere is a draft though it has comments: an import, or by hand."""
    drafted = article_actions.draft_article(actor=eddy, section=section, headline="Entwurf mit Kommentaren")
    thread = actions.discussion_of(drafted)
    comment = actions.post(thread.pk, author=eddy, text="Für die Redaktion").comment
    actions.remove(comment.pk, actor=ada, reason="off_topic")

    with pytest.raises(Conflict):
        article_actions.discard_article(drafted.pk, actor=eddy)
    for thing in (comment, thread):
        with pytest.raises(ProtectedError):
            thing.delete()

    assert [each.action for each in comment.decisions.all()] == ["remove"]
    without = article_actions.draft_article(actor=eddy, section=section, headline="Entwurf ohne")
    actions.discussion_of(without)
    article_actions.discard_article(without.pk, actor=eddy)


def test_streams_on_which_the_text_stood_are_locked_before_the_comment(alice, mo, eddy, article, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Darf das hinein?").comment
    article_actions.correct_article(
        article.pk, actor=eddy, section=Section.objects.create(name="Kultur", slug="kultur")
    )
    assert kinds("moderation.lokales") == ["queue.entered", "case.opened", "case.changed"]

    with CaptureQueriesContext(connection) as asked:
        actions.reject(held.pk, actor=mo, reason="insult")

    assert kinds("moderation.lokales") == ["void"] * 3
    statements = [each["sql"] for each in asked]
    changed = next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "comments_comment"'))
    if connection.vendor == "postgresql":  # SQLite has a single writer, and locks nothing
        locked = next(n for n, sql in enumerate(statements) if "live_stream" in sql and "NO KEY UPDATE" in sql)
        assert "'moderation.lokales'" in statements[locked]
        assert locked < changed


MOST_STATEMENTS = 25  # of a decision's transaction; on PostgreSQL its events are numbered after it


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite the transaction numbers its events, too")
@pytest.mark.parametrize("action", ["approve", "reject", "remove", "keep", "edit", "pin", "feature", "lock"])
def test_a_decision_asks_few_questions_between_its_locks_and_its_end(alice, jo, mo, bob, discussion, comment, action):
    """Of what two readers have reported, if that ends with it."""
    actions.open_discussion(discussion.pk, actor=mo, premoderated=action in {"approve", "reject"})
    waiting = [actions.post(discussion.pk, author=bob, text=f"Frage {n}", parent_id=comment.pk).comment for n in (1, 2)]
    said: dict[str, str] = {"reason": "insult"} if action in actions.REASONED else {}
    said |= {"body": "Anders gesagt."} if action == "edit" else {}
    for each in waiting if action in {"remove", "keep", "edit"} else ():
        for reader in (alice, jo):
            actions.report(each.pk, actor=reader, reason="insult")
    actions.decide(waiting[0].pk, action, actor=mo, **said)  # makes streams and tallies

    with CaptureQueriesContext(connection) as asked:
        actions.decide(waiting[1].pk, action, actor=mo, **said)

    statements = [each["sql"] for each in asked]
    assert statements[0] == "BEGIN"
    within = statements[1 : statements.index("COMMIT")]
    assert len(within) <= MOST_STATEMENTS, "\n".join(within)
    assert not Case.objects.open().filter(comment=waiting[1]).exists()


def test_a_page_of_the_queue_looks_at_no_comments_that_others_have_counted(api, mo, alice, discussion):
    """Of those that wait, few have counts of replies and reactions; PostgreSQL could go through all counts to them."""
    queue, said = api(mo), {"discussion": discussion, "author": alice, "text": "x", "html": "x"}

    def add(count):
        first = Comment.objects.filter(order__isnull=False).count()
        shown = [Comment(order=first + n, state="published", published_at=timezone.now(), **said) for n in range(count)]
        made = Comment.objects.bulk_create(shown)
        CommentTally.objects.bulk_create(CommentTally(comment=each) for each in made)
        Comment.objects.waiting().delete()
        Comment.objects.bulk_create(Comment(state="held", **said) for _ in range(400))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    add(300)
    few = effort_of(lambda: page(queue, QUEUE))
    add(3000)

    assert effort_of(lambda: page(queue, QUEUE)) <= 1.1 * few
    waiting = [each["id"] for body in walk(queue, QUEUE) for each in body["results"]]
    assert waiting == list(Comment.objects.waiting().order_by("id").values_list("id", flat=True))
