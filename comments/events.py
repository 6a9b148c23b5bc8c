"""What the log says about discussions. The only place that publishes here; called last in an action."""

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
from comments.serializers import comment_json, decision_json, discussion_json, queue_json
from newsroom.live.outbox import Fact, hold, publish, redact, redact_about

ACTIVITY = "chats"
MODERATION = "moderation"


def hold_streams(comment: Comment) -> None:
    """Lock every stream on which this comment's text may stand: first of all in an action that redacts."""
    hold(f"discussion.{comment.discussion_id}", ACTIVITY, *_moderation(comment), *_own(comment))


def comment_posted(comment: Comment) -> None:
    publish(_public(comment, "comment.posted"))
    _tell_whom_it_names(comment)


def comment_held(comment: Comment, decision: Decision) -> None:
    """To its author and to the moderators only."""
    publish(*_personal(comment, "comment.held"), *_entered(comment, decision))


def queue_entered(holds: Iterable[Decision]) -> None:
    """To the moderators only: these wait since an import."""
    streams: dict[int, list[str]] = {}  # of each discussion
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
    """Its text leaves the log; its author hears the reason."""
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
    """A comment that was still waiting leaves the queue; nobody else had heard of it."""
    redact(comment.subject)
    publish(*([_public(comment, "comment.withdrawn")] if was_public else _left(comment)))


def comment_brought_back(comment: Comment, hold: Decision | None) -> None:
    """By its author: to the readers, or where a rule held it (`hold`), to those who decide."""
    if comment.published_at is not None:
        publish(_public(comment, "comment.restored"))
        return
    publish(*_personal(comment, "comment.held"), *_entered(comment, hold))


def comment_removed(comment: Comment, decision: Decision) -> None:
    """Its text leaves the log; its author hears the reason."""
    redact(comment.subject)
    publish(_public(comment, "comment.removed"), *_made(comment, decision))
    _tell_author(comment, "comment.removed", reason=decision.reason)


def comment_restored(comment: Comment, decision: Decision, *, was_public: bool) -> None:
    kind = "comment.restored" if was_public else "comment.posted"
    publish(_public(comment, kind), *_made(comment, decision))
    _tell_author(comment, "comment.restored")


def many_decided(moderator: User, done: int, refused: int) -> None:
    """To the moderator who had it done in the background."""
    tell(
        [moderator.pk], "many.decided", f"user.{moderator.pk}", url="/admin/comments/decision/", n=done, refused=refused
    )


def comment_reacted(comment: Comment) -> None:
    """Empty: the fold counts, and tells the comment as it then stands. Of a run the last one alone is numbered."""
    publish(Fact(f"discussion.{comment.discussion_id}", "comment.reacted", comment.subject, {}))


def discussion_changed(discussion: Discussion, kind: str) -> None:
    """`kind`: discussion.opened, .closed, .slow or .rebuilt. No text travels under this subject."""
    data = discussion_json(discussion, timezone.now())
    if data["last_comment"]:
        data["last_comment"].pop("text")
    publish(Fact(discussion.stream, kind, subject_of(discussion), data))


def discussion_turned(discussion: Discussion, now: datetime) -> None:
    """It opened, closed, or has other times now."""
    is_closed = discussion.state_at(now) == Discussion.State.CLOSED
    discussion_changed(discussion, "discussion.closed" if is_closed else "discussion.opened")


def discussion_rebuilt(discussion: Discussion) -> None:
    """Comments came or went in numbers: whoever shows it loads it anew."""
    whole = Discussion.objects.select_related("article", "hours", "tally__last_comment__author").get(pk=discussion.pk)
    discussion_changed(whole, "discussion.rebuilt")


def discussions_active(discussions: list[Discussion]) -> None:
    """Tell `chats` how these stand; redacted with the last comment, whose beginning they show."""
    now = timezone.now()
    facts = [_active(discussion, discussion_json(discussion, now)) for discussion in discussions]
    if facts:
        publish(*facts)


def activity_hidden(discussion: Discussion) -> None:
    """What `chats` was told of it: title, article and the beginning of a comment."""
    redact_about(ACTIVITY, discussion.pk)


def _tell_whom_it_names(comment: Comment) -> None:
    """Whom it answers or mentions, each once. Under the comment's own subject: taken down, it leaves there, too."""
    title, url = comment.discussion.title, f"/comments/{comment.pk}/"
    answered = comment.parent.author_id if comment.parent else None
    if answered is not None and answered != comment.author_id:
        notify([answered], "comment.replied", comment.subject, title, url)
    mentioned = [pk for pk in mentioned_in(comment) if pk != answered]
    if mentioned:
        notify(mentioned, "comment.mentioned", comment.subject, title, url)


def _tell_author(comment: Comment, kind: str, **details: str) -> None:
    """What became of it, and why; never by whom."""
    if comment.author_id is not None:
        url = f"/comments/{comment.pk}/"
        tell([comment.author_id], kind, comment.subject, title=comment.discussion.title, url=url, **details)


def _active(discussion: Discussion, data: dict[str, Any]) -> Fact:
    last = data["last_comment"]
    return Fact(ACTIVITY, "discussion.active", f"comment.{last['id']}" if last else subject_of(discussion), data)


def subject_of(discussion: Discussion) -> str:
    return f"discussion.{discussion.pk}"


def _public(comment: Comment, kind: str) -> Fact:
    """The fold completes it: place and counts, and the rounds of reactions on top of the version."""
    key = str(comment.key) if comment.key else None
    data = comment_json(comment) | {"version": comment.version}
    return Fact(f"discussion.{comment.discussion_id}", kind, comment.subject, data, key)


def _own(comment: Comment) -> list[str]:
    return [f"user.{comment.author_id}"] if comment.author_id else []


def _personal(comment: Comment, kind: str, **changes: str) -> list[Fact]:
    key = str(comment.key) if comment.key else None
    data = {**comment_json(comment), **changes}
    return [Fact(stream, kind, comment.subject, data, key) for stream in _own(comment)]


def _moderation(comment: Comment) -> list[str]:
    """Where moderators hear of it: all of it on one stream, that of the article's section on one more."""
    section = Section.objects.filter(articles__discussions=comment.discussion_id).first()
    return [MODERATION, f"{MODERATION}.{section.slug}"] if section else [MODERATION]


def _entered(comment: Comment, decision: Decision | None) -> list[Fact]:
    data = queue_json(comment, decision)
    return [Fact(stream, "queue.entered", comment.subject, data) for stream in _moderation(comment)]


def _left(comment: Comment) -> list[Fact]:
    """Holds no text, and has a subject of its own: whoever was away when it left hears so also once it was removed."""
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
