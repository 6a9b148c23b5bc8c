"""Merges two discussions, and separates them again. Comments keep their ids, hence their permalinks."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_somewhere
from accounts.audit import record
from accounts.models import User
from comments import events, folds
from comments.actions import cases
from comments.actions.authorship import by_author
from comments.actions.discussions import lock
from comments.models import Comment, Discussion, Merge
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, NotFound
from newsroom.live.outbox import catch_up, hold, is_caught_up

TRIES = 5
type _Deed = Callable[[Discussion, Discussion, User], Merge]


def merge(source_id: int, target_id: int, *, actor: User) -> Merge:
    """Move all comments of the source into the target, each to its place by time. Requests for the source then get the
    target. Idempotent.

    Raises Forbidden, NotFound; Conflict if they cannot be merged.
    """
    must_somewhere("comments.merge", actor)
    if source_id == target_id:
        raise Conflict(_("A discussion cannot be merged into itself."))
    return _with_both("merge", source_id, target_id, actor, _merge)


def undo_merge(source_id: int, *, actor: User) -> Merge:
    """Move the comments back, with the replies to them since the merge.

    Raises Forbidden, NotFound; Conflict if the target was merged itself.
    """
    must_somewhere("comments.undo_merge", actor)
    found = _standing(source_id)
    return _with_both("undo_merge", source_id, found.target_id, actor, _undo)


def _with_both(name: str, source_id: int, target_id: int, actor: User, deed: _Deed) -> Merge:
    """Run `deed`, whose name is given, with both discussions locked, so that nobody can post. Numbers and folds all
    their events first, since the fold would not find a moved comment. Locks the streams first, then source before
    target: see the lock order.
    """
    streams = [f"discussion.{source_id}", f"discussion.{target_id}"]
    for _try in range(TRIES):
        with transaction.atomic():
            hold(*streams, events.ACTIVITY)
            source, target = lock(source_id), lock(target_id)
            if all(is_caught_up(stream) for stream in streams):
                actor = acting(actor)
                for each in (source, target):
                    must(f"comments.{name}", actor, each.section_id)
                return deed(source, target, actor)
        for stream in streams:
            catch_up(stream)
    raise Conflict(_("Many are writing here: try again in a moment."))


def _merge(source: Discussion, target: Discussion, actor: User) -> Merge:
    if source.merged_into_id == target.pk:
        return _standing(source.pk)
    _must_go_together(source, target)
    merge = Merge.objects.create(source=source, target=target, moderator=actor)
    with connection.cursor() as cursor:  # there may be a million
        cursor.execute(
            "INSERT INTO comments_merge_comments (merge_id, comment_id) "
            "SELECT %s, id FROM comments_comment WHERE discussion_id = %s",
            [merge.pk, source.pk],
        )
    source.merged_into, source.next_change_at = target, None
    source.save(update_fields=["merged_into", "next_change_at"])
    moved = Comment.objects.filter(discussion=source)
    moved.filter(pinned_at__isnull=False).update(pinned_at=None, version=F("version") + 1)  # here others are pinned
    _move(moved, source, target)
    record(actor, "discussion.merged", events.subject_of(source), {"merged_into": None}, {"merged_into": target.pk})
    events.activity_hidden(source)
    return merge


def _undo(source: Discussion, target: Discussion, actor: User) -> Merge:
    merge = _standing(source.pk)
    if merge.target_id != target.pk or target.merged_into_id is not None:
        raise Conflict(_("The other discussion has been merged itself: undo that first."))
    record(
        actor, "discussion.taken_apart", events.subject_of(source), {"merged_into": target.pk}, {"merged_into": None}
    )
    merge.undone_at = timezone.now()
    merge.save(update_fields=["undone_at"])
    source.merged_into, source.next_change_at = None, source.next_change(timezone.now())
    source.save(update_fields=["merged_into", "next_change_at"])
    moved = Merge.comments.through.objects.filter(merge=merge).values("comment")
    here = Comment.objects.filter(discussion=target)
    _move(here.filter(Q(pk__in=moved) | Q(root__in=moved)), target, source)
    return merge


def _standing(source_id: int) -> Merge:
    standing = Merge.objects.select_related("moderator").filter(undone_at=None)
    found = standing.filter(source=source_id).first() if source_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("This discussion has not been merged."))
    return found


def _must_go_together(source: Discussion, target: Discussion) -> None:
    if source.article_id is not None:
        raise Conflict(_("A discussion under an article stays there."))
    if source.mode != target.mode:
        raise Conflict(_("A chat and a thread cannot be merged."))
    if source.merged_into_id is not None or not Discussion.objects.listed().filter(pk=target.pk).exists():
        raise Conflict(_("One of them has been merged already, or is not public."))


def _move(comments: QuerySet[Comment], here: Discussion, there: Discussion) -> None:
    _make_room(comments, here, there)
    comments.update(
        discussion=there, ranked_at=0, by_author=by_author(there.article)
    )  # an offset of one stream means nothing in the other one
    cases.follow(here, there)
    for discussion in (here, there):
        folds.recount(discussion)
        events.discussion_rebuilt(discussion)


def _make_room(comments: QuerySet[Comment], here: Discussion, there: Discussion) -> None:
    """If both discussions have a comment at the same microsecond, move ours to the next free one."""
    theirs = Comment.objects.filter(discussion=there, order__isnull=False)
    clashing = list(comments.filter(order__in=theirs.values("order")).order_by("order").only("order", "root_id"))
    if not clashing:
        return
    later = Comment.objects.filter(discussion__in=[here, there], order__gte=clashing[0].order)
    taken = set(later.values_list("order", flat=True))
    place = 0
    for comment in clashing:
        place = max(place, comment.order or 0) + 1
        while place in taken:
            place += 1
        comment.order = place
    Comment.objects.bulk_update(clashing, ["order"], batch_size=200)
