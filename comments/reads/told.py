"""What mails about notifications say of comments and cases, as their reader may see them now."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from accounts.notifications.digest import Thing
from comments.access import cases_of
from comments.models import BulkJob, Comment, Ignored
from newsroom.text import summary


def comments(reader: User, ids: Collection[int]) -> dict[int, Thing]:
    """Without those that are no longer published, and those by people whom the reader ignores."""
    shown = Comment.objects.visible_to(reader).filter(pk__in=ids, state=Comment.State.PUBLISHED)
    shown = shown.exclude(author__in=Ignored.objects.filter(reader=reader).values("person"))
    shown = shown.select_related("author", "discussion__article")
    shown = shown.defer("discussion__article__body", "discussion__article__html")
    return {each.pk: _thing(each) for each in shown}


def cases(reader: User, ids: Collection[int]) -> dict[int, Thing]:
    """Those that are still open."""
    found = cases_of(reader).open().filter(pk__in=ids).select_related("comment__discussion")
    return {
        each.pk: Thing(each.subject, each.comment.discussion.title, f"/moderation/cases/{each.pk}/") for each in found
    }


def jobs(reader: User, ids: Collection[int]) -> dict[int, Thing]:
    """Decisions about many comments, by the reader."""
    found = BulkJob.objects.filter(moderator=reader, pk__in=ids)
    return {each.pk: Thing(each.subject, "", f"/moderation/bulk/{each.pk}/") for each in found}


def _thing(comment: Comment) -> Thing:
    discussion = comment.discussion
    name = comment.author.name if comment.author else comment.author_name
    thread, url = f"discussion.{discussion.pk}", f"/comments/{comment.pk}/"
    return Thing(thread, discussion.title, url, by=name, text=summary(comment.html))
