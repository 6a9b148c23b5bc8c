"""Posting a comment, for form, API, socket and command."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.duties import Duty
from accounts.models import User
from comments import events
from comments.access import must_be_open
from comments.actions import cases
from comments.actions.asking import Answers, Unasked, with_answers
from comments.actions.authorship import is_by_author
from comments.actions.guards import Said, lock_both
from comments.actions.judging import Facts, facts_of, judged, keep_hits, published_form
from comments.actions.refusing import kept_if_refused
from comments.actions.warnings import must_have_acknowledged
from comments.errors import BranchLocked, IdempotencyMismatch, RefusedByRule, SlowMode
from comments.models import Comment, Decision, Discussion, IdempotencyKey
from comments.moderation import Judgement
from newsroom import limits
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import prepared
from newsroom.database.writes import add, alter
from newsroom.errors import Invalid
from newsroom.metrics import counter

_COUNTS = {
    state: counter("newsroom_comments_total", "Comments by what became of them at once.", state=state)
    for state in ("published", "held", "refused")
}
MODERATORS_FACTOR = 10  # the limit for moderators is so many times wider


@dataclass(frozen=True, slots=True)
class Posted:
    """The comment as it is now. `status` is 201 (published) or 202 (held), as at the first request with this key.
    `replayed`: this key was used before.
    """

    comment: Comment
    status: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Request:
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
    """Add `text` to a discussion. After the return it is on the page (201) or in the moderators' queue (202).

    `network` is the sender's address for limits; None without a client. A `key` that this person has used before gets
    the first status and the present comment, before limits and rules apply. Raises IdempotencyMismatch,
    TooManyRequests, NotFound, DiscussionClosed, BranchLocked, NotLoggedIn, Unconfirmed, Barred, Unacknowledged,
    SlowMode, Invalid, Duplicate, Refused.
    """
    request = _Request(discussion_id, author, text, parent_id, key)
    known = _known(request)
    if known is not None:
        return known
    if network:
        limits.hit("comments_address", network)
    said = Said.of(text)  # before any lock is taken
    try:
        with kept_if_refused(author):
            posted = with_answers(
                lambda answers: _post(request, said, timezone.now(), answers), lambda: _count(request)
            )
    except RefusedByRule:
        _COUNTS["refused"].inc()
        raise
    except IntegrityError:  # a concurrent request with the same key has committed first
        known = _known(request)
        if known is None:
            raise
        return known
    _COUNTS["published" if posted.status == HTTPStatus.CREATED else "held"].inc()
    (posted.comment.order,) = _order(posted.comment.pk)  # set by the fold in the meantime
    return posted


def _known(request: _Request) -> Posted | None:
    """The first answer to this person's key; None for a new key. Raises IdempotencyMismatch."""
    if request.key is None:
        return None
    first = next(iter(_first(request.author.pk, request.key)), None)
    if first is None or first.comment is None:
        return None
    if bytes(first.body_hash) != request.body_hash:
        raise IdempotencyMismatch(_("This key belongs to another text."))
    return Posted(first.comment, first.status, replayed=True)


@prepared(int, UUID)
def _first(author: int, key: UUID) -> QuerySet[IdempotencyKey]:
    rows = IdempotencyKey.objects.filter(author=author, key=key)
    return rows.select_related("comment__author", "comment__tally")


@transaction.atomic
def _post(request: _Request, said: Said, now: datetime, answers: Answers) -> Posted:
    claim = _claim(request)
    place = None if answers else _count(request)
    discussion, author = lock_both(request.discussion_id, request.author)
    must_have_acknowledged(author)
    must_be_open(discussion, now)
    parent = _parent_of(request, discussion)
    facts = facts_of(said, discussion, author, now)
    _must_have_paused(discussion, author, facts.last_at, now)
    try:
        judgement = judged(said, discussion, author, facts, now, answers)
    except Unasked:
        if place is not None:
            limits.give_back(place)  # it is counted before the programs are asked, outside of this transaction
        raise
    comment = _insert(request, published_form(said, judgement), judgement, author, discussion, parent, facts, now)
    status = HTTPStatus.CREATED if judgement.is_public else HTTPStatus.ACCEPTED
    if claim is not None:
        alter(IdempotencyKey, claim, {"status": int(status), "comment_id": comment.pk})
    _tell(comment, judgement)
    return Posted(comment, status)


def _count(request: _Request) -> limits.Place | None:
    factor = MODERATORS_FACTOR if request.author.sections(Duty.MODERATE) else 1
    return limits.hit("comments", request.author.pk, factor=factor)


@prepared(int)
def _order(comment: int) -> QuerySet[Comment, int | None]:
    return Comment.objects.filter(pk=comment).values_list("order", flat=True)


def _claim(request: _Request) -> int | None:
    """Insert the key. Concurrent repeats wait at the unique index until we have committed, or insert it if we fail."""
    if request.key is None:
        return None
    claim = {"author_id": request.author.pk, "key": request.key, "body_hash": request.body_hash, "status": 0}
    return add(IdempotencyKey, claim)


def _tell(comment: Comment, judgement: Judgement) -> None:
    if judgement.is_public:
        if judgement.verdicts:
            keep_hits(comment, judgement)
        events.comment_posted(comment, cases.open_flagged(comment) if judgement.is_flagged else ())
        return
    verdict, case = judgement.decisive, cases.open_held(comment, is_new=True)
    decision = Decision.objects.create(
        comment=comment,
        discussion=case.discussion,
        section=case.section,
        action=Decision.Action.HOLD,
        rule=verdict.rule,
        note=verdict.detail,
    )
    keep_hits(comment, judgement, decision)
    events.comment_held(comment, decision, case)


def _insert(
    request: _Request,
    said: Said,
    judgement: Judgement,
    author: User,
    discussion: Discussion,
    parent: Comment | None,
    facts: Facts,
    now: datetime,
) -> Comment:
    is_public = judgement.is_public
    comment = Comment(
        discussion=discussion,
        author=author,
        parent=parent,
        root_id=_root_of(discussion, parent),
        text=said.text,
        html=said.html,
        state=Comment.State.PUBLISHED if is_public else Comment.State.HELD,
        key=request.key,
        fingerprint=facts.fingerprint,
        by_author=is_by_author(discussion.writer, author.pk),  # type: ignore[attr-defined]  # of `lock_discussion`
        created_at=now,
        published_at=now if is_public else None,
    )
    comment.pk = add(Comment, vars(comment))
    return comment


def _root_of(discussion: Discussion, parent: Comment | None) -> int | None:
    """The thread's top-level comment. None in a chat, which is flat even if a line answers another."""
    if parent is None or discussion.mode == Discussion.Mode.CHAT:
        return None
    return parent.root_id or parent.pk


def _parent_of(request: _Request, discussion: Discussion) -> Comment | None:
    """The comment that is answered. Raises Invalid if it is not in this discussion or not published; BranchLocked."""
    if request.parent_id is None:
        return None
    fits = 0 < request.parent_id <= LARGEST_ID
    there = Comment.objects.filter(discussion=discussion, state=Comment.State.PUBLISHED)
    locks = Exists(Comment.objects.locked().filter(discussion=discussion))
    known: Any = there.only("root_id", "author_id").annotate(has_locks=locks)
    parent = known.filter(pk=request.parent_id).first() if fits else None
    if parent is None:
        sentence = _("This comment cannot be answered.")
        raise Invalid(sentence, errors={"parent": [sentence]})
    locked = Comment.objects.lock_above(parent.pk) if parent.has_locks else None
    if locked is not None:
        raise BranchLocked(_("A moderator has closed the replies here."), locked=locked)
    return parent  # type: ignore[no-any-return]  # of an annotated queryset


def _must_have_paused(discussion: Discussion, author: User, last: datetime | None, now: datetime) -> None:
    """Raises SlowMode if the author's last comment is too recent."""
    if not discussion.slow_seconds or last is None or author.is_staff:
        return
    wait = math.ceil((last + timedelta(seconds=discussion.slow_seconds) - now).total_seconds())
    if wait > 0:
        sentence = ngettext("Slow mode: try again in %d second.", "Slow mode: try again in %d seconds.", wait) % wait
        raise SlowMode(sentence, retry_after=wait)
