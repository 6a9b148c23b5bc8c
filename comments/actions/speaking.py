"""What posting and editing share: who may speak where, and what our rules say to the text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import may_take_part
from accounts.models import User
from comments import events, folds
from comments.access import LARGEST_ID
from comments.errors import Duplicate
from comments.models import MAX_TEXT, Comment, Discussion
from comments.moderation import Draft, Outcome, Verdict, judge
from newsroom.errors import Invalid, NotFound, Refused
from newsroom.prepared import is_postgresql, planned_cursor, prepared
from newsroom.text import clean, render_comment, visible

RAW_FACTOR = 4  # cleaning drops signs; what is so many times too long is not even cleaned


@dataclass(frozen=True, slots=True)
class Said:
    """A text, cleaned, and its HTML; made before any lock is taken."""

    text: str
    html: str

    @classmethod
    def of(cls, raw: str) -> Said:
        """Raises Invalid for what could never fit."""
        if len(raw) > RAW_FACTOR * MAX_TEXT:
            raise invalid_text(_("At most %d characters fit in here.") % MAX_TEXT)
        text = clean(raw)
        return cls(text, render_comment(text) if len(text) <= MAX_TEXT else "")


def lock_discussion(discussion_id: int, author: User) -> Discussion:
    """The discussion, or the one that it was merged into, shared with others who speak: closing it waits for us.

    Raises NotFound.
    """
    if not 0 < discussion_id <= LARGEST_ID:
        raise NotFound(_("There is no such discussion."))
    if is_postgresql():  # Django knows no FOR KEY SHARE; on SQLite we are alone
        with planned_cursor() as cursor:
            cursor.execute("SELECT 1 FROM comments_discussion WHERE id = %s FOR KEY SHARE", [discussion_id])
    found = _any_discussion(discussion_id) if author.edits else _discussion(discussion_id, author.pk)
    if not found:
        raise NotFound(_("There is no such discussion."))
    into = found[0].merged_into_id
    return lock_discussion(into, author) if into else found[0]


def hold_comment(comment_id: int) -> Comment:
    """The streams on which a comment's text may stand, first of all in an action that redacts: see the lock order.

    Until they are held, a merge may move it to another discussion. Whoever keeps its thread will read it anew.
    Raises NotFound.
    """
    rows = Comment.objects.only("discussion_id", "author_id", "root_id").filter(pk=comment_id)
    held, found = 0, rows.first()
    while found is not None and found.discussion_id != held:
        events.hold_streams(found)
        held, found = found.discussion_id, rows.first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    folds.touch(found)
    return found


def lock_author(author_id: int, scope: str) -> User:
    """The person as they stand now; barring them waits for us, and their own posts come one by one.

    `scope`: what they do, as a sanction names it.

    Raises NotLoggedIn, Unconfirmed, Barred.
    """
    found = _person(author_id)
    if not found:
        raise NotFound(_("There is no such person."))
    may_take_part(found[0], scope)
    return found[0]


def lock_both(discussion_id: int, actor: User, scope: str | None = None) -> tuple[Discussion, User]:
    """`lock_discussion` and `lock_author`; who lost a role meanwhile sees no more than anybody.

    `scope`: what they do there, if it is not to write.
    """
    discussion = lock_discussion(discussion_id, actor)
    author = lock_author(actor.pk, scope or discussion.scope)
    if actor.edits and not author.edits:
        discussion = lock_discussion(discussion_id, author)
    return discussion, author


@prepared(int, int)
def _discussion(pk: int, reader: int) -> QuerySet[Discussion]:
    return Discussion.objects.visible_to(User(pk=reader)).select_related("hours").filter(pk=pk)


@prepared(int)
def _any_discussion(pk: int) -> QuerySet[Discussion]:
    return Discussion.objects.visible_to(User(role=User.Role.EDITOR)).select_related("hours").filter(pk=pk)


@prepared(int)
def _person(pk: int) -> QuerySet[User]:
    return User.objects.select_for_update(no_key=True).filter(pk=pk)


def judged(said: Said, discussion: Discussion, author: User, *, now: datetime, last_own: str = "") -> Verdict:
    """What our rules say: PUBLISH or HOLD. Raises Invalid, Duplicate, Refused."""
    verdict = judge(
        Draft(
            text=said.text,
            visible=visible(said.html) if len(said.text) <= MAX_TEXT else said.text,
            links=said.html.count("<a "),
            max_length=discussion.max_length,
            last_own=last_own,
            premoderated=discussion.state_at(now) == Discussion.State.PREMODERATED,
            trusted=author.is_staff,
        )
    )
    if verdict.outcome is Outcome.REFUSE:
        raise _refusal(verdict)
    return verdict


def invalid_text(sentence: str) -> Invalid:
    return Invalid(sentence, errors={"text": [sentence]})


def _refusal(verdict: Verdict) -> Refused:
    if verdict.rule in {"empty", "too_long"}:
        return invalid_text(verdict.detail)
    if verdict.rule == "repeated":
        return Duplicate(verdict.detail)
    return Refused(verdict.detail, rule=verdict.rule)
