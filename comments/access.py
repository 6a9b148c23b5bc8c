"""Who may read which discussion and comment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from math import ceil
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from accounts.access import (
    STATEMENTS,
    Viewer,
    duties_of,
    moderates,
    must_moderate,
    must_moderate_somewhere,
    somebody,
)
from accounts.duties import EVERYWHERE, Duties, Duty, Sections, within
from accounts.models import User
from accounts.notifications.subscriptions import Target, followers
from articles.access import missing, own_articles_of
from articles.models import Section
from articles.reads import section_of
from comments.addresses import canonical
from comments.errors import DiscussionClosed
from comments.models import Alias, Case, Comment, Decision, Discussion, Rule
from comments.models.cases import CaseQuerySet
from newsroom.database.keys import LARGEST_ID, key_number
from newsroom.database.statements import Prepared, each_of_many, many, prepared, unlike_any
from newsroom.errors import Forbidden, Invalid, NotFound, Refused
from newsroom.text import clean_line


def may_read_discussion(viewer: Viewer, key: str) -> bool:
    """Whether `viewer` may follow `discussion.<key>`."""
    number = key_number(key)
    return number is not None and Discussion.objects.visible_to(viewer).filter(pk=number).exists()


def may_read_activity(viewer: Viewer, key: str) -> bool:
    """`chats` is public."""
    return key == ""


def may_read_moderation(viewer: Viewer, key: str) -> bool:
    """`moderation` has all comments, `moderation.<section>` those on one section's articles."""
    here = sections_moderated(viewer)
    if here == EVERYWHERE:
        return key == "" or Section.objects.filter(slug=key).exists()
    return key != "" and Section.objects.filter(slug=key, pk__in=here).exists()


def sections_moderated(viewer: Viewer) -> Sections:
    """The ids of the sections whose cases `viewer` may see; EVERYWHERE: all, and what belongs to no section."""
    return viewer.sections(Duty.MODERATE) if isinstance(viewer, User) else frozenset()


def moderation_stream(moderator: User, section: Section | None = None) -> str | None:
    """The stream of moderators that tells of what this one sees, of this section alone if one is given. A moderator of
    several sections has none that tells of all.
    """
    sections = sections_moderated(moderator)
    if section is None and sections == EVERYWHERE:
        return "moderation"
    if section is None and len(sections) == 1:
        section = Section.objects.filter(pk__in=sections).first()
    return f"moderation.{section.slug}" if section else None


def sections_led(viewer: Viewer) -> Sections:
    """The ids of the sections whose moderators `viewer` leads; EVERYWHERE: all. Raises Forbidden if there are none."""
    here = viewer.sections(Duty.HEAD) if isinstance(viewer, User) else frozenset()
    if not here:
        raise Forbidden(_("Only those who lead the moderators can do that."))
    return here


def cases_of(viewer: Viewer) -> CaseQuerySet:
    """The cases that `viewer` may see."""
    return Case.objects.filter(within(sections_moderated(viewer), "section"))


def must_find_section(viewer: Viewer, slug: str) -> None:
    """Raises NotFound for the slug of a section that `viewer` does not moderate; "" stands for all of them."""
    if slug and (clean_line(slug) != slug or not may_read_moderation(viewer, slug)):
        raise NotFound(_("There is no such section."))


def may_decide_about(moderator: User, comment: Comment) -> bool:
    """Whether the comment is neither the moderator's own nor by somebody of a higher rank."""
    author = comment.author
    return author is None or (author.pk != moderator.pk and author.rank <= moderator.rank)


def moderates_in(viewer: Viewer, discussion: Discussion) -> bool:
    """Whether `viewer` decides about comments there."""
    here = sections_moderated(viewer)
    return here == EVERYWHERE or (bool(here) and discussion.section_id in here)


def find_moderated(viewer: Viewer, pk: int) -> Comment:
    """A comment about which `viewer` decides. Raises NotLoggedIn, Forbidden, NotFound, Gone."""
    moderator = must_moderate_somewhere(viewer)
    comment = find_comment(moderator, pk)
    must_moderate(moderator, comment.discussion.section_id)
    return comment


def find_person(viewer: Viewer, pk: int) -> User:
    """Somebody whose record moderators of any section see. Raises NotLoggedIn, Forbidden, NotFound."""
    must_moderate_somewhere(viewer)
    found = User.objects.filter(pk=pk).first() if pk <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def find_decision(viewer: Viewer, pk: int) -> Decision:
    """A decision about a comment about which `viewer` decides. Raises NotLoggedIn, Forbidden, NotFound, Gone."""
    moderator = must_moderate_somewhere(viewer)
    found = Decision.objects.filter(pk=pk).first() if pk <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such decision."))
    find_moderated(moderator, found.comment_id)
    return found


def find_moderated_section(moderator: User, slug: str) -> Section:
    """One of the moderator's sections. Raises NotFound for an unknown one, Forbidden for another."""
    section = section_of(slug)
    if section is None:
        raise NotFound(_("There is no such section."))
    must_moderate(moderator, section.pk)
    return section


def missing_discussion(key: int | str | None) -> Refused:
    """The exception for a discussion that cannot be read: NotFound, or Gone if its article was retracted."""
    number = key_number(str(key)) or 0  # None would find the articles without a discussion
    return missing(_("There is no such discussion."), discussions__pk=number)


def find_target(viewer: Viewer, key: str) -> Target:
    """A discussion to follow. Raises NotFound, Gone."""
    number = key_number(key)
    number = destination(number) if number else None
    found = (
        Discussion.objects.visible_to(viewer).filter(pk=number).select_related("article").first() if number else None
    )
    if found is None:
        raise missing_discussion(number)
    return _target_of(found)


def find_targets(viewer: Viewer, ids: Sequence[int]) -> dict[int, Target]:
    """Discussions to follow by their ids; for a merged one, that into which it was merged."""
    places = dict(zip(ids, ids, strict=True))
    while moved := dict(_merged(many({*places.values()}))):
        places = {pk: moved.get(there, there) for pk, there in places.items()}
    readable = _readable(duties_of(viewer)).run(many({*places.values()}), *own_articles_of(viewer))
    known = {discussion.pk: _target_of(discussion) for discussion in readable}
    return {pk: known[there] for pk, there in places.items() if there in known}


@prepared(str)
def _merged(several: str) -> QuerySet[Discussion, Any]:
    """Pairs: a merged discussion, and where it went."""
    those = Discussion.objects.filter(pk__in=RawSQL(each_of_many(), [several]), merged_into__isnull=False)  # noqa: S611
    return those.values_list("pk", "merged_into", named=True)


@lru_cache(STATEMENTS)
def _readable(duties: Duties | None) -> Prepared[Discussion]:
    several, person = unlike_any(str, int)
    viewer = somebody(duties, person)

    def make(several: str, *_: int) -> QuerySet[Discussion]:
        rows = Discussion.objects.visible_to(viewer).filter(pk__in=RawSQL(each_of_many(), [several]))  # noqa: S611
        return rows.select_related("article").only("title", "mode", "url", "article__slug")

    return Prepared(make, several, *own_articles_of(viewer), is_kept=True)


def _target_of(discussion: Discussion) -> Target:
    return Target(discussion.title, discussion.get_absolute_url(), str(discussion.pk))


def destination(discussion_id: int) -> int:
    """The discussion whose comments `discussion_id` shows: itself, or the one that it was merged into."""
    into = Discussion.objects.filter(pk=discussion_id).values_list("merged_into", flat=True).first()
    return destination(into) if into else discussion_id


def followers_of(discussion_id: int) -> set[int]:
    """The people who follow a discussion, or one that was merged into it, or the article below which it stands."""
    found: set[int] = set()
    waiting = {discussion_id}
    while waiting:
        found |= waiting
        waiting = set(Discussion.objects.filter(merged_into__in=waiting).values_list("pk", flat=True))
    own = {person for pk in found for person in followers("discussion", str(pk))}
    thread = Discussion.objects.filter(pk=discussion_id, mode=Discussion.Mode.THREAD, article__isnull=False)
    articles = thread.values_list("article", flat=True)
    return own | {person for article in articles for person in followers("article", str(article))}


def thread_of_article() -> Subquery:
    """The id of an article's thread, beside the article."""
    return Subquery(Discussion.objects.filter(article=OuterRef("pk"), mode=Discussion.Mode.THREAD).values("pk")[:1])


def page_address(url: str) -> str:
    """The canonical address of a foreign page. Raises Invalid."""
    try:
        return canonical(url)
    except ValueError as error:
        sentence = _("This is not the address of a web page.")
        raise Invalid(sentence, errors={"url": [sentence]}) from error


def known_addresses(urls: Iterable[str]) -> dict[str, str]:
    """Address as given → canonical address, without invalid ones."""
    found: dict[str, str] = {}
    for url in urls:
        with suppress(ValueError):
            found[url] = canonical(url)
    return found


def by_url(addresses: Sequence[str]) -> dict[str, Discussion]:
    """Canonical address → its discussion with tally, found by any of its addresses, in two queries. For a merged
    discussion, the one that it was merged into.
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


def find_comment(viewer: Viewer, pk: int) -> Comment:
    """The comment with discussion, author and tally. Raises NotFound, also if `viewer` may not know of it; Gone if its
    article was retracted.
    """
    found = _comment(duties_of(viewer)).run(pk, *_reads_own_comments(viewer)) if pk <= LARGEST_ID else []
    if not found:
        known = Comment.objects.told_to(viewer).filter(pk=pk)
        raise missing(_("There is no such comment."), discussions__comments__in=known)
    return found[0]


@lru_cache(STATEMENTS)
def _comment(duties: Duties | None) -> Prepared[Comment]:
    pk, person = unlike_any(int, int)
    viewer = somebody(duties, person)

    def make(pk: int, *_: int) -> QuerySet[Comment]:
        return Comment.objects.visible_to(viewer).select_related("discussion", "author", "tally").filter(pk=pk)

    return Prepared(make, pk, *_reads_own_comments(viewer))


def _reads_own_comments(viewer: Viewer) -> list[int]:
    """Like `own_articles_of`, for statements about comments."""
    return own_articles_of(viewer) or ([viewer.pk or 0] if viewer.is_authenticated and not moderates(viewer) else [])


def find_rule(viewer: Viewer, pk: int) -> Rule:
    """A rule, for moderators of any section. Raises NotLoggedIn, Forbidden, NotFound."""
    must_moderate_somewhere(viewer)
    rows = Rule.objects.select_related("section", "changed_by")
    rule = rows.filter(pk=pk).first() if pk <= LARGEST_ID else None
    if rule is None:
        raise NotFound(_("There is no such rule."))
    return rule


def must_be_open(discussion: Discussion, now: datetime) -> None:
    """Raises DiscussionClosed unless comments are allowed here at `now`."""
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
