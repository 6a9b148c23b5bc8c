"""Events about discussions. The only module of this app that publishes; actions call it last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.events import notify, tell
from accounts.models import User
from articles.models import Section
from comments.models import Comment, Decision, Discussion
from comments.participants import mentioned_in
from comments.representations import comment_json, decision_json, discussion_json, log_json, queue_json
from newsroom.live.outbox import Fact, hold, publish, redact, redact_about

ACTIVITY = "chats"
MODERATION = "moderation"


def hold_streams(comment: Comment) -> None:
    """Lock every stream that contains this comment's text or will: the first step of an action that redacts."""
    own = (f"discussion.{comment.discussion_id}", ACTIVITY, *_moderation(comment), *_own(comment))
    hold(*own, about=comment.subject)


def comment_posted(comment: Comment) -> None:
    publish(_public(comment, "comment.posted"))
    _tell_whom_it_names(comment)


def comment_held(comment: Comment, decision: Decision) -> None:
    """Publish to its author and to moderators only."""
    publish(*_personal(comment, "comment.held"), *_entered(comment, decision))


def queue_entered(holds: Iterable[Decision]) -> None:
    """Publish to moderators only that imported comments wait in the queue."""
    streams: dict[int, list[str]] = {}  # discussion → its moderation streams
    facts = []
    for each in holds:
        comment = each.comment
        if comment.discussion_id not in streams:
            streams[comment.discussion_id] = _moderation(comment)
        data = queue_json(comment, each)
        facts += [Fact(name, "queue.entered", comment.subject, data) for name in streams[comment.discussion_id]]
    publish(*facts)


def comment_approved(comment: Comment, decision: Decision) -> None:
    personal = _personal(comment, "comment.approved")
    publish(_public(comment, "comment.posted"), *personal, *_left(comment), *_made(comment, decision))
    _tell_author(comment, "comment.approved")
    _tell_whom_it_names(comment)


def comment_rejected(comment: Comment, decision: Decision) -> None:
    """Redact its text in the log, and tell its author the reason."""
    redact(comment.subject)
    told = _personal(comment, "comment.rejected", text="", html="", reason=decision.reason)
    publish(*told, *_left(comment), *_made(comment, decision))
    _tell_author(comment, "comment.rejected", reason=decision.reason)


def comment_edited(comment: Comment) -> None:
    redact(comment.subject)
    publish(_public(comment, "comment.edited"))


def held_comment_edited(comment: Comment, decision: Decision | None) -> None:
    redact(comment.subject)
    publish(*_personal(comment, "comment.held"), *_entered(comment, decision))


def comment_withdrawn(comment: Comment, *, was_public: bool) -> None:
    """Publish that its author has withdrawn it. A comment that was never public only leaves the queue."""
    redact(comment.subject)
    publish(*([_public(comment, "comment.withdrawn")] if was_public else _left(comment)))


def comment_brought_back(comment: Comment, hold: Decision | None) -> None:
    """Publish that its author has undone the withdrawal: to readers, or to moderators if a rule held it (`hold`)."""
    if comment.published_at is not None:
        publish(_public(comment, "comment.restored"))
        return
    publish(*_personal(comment, "comment.held"), *_entered(comment, hold))


def comment_removed(comment: Comment, decision: Decision) -> None:
    """Redact its text in the log, and tell its author the reason."""
    redact(comment.subject)
    publish(_public(comment, "comment.removed"), *_made(comment, decision))
    _tell_author(comment, "comment.removed", reason=decision.reason)


def comment_restored(comment: Comment, decision: Decision, *, was_public: bool) -> None:
    kind = "comment.restored" if was_public else "comment.posted"
    publish(_public(comment, kind), *_made(comment, decision))
    _tell_author(comment, "comment.restored")


def many_decided(moderator: User, done: int, refused: int) -> None:
    """Tell the moderator the result of a bulk decision."""
    tell(
        [moderator.pk], "many.decided", f"user.{moderator.pk}", url="/admin/comments/decision/", n=done, refused=refused
    )


def comment_reacted(comment: Comment) -> None:
    """Publish that reactions have changed. The event is empty; the fold counts and adds the comment. Several in a row
    are merged into one.
    """
    publish(Fact(f"discussion.{comment.discussion_id}", "comment.reacted", comment.subject, {}))


def discussion_changed(discussion: Discussion, kind: str) -> None:
    """`kind`: discussion.opened, .closed, .slow or .rebuilt. Events of this subject contain no readers' text."""
    data = discussion_json(discussion, timezone.now())
    if data["last_comment"]:
        data["last_comment"].pop("text")
    publish(Fact(discussion.stream, kind, subject_of(discussion), data))


def discussion_turned(discussion: Discussion, now: datetime) -> None:
    """Publish that it opened, closed, or has other times now."""
    is_closed = discussion.state_at(now) == Discussion.State.CLOSED
    discussion_changed(discussion, "discussion.closed" if is_closed else "discussion.opened")


def discussion_rebuilt(discussion: Discussion) -> None:
    """Publish that many comments came or went, so that clients load the discussion anew."""
    whole = Discussion.objects.select_related("article", "hours", "tally__last_comment__author").get(pk=discussion.pk)
    discussion_changed(whole, "discussion.rebuilt")


def discussions_active(discussions: list[Discussion]) -> None:
    """Publish on `chats` how these discussions stand. The subject is their last comment, whose beginning they show, so
    they are redacted with it.
    """
    now = timezone.now()
    facts = [_active(discussion, discussion_json(discussion, now)) for discussion in discussions]
    if facts:
        publish(*facts)


def activity_hidden(discussion: Discussion) -> None:
    """Redact the discussion's events on `chats`: they have title, article and the beginning of a comment."""
    redact_about(ACTIVITY, discussion.pk)


def title_hidden(discussion: Discussion) -> None:
    """Redact all events that have the discussion's title. Those about its state come before one with the new state."""
    activity_hidden(discussion)
    redact(subject_of(discussion))


def _tell_whom_it_names(comment: Comment) -> None:
    """Notify the people whom the comment answers or mentions, each once. Has the comment's subject, so it is redacted
    with it.
    """
    title, url = comment.discussion.title, f"/comments/{comment.pk}/"
    answered = comment.parent.author_id if comment.parent else None
    if answered is not None and answered != comment.author_id:
        notify([answered], "comment.replied", comment.subject, title, url)
    mentioned = [pk for pk in mentioned_in(comment) if pk != answered]
    if mentioned:
        notify(mentioned, "comment.mentioned", comment.subject, title, url)


def _tell_author(comment: Comment, kind: str, **details: str) -> None:
    """Notify its author of a decision and its reason; never of the moderator."""
    if comment.author_id is not None:
        url = f"/comments/{comment.pk}/"
        tell([comment.author_id], kind, comment.subject, title=comment.discussion.title, url=url, **details)


def _active(discussion: Discussion, data: dict[str, Any]) -> Fact:
    last = data["last_comment"]
    return Fact(ACTIVITY, "discussion.active", f"comment.{last['id']}" if last else subject_of(discussion), data)


def subject_of(discussion: Discussion) -> str:
    return f"discussion.{discussion.pk}"


def _public(comment: Comment, kind: str) -> Fact:
    """The public event. The fold adds place and counts, and adds the tally's rounds to the version."""
    key = str(comment.key) if comment.key else None
    return Fact(f"discussion.{comment.discussion_id}", kind, comment.subject, log_json(comment), key)


def _own(comment: Comment) -> list[str]:
    return [f"user.{comment.author_id}"] if comment.author_id else []


def _personal(comment: Comment, kind: str, **changes: str) -> list[Fact]:
    key = str(comment.key) if comment.key else None
    data = {**comment_json(comment), **changes}
    return [Fact(stream, kind, comment.subject, data, key) for stream in _own(comment)]


def _moderation(comment: Comment) -> list[str]:
    """The moderators' streams for it: the one for all comments, and that of the article's section."""
    section = Section.objects.filter(articles__discussions=comment.discussion_id).first()
    return [MODERATION, f"{MODERATION}.{section.slug}"] if section else [MODERATION]


def _entered(comment: Comment, decision: Decision | None) -> list[Fact]:
    data = queue_json(comment, decision)
    return [Fact(stream, "queue.entered", comment.subject, data) for stream in _moderation(comment)]


def _left(comment: Comment) -> list[Fact]:
    """Publish to moderators that it left the queue. Has no text and a subject of its own, so it survives a later
    redaction of the comment.
    """
    data = {
        "id": comment.pk,
        "discussion": comment.discussion_id,
        "state": comment.state,
        "version": comment.public_version,
    }
    return [Fact(stream, "queue.left", f"queue.{comment.pk}", data) for stream in _moderation(comment)]


def _made(comment: Comment, decision: Decision) -> list[Fact]:
    subject, data = f"decision.{decision.pk}", decision_json(decision)
    return [Fact(stream, "decision.made", subject, data) for stream in _moderation(comment)]
