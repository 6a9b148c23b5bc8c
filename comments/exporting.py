"""Writes all discussions and comments as lines of JSON, from which `import_comments newsroom` makes the same ones.

docs/moving.md describes the lines, docs/export.schema.json binds them. The first line says what follows; then come
discussions and comments, each in the order of their numbers. Equal content gives equal bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from accounts.models import User
from comments.addresses import canonical
from comments.models import Alias, Comment, CommentRevision, CommentTally, Decision, Discussion
from newsroom.backup.lines import each, line, moment, values
from newsroom.database.snapshot import one_moment
from newsroom.database.statements import loaded

VERSION = 1
HEAD = {"kind": "newsroom", "version": VERSION}
# What stands in the lines as it stands in the database.
DISCUSSION = (
    *("id", "mode", "title", "switch", "until", "reason", "opens_at", "closes_at", "window", "slow_mode_seconds"),
    *("slow_mode_until", "created_at"),
)
COMMENT = (
    *("id", "text", "html", "state", "order", "settled", "created_at", "published_at", "edited_at", "withdrawn_at"),
    *("pinned_at", "featured_at", "by_author", "locked_at", "source", "source_id"),
)
REVISION = ("version", "text", "html", "replaced_at")
DECISION = ("action", "reason", "ground", "norm", "text", "rule", "former", "is_bulk", "created_at", "undone_at")


def write(put: Callable[[bytes], object], say: Callable[[str], None]) -> Counter[str]:
    """Give `put` the lines, all of one moment. Returns how many discussions and comments they tell.

    `say` is told now and then how far it is.
    """
    counts: Counter[str] = Counter(discussions=0, comments=0)
    with one_moment():
        number = Comment.objects.count()
        put(line(HEAD))
        for discussion in each(_discussions()):
            put(line(_discussion(discussion)))
            counts["discussions"] += 1
        for comment in each(_comments()):
            put(line(_comment(comment)))
            counts["comments"] += 1
            say(f"{counts['comments']:,} of {number:,} comments")
    return counts


def key_of(person: User) -> str:
    """By what a file tells one author from another. It is the same in every file, and says nothing of the account."""
    return blake2b(f"{person.pk} {moment(person.date_joined)}".encode(), digest_size=16).hexdigest()


def _discussions() -> QuerySet[Discussion]:
    article = ("article__id", "article__slug")
    rows = Discussion.objects.select_related("article").only(*DISCUSSION, "url", "beside", "merged_into_id", *article)
    return rows.prefetch_related(Prefetch("aliases", Alias.objects.order_by("url")), "article__old_addresses")


def _comments() -> QuerySet[Comment]:
    author = ("author__id", "author__name", "author__date_joined")
    rows = Comment.objects.select_related("author", "tally")
    rows = rows.only(
        *COMMENT, "discussion_id", "parent_id", "root_id", "author_name", "author_key", "version", "tally", *author
    )
    return rows.prefetch_related(
        Prefetch("revisions", CommentRevision.objects.order_by("version")),
        Prefetch("decisions", Decision.objects.order_by("pk")),
    )


def _discussion(row: Discussion) -> dict[str, Any]:
    page, others = row.url, [alias.url for alias in row.aliases.all()]
    article = row.beside
    if row.article is not None:
        article = canonical(settings.SITE_URL + row.article.get_absolute_url())
        if row.mode == Discussion.Mode.THREAD:
            page, article = article, None
            old = (settings.SITE_URL + each.path for each in row.article.old_addresses.all())
            others += [address for address in map(canonical_or_none, old) if address is not None]
    return values(row, DISCUSSION) | {
        "kind": "discussion",
        "url": page,
        "addresses": sorted(set(others) - {page}),
        "article": article,
        "merged_into": row.merged_into_id,
    }


def canonical_or_none(url: str) -> str | None:
    try:
        return canonical(url)
    except ValueError:  # an old address may be longer than ours, or hold what no address holds
        return None


def _comment(row: Comment) -> dict[str, Any]:
    tally: CommentTally | None = loaded(row, "tally")
    author = row.author
    return values(row, COMMENT) | {
        "kind": "comment",
        "discussion": row.discussion_id,
        "parent": row.parent_id,
        "root": row.root_id,
        "author": {
            "name": author.name if author else row.author_name,
            "key": key_of(author) if author else row.author_key,
        },
        "version": row.public_version,
        "votes": tally.reactions if tally else {},
        "revisions": [values(each, REVISION) for each in row.revisions.all()],
        "decisions": [values(each, DECISION) for each in row.decisions.all()],
    }
