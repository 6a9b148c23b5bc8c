"""What the moderation rules say of a text: the facts that they need, their verdicts, and the hits that are kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from accounts.models import User
from comments.actions import rulebook
from comments.actions.asking import Answers, Unasked, unasked
from comments.actions.guards import Said, invalid_text
from comments.errors import Duplicate, RefusedByRule
from comments.models import MAX_DETAIL, MAX_TEXT, Comment, CommentRevision, Decision, Discussion, RuleHit
from comments.moderation import (
    MOST_COUNTED,
    Author,
    Draft,
    Judgement,
    Outcome,
    censored,
    fingerprint,
    judge,
    why_refused,
)
from newsroom.database.statements import is_postgresql, planned_rows, stored_time
from newsroom.errors import Refused
from newsroom.text import addresses, visible

COPIES_WITHIN = timedelta(days=1)
# One statement for all that posting has to know of author and discussion. The order of its values: see `_ask`.
_FACTS = """
SELECT book.edition, article.section_id, said.published, said.linked, said.rejected, said.removed, said.restored,
  last.text, last.state, last.created_at,
  (SELECT {times} FROM (SELECT created_at FROM comments_comment WHERE author_id = %s ORDER BY id DESC LIMIT %s) AS own),
  (SELECT count(*) FROM (SELECT 1 FROM comments_comment WHERE fingerprint = %s AND created_at > %s
    ORDER BY id DESC LIMIT %s) AS copy)
FROM accounts_user AS person
LEFT JOIN comments_rulebook AS book ON book.id = 1
LEFT JOIN comments_authortally AS said ON said.author_id = person.id
LEFT JOIN articles_article AS article ON article.id = %s
LEFT JOIN comments_comment AS last ON last.id = (
  SELECT id FROM comments_comment WHERE author_id = %s AND discussion_id = %s ORDER BY id DESC LIMIT 1)
WHERE person.id = %s"""
_TIMES = {True: "json_agg(own.created_at)::text", False: "json_group_array(own.created_at)"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What posting knows of the author, and of their last comment in the discussion."""

    edition: UUID | None
    section: int | None
    author: Author
    last_own: str = ""  # "" also if it was taken down
    last_at: datetime | None = None
    fingerprint: int | None = None  # of the text


def facts_of(said: Said, discussion: Discussion, author: User, now: datetime) -> Facts:
    """The facts for a new text, from one statement. Flood and copies are counted only if a rule asks for them."""
    known = fingerprint(said.text)
    book = rulebook.kept()
    facts = _ask(known, discussion, author, now, book)
    present = rulebook.of_edition(facts.edition)
    if any(present.asks_for(kind) and not book.asks_for(kind) for kind in ("flood", "copies")):
        facts = _ask(known, discussion, author, now, present)
    return facts


def facts_of_edit(said: Said, comment: Comment, author: User, now: datetime) -> Facts:
    """The facts for the new text of a comment, which is itself neither a copy nor the author's earlier one."""
    facts = facts_of(said, comment.discussion, author, now)
    is_copy = facts.fingerprint is not None and facts.fingerprint == comment.fingerprint
    author_then = replace(facts.author, since=(), copies=max(facts.author.copies - is_copy, 0))
    return replace(facts, author=author_then, last_own="")


def _ask(known: int | None, discussion: Discussion, author: User, now: datetime, book: rulebook.Book) -> Facts:
    recent = MOST_COUNTED if book.asks_for("flood") else 0
    copies = MOST_COUNTED if book.asks_for("copies") and known is not None else 0
    sql = _FACTS.format(times=_TIMES[is_postgresql()])
    values = [author.pk, recent, known or 0, stored_time(now - COPIES_WITHIN), copies]
    rows = planned_rows(sql, [*values, discussion.article_id, author.pk, discussion.pk, author.pk])
    edition, section, published, linked, rejected, removed, restored, text, state, at, times, same = rows[0]
    return Facts(
        edition=edition if edition is None or isinstance(edition, UUID) else UUID(edition),
        section=section,
        author=Author(
            id=author.pk,
            days=(now - author.date_joined) / timedelta(days=1),
            published=published or 0,
            linked=linked or 0,
            rejected=rejected or 0,
            removed=max((removed or 0) - (restored or 0), 0),
            since=tuple((now - _moment(each)).total_seconds() for each in msgspec.json.decode(times or "[]")),
            copies=same,
        ),
        last_own=text if text and state not in Comment.GONE else "",
        last_at=_moment(at) if at else None,
        fingerprint=known,
    )


def _moment(stored: Any) -> datetime:
    """A time as either database gives it: in UTC, perhaps without saying so."""
    at = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def judged(
    said: Said, discussion: Discussion, author: User, facts: Facts, now: datetime, answers: Answers
) -> Judgement:
    """What the rules say of a text that is not refused. Raises Invalid, Duplicate, Refused, and Unasked for a text that
    only programs outside could still refuse or hold.
    """
    rules = rulebook.of_edition(facts.edition).in_force(now)
    draft = replace(draft_of(said, discussion, facts, now), trusted=author.is_staff, answers=answers)
    judgement = judge(draft, rules)
    if judgement.outcome is Outcome.REFUSE:
        raise _refusal(judgement, said, discussion)
    if not draft.trusted and (hooks := unasked(rules, draft)):
        raise Unasked(hooks, draft)
    return judgement


def draft_of(said: Said, discussion: Discussion | None, facts: Facts, now: datetime) -> Draft:
    """`discussion` None: any, as for a trial."""
    return Draft(
        text=said.text,
        visible=visible(said.html) if len(said.text) <= MAX_TEXT else said.text,
        addresses=addresses(said.html),
        max_length=discussion.max_length if discussion else MAX_TEXT,
        last_own=facts.last_own,
        premoderated=discussion is not None and discussion.state_at(now) == Discussion.State.PREMODERATED,
        section=facts.section,
        author=facts.author,
        scorers=rulebook.scorers(),
    )


def published_form(said: Said, judgement: Judgement) -> Said:
    """The text as it is stored: with what a rule replaces covered."""
    return Said.of(censored(said.text, judgement.censored)) if judgement.censored else said


def keep_hits(comment: Comment, judgement: Judgement, decision: Decision | None = None) -> None:
    """Store all verdicts about the comment's present text. `decision`: the one that holds it."""
    RuleHit.objects.bulk_create(
        RuleHit(
            comment=comment,
            decision=decision if verdict == judgement.decisive else None,
            rule_id=verdict.rule_id,
            name=verdict.rule,
            kind=verdict.kind,
            version=verdict.version,
            outcome=verdict.outcome.name.lower(),
            spans=[list(span) for span in verdict.spans],
            score=verdict.score,
            detail=verdict.detail[:MAX_DETAIL],
            is_shadow=verdict.is_shadow,
        )
        for verdict in judgement.verdicts
    )


def set_hits_aside(revision: CommentRevision) -> None:
    """The hits so far belong to the text that the revision keeps."""
    RuleHit.objects.filter(comment=revision.comment_id, revision=None).update(revision=revision)


def _refusal(judgement: Judgement, said: Said, discussion: Discussion) -> Refused:
    verdict = judgement.decisive
    if verdict.rule in {"empty", "too_long"} and verdict.rule_id is None:
        return invalid_text(verdict.detail)
    if verdict.rule == "repeated" and verdict.rule_id is None:
        return Duplicate(verdict.detail)
    return RefusedByRule(why_refused(verdict.kind), judgement=judgement, text=said.text, discussion=discussion.pk)
