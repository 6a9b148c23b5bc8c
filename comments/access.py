"""Who may read which discussion and comment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from math import ceil

from django.utils.translation import gettext as _

from accounts.access import NotLoggedIn, Viewer, moderates
from accounts.models import User
from accounts.subscriptions import Target, followers
from articles.models import Section
from comments.addresses import canonical
from comments.errors import DiscussionClosed
from comments.models import Alias, Comment, Discussion
from newsroom.errors import Invalid, NotFound

LARGEST_ID = 2**63 - 1


def may_read_discussion(viewer: Viewer, key: str) -> bool:
    """Whether `viewer` may follow `discussion.<key>`."""
    number = key_number(key)
    return number is not None and Discussion.objects.visible_to(viewer).filter(pk=number).exists()


def may_read_activity(viewer: Viewer, key: str) -> bool:
    """`chats` is for everybody."""
    return key == ""


def may_read_moderation(viewer: Viewer, key: str) -> bool:
    """`moderation` is all of it, `moderation.<section>` that of one section's articles."""
    return moderates(viewer) and (key == "" or Section.objects.filter(slug=key).exists())


def find_target(viewer: Viewer, key: str) -> Target | None:
    """A discussion to follow."""
    number = key_number(key)
    number = destination(number) if number else None
    found = (
        Discussion.objects.visible_to(viewer).filter(pk=number).select_related("article").first() if number else None
    )
    return Target(found.title, found.get_absolute_url(), str(found.pk)) if found else None


def destination(discussion_id: int) -> int:
    """The discussion whose comments `discussion_id` shows: itself, or the one that it was merged into."""
    into = Discussion.objects.filter(pk=discussion_id).values_list("merged_into", flat=True).first()
    return destination(into) if into else discussion_id


def followers_of(discussion_id: int) -> set[int]:
    """The people who follow a discussion, or one that was merged into it."""
    found: set[int] = set()
    waiting = {discussion_id}
    while waiting:
        found |= waiting
        waiting = set(Discussion.objects.filter(merged_into__in=waiting).values_list("pk", flat=True))
    return {person for pk in found for person in followers("discussion", str(pk))}


def threads_of(article_ids: Iterable[int]) -> dict[int, int]:
    """Article id → the id of its thread, one query."""
    rows = Discussion.objects.filter(article__in=list(article_ids), mode=Discussion.Mode.THREAD)
    return dict(rows.values_list("article_id", "pk"))


def page_address(url: str) -> str:
    """The canonical address of a foreign page. Raises Invalid."""
    try:
        return canonical(url)
    except ValueError as error:
        sentence = _("This is not the address of a web page.")
        raise Invalid(sentence, errors={"url": [sentence]}) from error


def known_addresses(urls: Iterable[str]) -> dict[str, str]:
    """As asked → canonical, without those that are no addresses."""
    found: dict[str, str] = {}
    for url in urls:
        with suppress(ValueError):
            found[url] = canonical(url)
    return found


def by_url(addresses: Sequence[str]) -> dict[str, Discussion]:
    """Canonical address → its discussion with tally, by its own or another of its addresses, two queries; of a merged
    one the one that it was merged into.
    """
    rows = Discussion.objects.select_related("tally")
    found = {row.url: row for row in rows.filter(url__in=addresses) if row.url} if addresses else {}
    others = [address for address in addresses if address not in found]
    aliases = Alias.objects.select_related("discussion__tally").filter(url__in=others) if others else ()
    found |= {alias.url: alias.discussion for alias in aliases}
    while merged := {row.merged_into_id for row in found.values() if row.merged_into_id}:
        into = rows.in_bulk(merged)
        found = {url: into[row.merged_into_id] if row.merged_into_id else row for url, row in found.items()}
    return found


def person(viewer: Viewer) -> User:
    """Somebody who is logged in. Raises NotLoggedIn."""
    if not isinstance(viewer, User):
        raise NotLoggedIn(_("Log in first."))
    return viewer


def find_comment(viewer: Viewer, pk: int) -> Comment:
    """With discussion, author and tally. Raises NotFound, also where `viewer` may not know of it."""
    found = Comment.objects.visible_to(viewer).select_related("discussion", "author", "tally").filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    return found


def must_be_open(discussion: Discussion, now: datetime) -> None:
    """Whether anybody may speak here at `now`. Raises DiscussionClosed."""
    if discussion.state_at(now) != Discussion.State.CLOSED:
        return
    opens = discussion.opens_next(now)
    raise DiscussionClosed(
        (discussion.is_by_hand(now) and discussion.reason) or _closed_sentence(discussion, now),
        opens_at=opens or discussion.opens_at,
        closes_at=discussion.closes_at,
        retry_after=max(1, ceil((opens - now).total_seconds())) if opens else None,
    )


def _closed_sentence(discussion: Discussion, now: datetime) -> str:
    if discussion.is_early(now):
        return _("This discussion has not opened yet.")
    if discussion.opens_next(now):
        return _("This discussion is closed at this hour.")
    return _("This discussion is closed.")


def key_number(key: str) -> int | None:
    """A row's number written as a decimal without leading zeros, else None."""
    if not (key.isascii() and key.isdigit() and len(key) <= 19) or key.startswith("0"):
        return None
    number = int(key)
    return number if number <= LARGEST_ID else None
