"""What a site of some years has beside its comments: what waits or was taken down, and the records of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

from tests.bench import cases

EVENTS = 20_000  # at most; they are young for years, so that nothing prunes them between two runs
LONG_AGO = 10**15  # `order` of what was taken down: before all that stands


def write(count: int, people: Sequence[Any], staff: Mapping[str, Any], thread: Any) -> None:
    """`count` of each kind, about comments of `thread` where they need one."""
    held, removed = _aside(count, people, thread)
    moderator = staff["moderator"]
    decisions = _decide(held, removed, moderator)
    cases.write(held, dict(zip(removed, decisions, strict=True)), people, moderator)
    _record(count, moderator)
    _bar(count, people, moderator)
    _notify(count, people, thread)
    _publish(min(count, EVENTS), thread)


def some(thread: Any) -> dict[str, Any]:
    """{kind: the id of one of them} of what has pages of its own."""
    from accounts.models import Sanction, User
    from articles.models import Photo
    from comments.models import Comment

    root = Comment.objects.filter(discussion=thread, root=None, tally__reply_count__gt=0).latest("pk")
    found = {"comment": root, "held": Comment.objects.waiting().latest("pk")}
    found |= {"edited": Comment.objects.filter(revisions__isnull=False).latest("pk")}
    found |= {"person": User.objects.filter(role="reader").earliest("pk"), "sanction": Sanction.objects.latest("pk")}
    return {kind: row.pk for kind, row in (found | {"photo": Photo.objects.latest("pk")}).items()}


def _aside(count: int, people: Sequence[Any], thread: Any) -> tuple[list[Any], list[Any]]:
    """Comments that wait for a moderator, and such as were removed."""
    from comments.models import Comment

    speakers = cycle(people)
    before = datetime(2025, 12, 1, tzinfo=UTC)

    def said(number: int, state: str, **more: Any) -> Any:
        text = f"Das ist die {number}. Meinung zum Haushalt."
        html = f"<p>{text}</p>"
        return Comment(discussion=thread, author=next(speakers), text=text, html=html, state=state, **more)

    held = [said(n, "held") for n in range(1, count + 1)]
    removed = [
        said(count + n, "removed", order=LONG_AGO + n, published_at=before, created_at=before, version=2, settled=2)
        for n in range(1, count + 1)
    ]
    Comment.objects.bulk_create([*held, *removed], batch_size=5000)
    return held, removed


def _decide(held: Sequence[Any], removed: Sequence[Any], moderator: Any) -> list[Any]:
    """The decisions to remove."""
    from comments.models import CommentRevision, Decision

    thread = removed[0].discussion
    there = {"discussion": thread, "section": thread.article.section}
    rules = [Decision(comment=each, action="hold", rule="links", **there) for each in held]
    told = {"action": "remove", "reason": "insult", "former": "published", "moderator": moderator, **there}
    made = [Decision(comment=each, **told) for each in removed]
    Decision.objects.bulk_create([*rules, *made], batch_size=5000)
    former = [CommentRevision(comment=each, version=1, text=each.text, html=each.html) for each in removed]
    CommentRevision.objects.bulk_create(former, batch_size=5000)
    return made


def _record(count: int, moderator: Any) -> None:
    from accounts.models import AuditEntry

    changed = {"role": "moderator", "before": {"state": "published"}, "after": {"state": "removed"}}
    made = [
        AuditEntry(actor=moderator, deed="comment.removed", subject=f"comment.{n}", **changed) for n in range(count)
    ]
    AuditEntry.objects.bulk_create(made, batch_size=5000)


def _bar(count: int, people: Sequence[Any], moderator: Any) -> None:
    """Nobody of those who read and write here: the last people, and the first ones."""
    from accounts.models import Sanction

    barred = islice(people, 100, len(people) - 100)
    until = datetime.now(UTC) + timedelta(days=3650)
    told = {"scope": "comment", "reason": "insult", "until": until, "imposed_by": moderator}
    made = [Sanction(user=each, **told) for each in islice(barred, count)]
    Sanction.objects.bulk_create(made, batch_size=5000)


def _notify(count: int, people: Sequence[Any], thread: Any) -> None:
    from accounts.models import Notification

    told = {"kind": "reply", "subject": "comment.1", "title": thread.title, "url": f"/chats/{thread.pk}/"}
    made = [Notification(user=each, **told) for each in islice(cycle(people), count)]
    Notification.objects.bulk_create(made, batch_size=5000)


def _publish(count: int, thread: Any) -> None:
    from newsroom.live.models import Event, Stream

    Stream.objects.update_or_create(name=thread.stream, defaults={"top": count})
    Event.objects.bulk_create(_events(count, thread.stream), batch_size=5000)


def _events(count: int, stream: str) -> Iterator[Any]:
    from newsroom.live.models import Event

    at = datetime.now(UTC) + timedelta(days=3650)
    data = {"id": 1, "text": "Das sehe ich anders. " * 20}
    for n in range(1, count + 1):
        yield Event(stream=stream, offset=n, kind="comment.edited", subject=f"comment.{n}", data=data, created_at=at)
