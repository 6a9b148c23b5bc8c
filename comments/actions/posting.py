"""Posting: one way in for form, API, socket and command."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from comments import events
from comments.access import LARGEST_ID, must_be_open
from comments.actions.speaking import Said, judged, lock_both
from comments.errors import IdempotencyMismatch, SlowMode
from comments.models import Comment, Decision, Discussion, IdempotencyKey
from comments.moderation import Outcome, Verdict
from newsroom import limits
from newsroom.errors import Invalid
from newsroom.prepared import prepared
from newsroom.transactions import short
from newsroom.written import add, alter, insert, new

MODERATORS_FACTOR = 10  # moderators may comment so many times as often


@dataclass(frozen=True, slots=True)
class Posted:
    """The comment as it now stands; 201 published or 202 held, at the first time; `replayed`: a known key."""

    comment: Comment
    status: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Letter:
    discussion_id: int
    author: User
    text: str
    parent_id: int | None
    key: UUID | None

    @property
    def body_hash(self) -> bytes:
        body = f"{self.discussion_id}\n{self.parent_id or ''}\n{self.text}"
        return hashlib.sha256(body.encode(errors="surrogatepass")).digest()


def post(
    discussion_id: int,
    *,
    author: User,
    text: str,
    parent_id: int | None = None,
    key: UUID | None = None,
    network: str | None = None,
) -> Posted:
    """Add `text` to a discussion: when this returns it is on the page (201) or in the moderators' queue (202).

    `network` is where it was sent from, as limits count addresses; None: from within.
    A `key` that this person has used before gets the first status and the comment as it now stands, before limits
    and rules. Raises IdempotencyMismatch, TooManyRequests, NotFound, DiscussionClosed, NotLoggedIn, Unconfirmed,
    Barred, SlowMode, Invalid, Duplicate, Refused.
    """
    letter = _Letter(discussion_id, author, text, parent_id, key)
    known = _known(letter)
    if known is not None:
        return known
    if network:
        limits.hit("comments_address", network)
    said = Said.of(text)  # before any lock is taken
    try:
        posted = _post(letter, said, timezone.now())
    except IntegrityError:  # a repeat that ran beside the first and has waited for it
        known = _known(letter)
        if known is None:
            raise
        return known
    (posted.comment.order,) = _order(posted.comment.pk)  # the fold gave it meanwhile
    return posted


def _known(letter: _Letter) -> Posted | None:
    """The first answer to this person's key, if there was one. Raises IdempotencyMismatch."""
    if letter.key is None:
        return None
    first = next(iter(_first(letter.author.pk, letter.key)), None)
    if first is None or first.comment is None:
        return None
    if bytes(first.body_hash) != letter.body_hash:
        raise IdempotencyMismatch(_("This key belongs to another text."))
    return Posted(first.comment, first.status, replayed=True)


@prepared(int, UUID)
def _first(author: int, key: UUID) -> QuerySet[IdempotencyKey]:
    rows = IdempotencyKey.objects.filter(author=author, key=key)
    return rows.select_related("comment__author", "comment__tally")


@short
def _post(letter: _Letter, said: Said, now: datetime) -> Posted:
    claim = _claim(letter)
    limits.hit("comments", letter.author.pk, factor=MODERATORS_FACTOR if letter.author.moderates else 1)
    discussion, author = lock_both(letter.discussion_id, letter.author)
    must_be_open(discussion, now)
    parent = _parent_of(letter, discussion)
    last = next(iter(_last_own(author.pk, discussion.pk)), None)
    _must_have_paused(discussion, author, last, now)
    verdict = judged(said, discussion, author, now=now, last_own=last.text if last and not last.is_gone else "")
    comment = _insert(letter, said, verdict, author, discussion, parent, now)
    status = HTTPStatus.CREATED if verdict.outcome is Outcome.PUBLISH else HTTPStatus.ACCEPTED
    if claim is not None:
        alter(IdempotencyKey, claim, {"status": int(status), "comment_id": comment.pk})
    _tell(comment, verdict)
    return Posted(comment, status)


@prepared(int)
def _order(comment: int) -> QuerySet[Comment, int | None]:
    return Comment.objects.filter(pk=comment).values_list("order", flat=True)


@prepared(int, int)
def _last_own(author: int, discussion: int) -> QuerySet[Comment]:
    mine = Comment.objects.filter(author=author, discussion=discussion).only("text", "state", "created_at")
    return mine.order_by("-id")[:1]


def _claim(letter: _Letter) -> int | None:
    """Take the key for ourselves: repeats wait at the unique index until we have committed, or take it if we fail."""
    if letter.key is None:
        return None
    claim = {"author_id": letter.author.pk, "key": letter.key, "body_hash": letter.body_hash, "status": 0}
    return add(IdempotencyKey, claim)


def _tell(comment: Comment, verdict: Verdict) -> None:
    if verdict.outcome is Outcome.PUBLISH:
        events.comment_posted(comment)
        return
    hold = Decision.Action.HOLD
    decision = Decision.objects.create(comment=comment, action=hold, rule=verdict.rule, note=verdict.detail)
    events.comment_held(comment, decision)


def _insert(
    letter: _Letter,
    said: Said,
    verdict: Verdict,
    author: User,
    discussion: Discussion,
    parent: Comment | None,
    now: datetime,
) -> Comment:
    is_public = verdict.outcome is Outcome.PUBLISH
    values = {
        "root_id": _root_of(discussion, parent),
        "text": said.text,
        "html": said.html,
        "state": Comment.State.PUBLISHED if is_public else Comment.State.HELD,
        "key": letter.key,
        "created_at": now,
        "published_at": now if is_public else None,
    }
    comment = new(Comment, values)
    comment.discussion, comment.author, comment.parent = discussion, author, parent
    insert(comment)
    return comment


def _root_of(discussion: Discussion, parent: Comment | None) -> int | None:
    """A chat is flat: a line may answer another, but stands below none."""
    if parent is None or discussion.mode == Discussion.Mode.CHAT:
        return None
    return parent.root_id or parent.pk


def _parent_of(letter: _Letter, discussion: Discussion) -> Comment | None:
    """Raises Invalid for a comment that is not here, or not published."""
    if letter.parent_id is None:
        return None
    fits = 0 < letter.parent_id <= LARGEST_ID
    there = Comment.objects.filter(discussion=discussion, state=Comment.State.PUBLISHED)
    parent = there.filter(pk=letter.parent_id).only("root_id", "author_id").first() if fits else None
    if parent is None:
        sentence = _("This comment cannot be answered.")
        raise Invalid(sentence, errors={"parent": [sentence]})
    return parent


def _must_have_paused(discussion: Discussion, author: User, last: Comment | None, now: datetime) -> None:
    """Raises SlowMode."""
    if not discussion.slow_seconds or last is None or author.is_staff:
        return
    wait = math.ceil((last.created_at + timedelta(seconds=discussion.slow_seconds) - now).total_seconds())
    if wait > 0:
        sentence = ngettext("Slow mode: try again in %d second.", "Slow mode: try again in %d seconds.", wait) % wait
        raise SlowMode(sentence, retry_after=wait)
