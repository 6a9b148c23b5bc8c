"""Every deed of the product, each as somebody does it: `make(cast)` prepares it and gives what the actor then does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from itertools import count
from typing import Any

import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts import actions as people
from accounts.duties import OF_ROLE, Duties, Duty
from accounts.login.sessions import SessionStore
from accounts.models import Notification, User
from articles import actions as desk
from articles.models import Article, Section, Ticker
from comments import actions as talk
from comments.actions import bulk, upkeep
from comments.importers import sealing
from comments.models import (
    BulkJob,
    Comment,
    CommentImport,
    Decision,
    Discussion,
    SavedFilter,
    SealedAddress,
    SecondLook,
)
from comments.models import Case as Waiting
from newsroom.live.log import numbering

NUMBERS = count(1)
NO_DEEDS = {"accounts.AlreadyLifted", "accounts.TakenMeanwhile", "accounts.digest_of"}
NO_DEEDS |= {"comments.REASONED", "comments.Posted"}

type Deed = Callable[[User], object]


@dataclass
class Cast:
    alice: User  # reader
    bob: User  # reader
    jo: User  # journalist
    mo: User  # moderator
    eddy: User  # editor
    ada: User  # administrator
    article: Any
    ticker: Ticker
    item: Any
    discussion: Discussion  # a thread
    chat: Discussion
    comment: Comment  # alice's, published

    def held(self, text: str = "Darf das hinein?", **more: Any) -> int:
        """A comment of alice's that waits; everything waits here from then on."""
        talk.open_discussion(self.discussion.pk, actor=self.mo, premoderated=True)
        return talk.post(self.discussion.pk, author=self.alice, text=text, **more).comment.pk

    def draft(self) -> int:
        """An article of jo's."""
        return desk.draft_article(actor=self.jo, section=self.article.section, headline=f"Entwurf {next(NUMBERS)}").pk

    def waiting_item(self) -> int:
        return desk.draft_item(self.ticker, actor=self.eddy, headline="Entwurf").pk

    def photo(self) -> int:
        return desk.add_photo(picture(), actor=self.eddy, caption="Rot").pk


@dataclass(frozen=True)
class Case:
    deed: str  # "comments.approve"
    who: str  # who does it, by their name in the cast
    make: Callable[[Cast], Deed]
    may_while_barred: bool = False  # it is one's own business, however one stands
    leaves_no_record: bool = False  # though somebody does it who works here
    is_on_record: bool = False  # though a reader does it

    def __str__(self) -> str:
        return self.deed


def all_deeds() -> set[str]:
    """Whatever the apps' actions offer, as "<app>.<name>"."""
    apps = {"accounts": people, "articles": desk, "comments": talk}
    return {f"{app}.{name}" for app, actions in apps.items() for name in actions.__all__} - NO_DEEDS


def picture() -> BytesIO:
    buffer = BytesIO()
    Image.new("RGB", (800, 400), "red").save(buffer, "JPEG")
    buffer.seek(0)
    return buffer


def soon() -> Any:
    return timezone.now() + timedelta(hours=1)


def _follow(cast: Cast, kind: str, target: object) -> None:
    people.subscribe(cast.bob, kind, str(target))


def _report(cast: Cast) -> Deed:
    return lambda actor: talk.report(cast.comment.pk, actor=actor, reason="spam")


def _reported(cast: Cast) -> int:
    talk.report(cast.comment.pk, actor=cast.jo, reason="insult")
    return Waiting.objects.open().get(comment=cast.comment).pk


def _report_too(cast: Cast) -> Deed:
    _reported(cast)
    return _report(cast)


def _keep(cast: Cast) -> Deed:
    _reported(cast)
    return lambda actor: talk.keep(cast.comment.pk, actor=actor)


def _judge_again(cast: Cast) -> Deed:
    decided = talk.remove(cast.comment.pk, actor=cast.ada, reason="insult").ruling
    assert decided is not None
    look = SecondLook.objects.create(decision=decided, section=decided.section, opens_at=decided.created_at)
    return lambda actor: talk.judge_again(look.pk, "stand", actor=actor)


def _remove_reported(cast: Cast) -> Deed:
    _reported(cast)
    return lambda actor: talk.remove(cast.comment.pk, actor=actor, reason="insult")


def _withdraw_reported(cast: Cast) -> Deed:
    _reported(cast)
    return lambda actor: talk.withdraw(cast.comment.pk, actor=actor)


def _take_down_reported(cast: Cast) -> Deed:
    _reported(cast)
    return lambda _actor: _take_down(cast.comment.pk)


def _claim(cast: Cast) -> Deed:
    number = _reported(cast)
    return lambda actor: talk.claim(number, actor=actor)


def _release(cast: Cast) -> Deed:
    number = _reported(cast)
    talk.claim(number, actor=cast.mo)
    return lambda actor: talk.release(number, actor=actor)


def _mentioned(cast: Cast) -> Deed:
    talk.post(cast.discussion.pk, author=cast.bob, text="Ich bin da")
    number = cast.held(
        "@Bob, sieh doch", parent_id=talk.post(cast.discussion.pk, author=cast.mo, text="Was meinen Sie?").comment.pk
    )
    return lambda actor: talk.approve(number, actor=actor)


def _posted_to_followers(cast: Cast) -> Deed:
    talk.post(cast.discussion.pk, author=cast.mo, text="Ich bin da")
    people.subscribe(cast.alice, "discussion", str(cast.discussion.pk))

    def post(actor: User) -> None:
        talk.post(cast.discussion.pk, author=actor, text="@Mo, ja", parent_id=cast.comment.pk)
        numbering.sweep()  # the look of each second does both
        upkeep.announce_activity()

    return post


def _premoderated_post(cast: Cast) -> Deed:
    cast.held()
    return lambda actor: talk.post(cast.discussion.pk, author=actor, text="Noch einer")


def _edit_held(cast: Cast) -> Deed:
    number = cast.held()
    return lambda actor: talk.edit(number, actor=actor, text="Und nun?")


def _withdraw_held(cast: Cast) -> Deed:
    number = cast.held()
    return lambda actor: talk.withdraw(number, actor=actor)


def _take_down(number: int) -> None:
    assert talk.take_down(number, rule="imported", note="Eine Notiz")


def _take_down_held(cast: Cast) -> Deed:
    number = cast.held()
    return lambda _actor: _take_down(number)


def _undo(cast: Cast) -> Deed:
    talk.withdraw(cast.comment.pk, actor=cast.alice)
    return lambda actor: talk.undo(cast.comment.pk, actor=actor)


def _undo_held(cast: Cast) -> Deed:
    number = cast.held()
    talk.withdraw(number, actor=cast.alice)
    return lambda actor: talk.undo(number, actor=actor)


def _removed(cast: Cast) -> Deed:
    talk.remove(cast.comment.pk, actor=cast.mo, reason="spam")
    return lambda actor: talk.restore(cast.comment.pk, actor=actor)


def _rejected(cast: Cast) -> Deed:
    number = cast.held()
    talk.reject(number, actor=cast.mo, reason="spam")
    return lambda actor: talk.restore(number, actor=actor)


def _warned_by_hand(cast: Cast) -> Deed:
    warning = talk.warn_person(cast.alice.pk, actor=cast.mo, reason="spam", section=cast.article.section_id)
    talk.acknowledge_warning(warning.pk, actor=cast.alice)
    return lambda actor: talk.withdraw_warning(warning.pk, actor=actor)


def _marked(action: str, deed: Callable[..., object]) -> Callable[[Cast], Deed]:
    def make(cast: Cast) -> Deed:
        talk.decide(cast.comment.pk, action, actor=cast.mo)
        return lambda actor: deed(cast.comment.pk, actor=actor)

    return make


def _marks(cast: Cast) -> Deed:
    """Each given or taken, and that undone."""
    made = []
    for actions in (("pin",), ("pin", "unpin"), ("feature",), ("feature", "unfeature"), ("lock",), ("lock", "unlock")):
        said = talk.post(cast.discussion.pk, author=cast.bob, text=f"Noch {actions}").comment
        for each in actions:
            decided = talk.decide(said.pk, each, actor=cast.mo)
        assert decided.ruling
        made.append(decided.ruling.pk)

    def undo(actor: User) -> None:
        Decision.objects.filter(pk__in=made).update(moderator=actor)
        for each in made:
            talk.undo_decision(each, actor=actor)

    return undo


def _decided(action: str, *, reported: bool = False, held: bool = False, earlier: str = "") -> Callable[[Cast], Deed]:
    """A decision that is undone; alice has read of it."""

    def make(cast: Cast) -> Deed:
        number = cast.held() if held else cast.comment.pk
        if reported:
            _reported(cast)
        for each in filter(None, (earlier, action)):
            more = {"body": "Gekürzt."} if each == "edit" else {}
            reason = "spam" if each in talk.REASONED else ""
            decided = talk.decide(number, each, actor=cast.mo, reason=reason, **more)
        assert decided.ruling
        made = decided.ruling.pk
        Notification.objects.filter(user=cast.alice).update(read_at=timezone.now())

        def undo(actor: User) -> None:
            Decision.objects.filter(pk=made).update(moderator=actor)
            talk.undo_decision(made, actor=actor)

        return undo

    return make


def _warned(action: str, reversal: str = "", *, held: bool = False) -> Callable[[Cast], Deed]:
    """A decision with a warning that alice has read; it is undone, or reversed."""

    def make(cast: Cast) -> Deed:
        number = cast.held() if held else cast.comment.pk
        decided = talk.decide_and_warn(number, action, actor=cast.mo, reason="spam", warning={"reason": "spam"})
        assert decided.ruling
        made = decided.ruling.pk
        Notification.objects.filter(user=cast.alice).update(read_at=timezone.now())

        def undo(actor: User) -> None:
            Decision.objects.filter(pk=made).update(moderator=actor)
            talk.undo_decision(made, actor=actor)

        return (lambda actor: talk.decide(number, reversal, actor=actor)) if reversal else undo

    return make


def _warned_once(cast: Cast) -> Deed:
    warning = talk.warn_person(cast.alice.pk, actor=cast.mo, reason="spam")
    return lambda actor: talk.acknowledge_warning(warning.pk, actor=actor)


def _handed(cast: Cast) -> Deed:
    number = _reported(cast)
    return lambda actor: talk.hand_over(number, actor=actor, to=cast.ada.name, note="Bitte Sie.")


def _text(cast: Cast) -> int:
    return talk.add_text(actor=cast.mo, reason="spam", language="de", text="Bitte keine Werbung.").pk


def _change_text(cast: Cast) -> Deed:
    number = _text(cast)
    return lambda actor: talk.change_text(number, actor=actor, text="Keine Werbung, bitte.")


def _drop_text(cast: Cast) -> Deed:
    number = _text(cast)
    return lambda actor: talk.drop_text(number, actor=actor)


def _added_import(cast: Cast, *, is_read: bool = False) -> int:
    """A file that an administrator has handed in."""
    job = talk.add_import(ContentFile(b"{}", name="x.json"), actor=cast.ada, system="newsroom")
    if is_read:
        CommentImport.objects.update(state=CommentImport.State.READ)
    return job.pk


def _begin_import(cast: Cast) -> Deed:
    number = _added_import(cast, is_read=True)
    return lambda actor: talk.begin_import(number, actor=actor)


def _drop_import(cast: Cast) -> Deed:
    number = _added_import(cast)
    return lambda actor: talk.drop_import(number, actor=actor)


def _drop_filter(cast: Cast) -> Deed:
    number = talk.save_filter(actor=cast.mo, name="Gehalten", query="kind=held").pk

    def drop(actor: User) -> None:
        SavedFilter.objects.filter(pk=number).update(person=actor)
        talk.drop_filter(number, actor=actor)

    return drop


def _reopened(cast: Cast) -> Deed:
    number = cast.held()
    talk.reject(number, actor=cast.mo, reason="spam")
    return lambda actor: talk.reopen(number, actor=actor)


def _rewritten(*, held: bool) -> Callable[[Cast], Deed]:
    def make(cast: Cast) -> Deed:
        number = cast.held() if held else cast.comment.pk
        if not held:
            _reported(cast)
        return lambda actor: talk.rewrite(number, actor=actor, body="Gekürzt.", reason="privacy")

    return make


def _started(cast: Cast, actor: User) -> BulkJob:
    chosen = [(cast.comment.pk, cast.comment.public_version)]
    return talk.start_bulk(chosen, "remove", actor=actor, reason="spam")


def _finished(job: BulkJob) -> BulkJob:
    while bulk.go_on_with_bulk(job.pk):
        pass
    job.refresh_from_db()
    return job


def _many(cast: Cast) -> Deed:
    return lambda actor: _finished(_started(cast, actor)).done


def _cancel_many(cast: Cast) -> Deed:
    job = _started(cast, cast.mo)

    def cancel(actor: User) -> None:
        BulkJob.objects.filter(pk=job.pk).update(moderator=actor)
        talk.cancel_bulk(job.pk, actor=actor)

    return cancel


def _undo_many(cast: Cast) -> Deed:
    job = _finished(_started(cast, cast.mo))
    Notification.objects.filter(user=cast.alice).delete()

    def undo(actor: User) -> int:
        """Also after somebody else has tried in vain."""
        BulkJob.objects.filter(pk=job.pk).update(moderator=actor, state="done", finished_at=timezone.now())
        job.items.update(outcome="done")
        Decision.objects.filter(bulk_item__job=job).update(moderator=actor)
        return _finished(talk.undo_bulk(job.pk, actor=actor)).undone

    return undo


def _merged(cast: Cast) -> Deed:
    other = talk.start_chat("Noch ein Treff", actor=cast.mo)
    talk.merge(other.pk, cast.chat.pk, actor=cast.mo)
    return lambda actor: talk.undo_merge(other.pk, actor=actor)


def _merge(cast: Cast) -> Deed:
    other = talk.start_chat("Noch ein Treff", actor=cast.mo)
    return lambda actor: talk.merge(other.pk, cast.chat.pk, actor=actor)


def _close(cast: Cast) -> Deed:
    return lambda actor: talk.close_discussion(cast.discussion.pk, actor=actor, reason="Feierabend")


def _open(cast: Cast) -> Deed:
    talk.close_discussion(cast.discussion.pk, actor=cast.mo)
    return lambda actor: talk.open_discussion(cast.discussion.pk, actor=actor)


def _change(cast: Cast) -> Deed:
    def change(actor: User) -> None:
        talk.change_discussion(cast.discussion.pk, actor=actor, switch="closed", slow_mode_seconds=30)
        talk.change_discussion(cast.discussion.pk, actor=actor, switch="open")

    return change


def _rule(cast: Cast, **more: Any) -> Any:
    words = {"name": "Schimpf", "kind": "words", "action": "hold", "words": ["Idiot"]}
    return talk.make_rule(**{"actor": cast.mo} | words | more)


def _change_rule(cast: Cast) -> Deed:
    number = _rule(cast).pk
    return lambda actor: talk.change_rule(number, actor=actor, mode="live")


def _start_run(cast: Cast) -> Deed:
    number = _rule(cast).pk
    return lambda actor: talk.start_run(number, actor=actor)


def _cancel_run(cast: Cast) -> Deed:
    number = talk.start_run(_rule(cast).pk, actor=cast.mo).pk
    return lambda actor: talk.cancel_run(number, actor=actor)


def _drop_rule(cast: Cast) -> Deed:
    number = _rule(cast).pk
    return lambda actor: talk.drop_rule(number, actor=actor)


def _hours(cast: Cast) -> Deed:
    def set_hours(actor: User) -> None:
        talk.set_hours(actor=actor, name="Nachts", section=cast.article.section, rules="daily 00:00-24:00 closed")
        talk.discussions.turn_due_discussions()
        talk.set_hours(cast.article.section.discussion_hours.pk, actor=actor, rules="daily 00:00-24:00 premoderated")
        talk.discussions.turn_due_discussions()

    return set_hours


def _drop_hours(cast: Cast) -> Deed:
    section = cast.article.section
    plan = talk.set_hours(actor=cast.mo, name="Nachts", section=section, rules="daily 00:00-24:00 closed")
    talk.discussions.turn_due_discussions()

    def drop(actor: User) -> None:
        talk.drop_hours(plan.pk, actor=actor)
        talk.discussions.turn_due_discussions()

    return drop


def _reacted(cast: Cast) -> Deed:
    talk.react(cast.comment.pk, "like", actor=cast.bob)
    return lambda actor: talk.take_back(cast.comment.pk, "like", actor=actor)


PUSHED = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "key": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "secret": "BTBZMqHH6r4Tts7J_aSIgg",
}


def _push(_cast: Cast) -> Deed:
    session = SessionStore()
    session.create()
    return lambda actor: people.keep_push(actor, session=session.session_key or "", **PUSHED)


def _notified(cast: Cast) -> Deed:
    talk.post(cast.discussion.pk, author=cast.bob, text="So ist es", parent_id=cast.comment.pk)
    newest = Notification.objects.filter(user=cast.alice).latest("pk").pk
    return lambda actor: people.read_notifications(actor, newest)


def _barred(cast: Cast) -> Deed:
    sanction = people.impose_sanction(cast.bob.pk, actor=cast.mo, scope="chat", until=None, reason="spam")
    return lambda actor: people.lift_sanction(sanction.pk, actor=actor)


def _runs_out(cast: Cast) -> Deed:
    people.impose_sanction(cast.bob.pk, actor=cast.mo, scope="chat", until=soon(), reason="spam")

    def end(_actor: User) -> None:
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            people.end_sanctions()

    return end


def _drafted(deed: Callable[..., object], **more: Any) -> Callable[[Cast], Deed]:
    def make(cast: Cast) -> Deed:
        number = cast.draft()
        return lambda actor: deed(number, actor=actor, **more)

    return make


def _publish_article(cast: Cast) -> Deed:
    """One that was out before, with an item that links to it."""
    desk.publish_item(cast.ticker, actor=cast.eddy, headline="Mehr dazu", article=cast.article)
    desk.retract_article(cast.article.pk, actor=cast.eddy)
    _follow(cast, "section", cast.article.section.slug)
    return lambda actor: desk.publish_article(cast.article.pk, actor=actor)


def _due_article(cast: Cast) -> Deed:
    """With an item that links to it."""
    number = cast.draft()
    desk.publish_item(cast.ticker, actor=cast.eddy, headline="Bald mehr", article=Article.objects.get(pk=number))
    desk.schedule_article(number, actor=cast.eddy, publish_at=soon())
    _follow(cast, "section", cast.article.section.slug)

    def publish(_actor: User) -> None:
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert desk.publish_due_article(number)

    return publish


def _retract_article(cast: Cast) -> Deed:
    desk.publish_item(cast.ticker, actor=cast.eddy, headline="Mehr dazu", article=cast.article)
    return lambda actor: desk.retract_article(cast.article.pk, actor=actor)


def _correct_article(cast: Cast) -> Deed:
    _follow(cast, "article", cast.article.slug)
    return lambda actor: desk.correct_article(cast.article.pk, actor=actor, lead="Anders.", note="War falsch.")


def _schedule_article(cast: Cast) -> Deed:
    number = cast.draft()
    return lambda actor: desk.schedule_article(number, actor=actor, publish_at=soon())


def _schedule_item(cast: Cast) -> Deed:
    number = cast.waiting_item()
    return lambda actor: desk.schedule_item(number, actor=actor, publish_at=soon())


def _reject(cast: Cast) -> Deed:
    number = cast.held()
    return lambda actor: talk.reject(number, actor=actor, reason="insult")


def _unschedule_item(cast: Cast) -> Deed:
    number = cast.waiting_item()
    desk.schedule_item(number, actor=cast.eddy, publish_at=soon())
    return lambda actor: desk.unschedule_item(number, actor=actor)


def _unschedule(cast: Cast) -> Deed:
    number = cast.draft()
    desk.schedule_article(number, actor=cast.eddy, publish_at=soon())
    return lambda actor: desk.unschedule_article(number, actor=actor)


def _publish_item(cast: Cast) -> Deed:
    _follow(cast, "ticker", cast.ticker.slug)
    return lambda actor: desk.publish_item(cast.ticker, actor=actor, headline="Neu")


def _publish_drafted_item(cast: Cast) -> Deed:
    _follow(cast, "ticker", cast.ticker.slug)
    number = cast.waiting_item()
    return lambda actor: desk.publish_drafted_item(number, actor=actor)


def _due_item(cast: Cast) -> Deed:
    _follow(cast, "ticker", cast.ticker.slug)
    number = cast.waiting_item()
    desk.schedule_item(number, actor=cast.eddy, publish_at=soon())

    def publish(_actor: User) -> None:
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert desk.publish_due_item(number)

    return publish


def _change_item(cast: Cast) -> Deed:
    def change(actor: User) -> None:
        desk.change_item(cast.item.pk, actor=actor, headline="Anders", correction="War falsch.", pinned=True)
        desk.change_item(cast.item.pk, actor=actor, pinned=False)

    return change


def _pinned(cast: Cast) -> Deed:
    desk.pin_item(cast.item.pk, actor=cast.eddy)
    return lambda actor: desk.unpin_item(cast.item.pk, actor=actor)


def _delete_place(cast: Cast) -> Deed:
    """One for which somebody is on duty."""
    place = Section.objects.create(name=f"Leer {next(NUMBERS)}", slug=f"leer-{next(NUMBERS)}")
    people.give_duties(cast.bob.pk, actor=cast.ada, duties=Duties.of([(Duty.MODERATE, place.pk)]))
    return lambda actor: desk.delete_place(place, actor=actor)


def _photo(deed: Callable[..., object], **more: Any) -> Callable[[Cast], Deed]:
    def make(cast: Cast) -> Deed:
        number = cast.photo()
        return lambda actor: deed(number, actor=actor, **more)

    return make


def _token(cast: Cast) -> Deed:
    token, _secret = people.create_token(cast.alice, name="Skript", scopes=["read"])
    return lambda actor: people.revoke_token(actor, token.pk)


def _followed(cast: Cast) -> Deed:
    people.subscribe(cast.alice, "article", cast.article.slug)
    return lambda actor: people.unsubscribe(actor, "article", cast.article.slug)


def _ignored(cast: Cast) -> Deed:
    talk.ignore(cast.alice.pk, reader=cast.bob)
    return lambda actor: talk.stop_ignoring(cast.alice.pk, reader=actor)


def _drops_avatar(cast: Cast) -> Deed:
    people.show_avatar(cast.alice, picture())
    return people.drop_avatar


def _takes_avatar(cast: Cast) -> Deed:
    people.show_avatar(cast.bob, picture())
    return lambda actor: people.remove_avatar(cast.bob.pk, actor=actor, reason="spam")


def _sealed(cast: Cast) -> Deed:
    Comment.objects.filter(pk=cast.comment.pk).update(
        author=None, author_name="B.", source="isso", source_id="blatt.example:1", author_key="blatt.example:guest-1"
    )
    digest = sealing.digest_of(cast.bob.email)
    SealedAddress.objects.create(source="isso", author_key="blatt.example:guest-1", digest=digest)
    return lambda actor: talk.take_over(actor=actor)


OWN = {"may_while_barred": True}
CASES = (
    Case(
        "accounts.change_preferences",
        "alice",
        lambda cast: lambda actor: people.change_preferences(actor, {"reply": {"web": False}}),
        **OWN,
    ),
    Case(
        "accounts.change_profile",
        "alice",
        lambda cast: lambda actor: people.change_profile(actor.pk, name="Alicia"),
        **OWN,
    ),
    Case(
        "accounts.give_duties",
        "ada",
        lambda cast: lambda actor: people.give_duties(cast.bob.pk, actor=actor, duties=OF_ROLE["editor"]),
    ),
    Case("accounts.end_sessions", "ada", lambda cast: lambda actor: people.end_sessions(cast.bob.pk, actor=actor)),
    Case(
        "accounts.create_token",
        "alice",
        lambda cast: lambda actor: people.create_token(actor, name="X", scopes=["read"]),
        **OWN,
    ),
    Case("accounts.end_sanctions", "", _runs_out),
    Case(
        "accounts.impose_sanction",
        "mo",
        lambda cast: (
            lambda actor: people.impose_sanction(cast.bob.pk, actor=actor, scope="chat", until=None, reason="spam")
        ),
    ),
    Case("accounts.lift_sanction", "mo", _barred),
    Case("accounts.open_feed", "alice", lambda cast: people.open_feed, **OWN),
    Case("accounts.close_feed", "alice", lambda cast: people.close_feed, **OWN),
    Case("accounts.keep_push", "alice", _push, **OWN),
    Case("accounts.drop_push", "alice", lambda cast: lambda actor: people.drop_push(actor, PUSHED["endpoint"]), **OWN),
    Case("accounts.read_notifications", "alice", _notified, **OWN),
    Case("accounts.show_avatar", "alice", lambda cast: lambda actor: people.show_avatar(actor, picture())),
    Case("accounts.drop_avatar", "alice", _drops_avatar, **OWN),
    Case("accounts.remove_avatar", "mo", _takes_avatar),
    Case("accounts.resume_mails", "alice", lambda cast: people.resume_mails, **OWN),
    Case("accounts.revoke_token", "alice", _token, **OWN),
    Case(
        "accounts.subscribe",
        "alice",
        lambda cast: lambda actor: people.subscribe(actor, "article", cast.article.slug),
        **OWN,
    ),
    Case("accounts.unsubscribe", "alice", _followed, **OWN),
    Case(
        "accounts.write_legal_page",
        "eddy",
        lambda cast: lambda actor: people.write_legal_page("terms", actor=actor, title="AGB", body="Neu"),
    ),
    Case("articles.add_photo", "jo", lambda cast: lambda actor: desk.add_photo(picture(), actor=actor)),
    Case(
        "articles.change_appearance", "ada", lambda cast: lambda actor: desk.change_appearance(actor=actor, name="Bote")
    ),
    Case("articles.change_item", "eddy", _change_item),
    Case("articles.correct_article", "eddy", _correct_article),
    Case(
        "articles.correct_item",
        "eddy",
        lambda cast: lambda actor: desk.correct_item(cast.item.pk, actor=actor, headline="Anders", note="War falsch."),
    ),
    Case("articles.delete_photo", "eddy", _photo(desk.delete_photo)),
    Case("articles.delete_place", "eddy", _delete_place),
    Case("articles.describe_photo", "jo", _photo(desk.describe_photo, caption="Rötlich")),
    Case("articles.discard_article", "jo", _drafted(desk.discard_article)),
    Case(
        "articles.draft_article",
        "jo",
        lambda cast: (
            lambda actor: desk.draft_article(actor=actor, section=cast.article.section, headline=f"Neu {next(NUMBERS)}")
        ),
    ),
    Case(
        "articles.draft_item",
        "eddy",
        lambda cast: lambda actor: desk.draft_item(cast.ticker, actor=actor, headline="Neu"),
    ),
    Case("articles.edit_article", "jo", _drafted(desk.edit_article, lead="Anders.")),
    Case(
        "articles.keep_section",
        "eddy",
        lambda cast: (
            lambda actor: desk.keep_section(
                Section(name=f"Sport {next(NUMBERS)}", slug=f"sport-{next(NUMBERS)}"), actor=actor
            )
        ),
    ),
    Case(
        "articles.keep_ticker",
        "eddy",
        lambda cast: lambda actor: desk.keep_ticker(Ticker(title="Live", slug=f"live-{next(NUMBERS)}"), actor=actor),
    ),
    Case(
        "articles.mark_seen",
        "alice",
        lambda cast: lambda actor: desk.mark_seen(Ticker.objects.get(pk=cast.item.ticker_id), reader=actor, number=1),
        **OWN,
    ),
    Case("articles.pin_item", "eddy", lambda cast: lambda actor: desk.pin_item(cast.item.pk, actor=actor)),
    Case("articles.publish_article", "eddy", _publish_article),
    Case("articles.publish_drafted_item", "eddy", _publish_drafted_item),
    Case("articles.publish_due_article", "", _due_article),
    Case("articles.publish_due_item", "", _due_item),
    Case("articles.publish_item", "eddy", _publish_item),
    Case("articles.retract_article", "eddy", _retract_article),
    Case("articles.retract_item", "eddy", lambda cast: lambda actor: desk.retract_item(cast.item.pk, actor=actor)),
    Case("articles.schedule_article", "eddy", _schedule_article),
    Case(
        "articles.schedule_item",
        "eddy",
        _schedule_item,
    ),
    Case("articles.unpin_item", "eddy", _pinned),
    Case("articles.unschedule_article", "eddy", _unschedule),
    Case("articles.unschedule_item", "eddy", _unschedule_item),
    Case("comments.acknowledge_warning", "alice", _warned_once, **OWN),
    Case(
        "comments.add_text",
        "mo",
        lambda cast: lambda actor: talk.add_text(actor=actor, reason="spam", language="de", text="Bitte."),
    ),
    Case("comments.change_text", "mo", _change_text),
    Case(
        "comments.add_import",
        "ada",
        lambda cast: lambda actor: talk.add_import(ContentFile(b"{}", name="x"), actor=actor, system="newsroom"),
    ),
    Case("comments.begin_import", "ada", _begin_import),
    Case("comments.drop_import", "ada", _drop_import),
    Case("comments.drop_text", "mo", _drop_text),
    Case("comments.approve", "mo", _mentioned),
    Case("comments.cancel_bulk", "mo", _cancel_many, leaves_no_record=True),
    Case("comments.cancel_run", "mo", _cancel_run, leaves_no_record=True),
    Case("comments.change_discussion", "mo", _change),
    Case("comments.change_rule", "mo", _change_rule),
    Case("comments.claim", "mo", _claim, leaves_no_record=True),
    Case("comments.close_discussion", "eddy", _close),
    Case(
        "comments.discuss_page",
        "mo",
        lambda cast: lambda actor: talk.discuss_page("https://example.org/seite", actor=actor, title="Seite"),
    ),
    Case(
        "comments.drop_draft", "alice", lambda cast: lambda actor: talk.drop_draft(cast.discussion, person=actor), **OWN
    ),
    Case(
        "comments.decide_and_restrict",
        "mo",
        lambda cast: (
            lambda actor: talk.decide_and_restrict(
                cast.comment.pk,
                "remove",
                actor=actor,
                reason="spam",
                sanction={"scope": "chat", "until": None, "reason": "spam", "section": cast.article.section_id},
            )
        ),
    ),
    Case("comments.start_bulk", "mo", _many),
    Case("comments.undo_bulk", "mo", _undo_many),
    Case(
        "comments.decide_and_warn",
        "mo",
        lambda cast: (
            lambda actor: talk.decide_and_warn(
                cast.comment.pk, "remove", actor=actor, reason="spam", warning={"reason": "spam"}
            )
        ),
    ),
    Case("comments.drop_filter", "mo", _drop_filter, leaves_no_record=True),
    Case("comments.drop_hours", "mo", _drop_hours),
    Case("comments.drop_rule", "mo", _drop_rule),
    Case("comments.edit", "alice", lambda cast: lambda actor: talk.edit(cast.comment.pk, actor=actor, text="Anders")),
    Case("comments.edit", "alice", _edit_held),
    Case("comments.feature", "mo", lambda cast: lambda actor: talk.feature(cast.comment.pk, actor=actor)),
    Case("comments.hand_over", "mo", _handed),
    Case("comments.ignore", "bob", lambda cast: lambda actor: talk.ignore(cast.comment.author_id, reader=actor), **OWN),
    Case("comments.judge_again", "mo", _judge_again, leaves_no_record=True),
    Case("comments.keep", "mo", _keep),
    Case(
        "comments.keep_draft",
        "alice",
        lambda cast: lambda actor: talk.keep_draft(cast.discussion, person=actor, text="Ich wollte"),
        **OWN,
    ),
    Case(
        "comments.mark_read",
        "alice",
        lambda cast: lambda actor: talk.mark_read(cast.discussion, reader=actor, place=1),
        **OWN,
    ),
    Case("comments.make_rule", "mo", lambda cast: lambda actor: _rule(cast, actor=actor)),
    Case("comments.lock", "mo", lambda cast: lambda actor: talk.lock(cast.comment.pk, actor=actor)),
    Case("comments.merge", "mo", _merge),
    Case(
        "comments.note_person",
        "mo",
        lambda cast: lambda actor: talk.note_person(cast.bob.pk, actor=actor, text="Notiz"),
    ),
    Case("comments.open_discussion", "mo", _open),
    Case("comments.pin", "mo", lambda cast: lambda actor: talk.pin(cast.comment.pk, actor=actor)),
    Case("comments.post", "bob", _posted_to_followers),
    Case("comments.post", "bob", _premoderated_post),
    Case("comments.react", "bob", lambda cast: lambda actor: talk.react(cast.comment.pk, "like", actor=actor)),
    Case(
        "comments.reject",
        "mo",
        _reject,
    ),
    Case("comments.release", "mo", _release, leaves_no_record=True),
    Case("comments.remove", "mo", _remove_reported),
    Case(
        "comments.remove", "mo", lambda cast: lambda actor: talk.remove(cast.comment.pk, actor=actor, reason="insult")
    ),
    Case("comments.reopen", "mo", _reopened),
    Case("comments.reopen", "mo", _warned("reject", "reopen", held=True)),
    Case("comments.report", "bob", _report),
    Case("comments.report", "bob", _report_too),
    Case("comments.restore", "mo", _removed),
    Case("comments.restore", "mo", _rejected),
    Case("comments.restore", "mo", _warned("remove", "restore")),
    Case("comments.rewrite", "mo", _rewritten(held=False)),
    Case("comments.rewrite", "mo", _rewritten(held=True)),
    Case(
        "comments.save_filter",
        "mo",
        lambda cast: lambda actor: talk.save_filter(actor=actor, name="Gehalten", query="kind=held"),
        leaves_no_record=True,
    ),
    Case("comments.set_hours", "mo", _hours),
    Case("comments.start_chat", "mo", lambda cast: lambda actor: talk.start_chat("Treff", actor=actor)),
    Case("comments.start_run", "mo", _start_run, leaves_no_record=True),
    Case("comments.stop_ignoring", "bob", _ignored, **OWN),
    Case("comments.take_back", "bob", _reacted),
    Case("comments.take_down", "", lambda cast: lambda _actor: _take_down(cast.comment.pk)),
    Case("comments.take_down", "", _take_down_reported),
    Case("comments.take_down", "", _take_down_held),
    Case("comments.take_over", "bob", _sealed, is_on_record=True, **OWN),
    Case("comments.undo", "alice", _undo),
    Case("comments.undo", "alice", _undo_held),
    Case("comments.undo_decision", "mo", _decided("approve", held=True)),
    Case("comments.undo_decision", "mo", _decided("restore", held=True, earlier="reject")),
    Case("comments.undo_decision", "mo", _decided("remove", reported=True)),
    Case("comments.undo_decision", "mo", _decided("restore", earlier="remove")),
    Case("comments.undo_decision", "mo", _decided("edit")),
    Case("comments.undo_decision", "mo", _decided("reopen", held=True, earlier="reject")),
    Case("comments.undo_decision", "mo", _marks),
    Case("comments.undo_decision", "mo", _warned("remove")),
    Case("comments.undo_merge", "mo", _merged),
    Case("comments.unfeature", "mo", _marked("feature", talk.unfeature)),
    Case("comments.unlock", "mo", _marked("lock", talk.unlock)),
    Case("comments.unpin", "mo", _marked("pin", talk.unpin)),
    Case(
        "comments.warn_person",
        "mo",
        lambda cast: lambda actor: talk.warn_person(cast.bob.pk, actor=actor, reason="spam"),
    ),
    Case("comments.withdraw", "alice", lambda cast: lambda actor: talk.withdraw(cast.comment.pk, actor=actor), **OWN),
    Case("comments.withdraw", "alice", _withdraw_reported, **OWN),
    Case("comments.withdraw", "alice", _withdraw_held, **OWN),
    Case("comments.withdraw_warning", "mo", _warned_by_hand),
)
# What nobody does to anything that others hear of, and what has no actor of its own to read again.
BY_ITSELF = {
    "accounts.accept_terms",  # at sign-up
    "accounts.drop_section",  # follows from the deletion of a section
    "accounts.end_session",  # by a request, after a long time without one
    "accounts.confirm",  # by the link in the mail
    "accounts.forget_notifications",  # every day
    "accounts.join",  # by the form of the sign-up
    "accounts.log_out_everywhere",  # follows from a new password
    "accounts.second_factor_changed",  # follows from what the library has stored
    "accounts.touch_session",  # by any request
    "accounts.touch_token",
    "comments.decide",  # one of approve, reject, remove, restore
    "comments.discussion_of",  # follows from an article's publication
    "comments.start_discussion",
}
