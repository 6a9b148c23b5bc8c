"""Checks shared by posting and editing: who may write where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.access import STATEMENTS, Place, may_take_part, somebody
from accounts.duties import Duties
from accounts.models import User
from articles.access import own_articles_of
from comments import events
from comments.access import missing_discussion
from comments.models import MAX_TEXT, Comment, Discussion
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import Prepared, is_postgresql, planned_cursor, prepared, unlike_any
from newsroom.errors import Invalid, NotFound
from newsroom.text import clean, render_comment

RAW_FACTOR = 4  # cleaning removes signs; a text that is so many times too long is not even cleaned


@dataclass(frozen=True, slots=True)
class Said:
    """A cleaned text and its HTML; made before any lock is taken."""

    text: str
    html: str

    @classmethod
    def of(cls, raw: str, field: str = "text") -> Said:
        """Raises Invalid, about the field of this name, for a text that is too long in any case."""
        if len(raw) > RAW_FACTOR * MAX_TEXT:
            raise invalid_text(_("At most %d characters fit in here.") % MAX_TEXT, field)
        text = clean(raw)
        return cls(text, render_comment(text) if len(text) <= MAX_TEXT else "")


def lock_discussion(discussion_id: int, author: User) -> Discussion:
    """The discussion, or the one that it was merged into, with a shared lock: other comments can be posted, but closing
    it waits for us. Its `writer` is the account of the article's author.

    Raises NotFound, Gone.
    """
    if not 0 < discussion_id <= LARGEST_ID:
        raise NotFound(_("There is no such discussion."))
    if is_postgresql():  # Django has no FOR KEY SHARE; SQLite has a single writer
        with planned_cursor() as cursor:
            cursor.execute("SELECT 1 FROM comments_discussion WHERE id = %s FOR KEY SHARE", [discussion_id])
    found = _discussion(author.in_force).run(discussion_id, *own_articles_of(author))
    if not found:
        raise missing_discussion(discussion_id)
    into = found[0].merged_into_id
    return lock_discussion(into, author) if into else found[0]


def hold_comment(comment_id: int) -> Comment:
    """Lock the streams that may contain the comment's text: the first step of an action that redacts, see the lock
    order.

    Until they are locked, a merge may move it to another discussion. Raises NotFound.
    """
    place = "discussion__article__section"
    rows = Comment.objects.select_related(place).only("author_id", f"{place}__slug").filter(pk=comment_id)
    held, found = 0, rows.first()
    while found is not None and found.discussion_id != held:
        events.hold_streams(found)
        held, found = found.discussion_id, rows.first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    return found


def lock_author(author_id: int, scope: str, place: Place | None = None) -> User:
    """Lock the person and return them as they are now. A sanction waits for us, and so do their other posts.

    `scope`: what they do, as a sanction names it; `place`: the discussion where they do it. Raises NotLoggedIn,
    Unconfirmed, Barred.
    """
    found = _person(author_id)
    if not found:
        raise NotFound(_("There is no such person."))
    may_take_part(found[0], scope, place)
    return found[0]


def lock_both(discussion_id: int, actor: User, scope: str | None = None) -> tuple[Discussion, User]:
    """`lock_discussion` and `lock_author`. A person who has just lost a duty sees only what is public.

    `scope`: what they do there, if it is not writing.
    """
    discussion = lock_discussion(discussion_id, actor)
    author = lock_author(actor.pk, scope or discussion.scope, discussion)
    if actor.in_force != author.in_force:
        discussion = lock_discussion(discussion_id, author)
    return discussion, author


@lru_cache(STATEMENTS)
def _discussion(duties: Duties) -> Prepared[Discussion]:
    pk, person = unlike_any(int, int)
    viewer = somebody(duties, person)

    def make(pk: int, *_: int) -> QuerySet[Discussion]:
        rows = Discussion.objects.visible_to(viewer).select_related("hours").filter(pk=pk)
        return rows.annotate(writer=F("article__writer"))

    return Prepared(make, pk, *own_articles_of(viewer))


@prepared(int)
def _person(pk: int) -> QuerySet[User]:
    return User.objects.select_for_update(no_key=True).filter(pk=pk)


def invalid_text(sentence: str, field: str = "text") -> Invalid:
    return Invalid(sentence, errors={field: [sentence]})
