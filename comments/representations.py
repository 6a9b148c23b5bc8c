"""The public shapes of comments, discussions and decisions: the same in answers, events and pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from accounts.models import User
from accounts.representations import author_json
from comments.models import (
    BulkJob,
    Case,
    Comment,
    CommentTally,
    Decision,
    Discussion,
    DiscussionTally,
    FormalWarning,
    Merge,
    Reaction,
    Report,
    RuleHit,
)
from comments.verdicts import hits_json
from newsroom.api.renderers import iso
from newsroom.database.statements import loaded
from newsroom.live.registry import Words
from newsroom.text import summary

EXCERPT = 140  # characters of the last comment in a list of discussions, and of a pinned one
READER = User.Role.READER.value

type Json = dict[str, Any]


class CommentRow(Protocol):
    """The attributes from which the JSON of a comment is made: of a Comment, or of a plain row."""

    @property
    def id(self) -> int: ...
    @property
    def discussion_id(self) -> int: ...
    @property
    def parent_id(self) -> int | None: ...
    @property
    def root_id(self) -> int | None: ...
    @property
    def order(self) -> int | None: ...
    @property
    def version(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def edited_at(self) -> datetime | None: ...
    @property
    def pinned_at(self) -> datetime | None: ...
    @property
    def featured_at(self) -> datetime | None: ...
    @property
    def locked_at(self) -> datetime | None: ...
    @property
    def by_author(self) -> bool: ...


def comment_json(comment: Comment) -> Json:
    """A comment as everybody sees it. Reads `author` and `tally`: load them first."""
    author = author_json(comment.author) if comment.author else nobody(comment.author_name)
    tally = tally_of(comment)
    if tally is None:
        return shape(comment, author)
    return shape(comment, author, tally.reply_count, tally.reactions, tally.rounds)


# Whatever changes these of a comment redacts its earlier events.
WORDS = Words("comments_comment", "comment.", ("text", "html"))


def log_json(comment: Comment) -> Json:
    """A comment as the log of its discussion keeps it: with its own version only, and without its words, which are read
    from its row.
    """
    data = comment_json(comment) | {"version": comment.version}
    return data | dict.fromkeys(WORDS.columns) if data["text"] else data


def shape(
    row: CommentRow,
    author: Json,
    reply_count: int | None = None,
    reactions: dict[str, int] | None = None,
    rounds: int | None = None,
) -> Json:
    """{id, discussion, parent, root, order, version, author, text, html, …}; without text if it was taken down.

    The last three come from its tally; None if it has none.
    """
    gone, is_public = row.state in Comment.GONE, row.state == Comment.State.PUBLISHED
    return {
        "id": row.id,
        "discussion": row.discussion_id,
        "parent": row.parent_id,
        "root": row.root_id,
        "order": row.order,
        "version": row.version + (rounds or 0),
        "author": author,
        "text": "" if gone else row.text,
        "html": "" if gone else row.html,
        "state": row.state,
        "created_at": iso(row.created_at),
        "edited_at": row.edited_at and iso(row.edited_at),
        "pinned": is_public and row.pinned_at is not None,
        "featured": is_public and row.featured_at is not None,
        "locked": row.locked_at is not None,
        "by_author": bool(row.by_author) and author["id"] is not None,
        "reply_count": reply_count or 0,
        "reactions": reactions or {},
    }


def nobody(name: str) -> Json:
    """An author without an account: with a name from an import, or without one after an erasure."""
    return {"id": None, "name": name, "role": READER, "avatar": None, "page": None}


def tally_of(comment: Comment) -> CommentTally | None:
    """The tally that was loaded with the comment. None if none was loaded, as for a new comment, which has none."""
    found: CommentTally | None = loaded(comment, "tally")
    return found


def reacted_json(comment: Comment, mine: list[str]) -> Json:
    """A comment after a reaction: {comment, version, reactions, mine}."""
    tally = tally_of(comment)
    return {
        "comment": comment.pk,
        "version": comment.public_version,
        "reactions": tally.reactions if tally else {},
        "mine": mine,
    }


def reaction_json(reaction: Reaction) -> Json:
    """{kind, person}: who has reacted how."""
    return {"kind": reaction.name, "person": author_json(reaction.person)}


def discussion_json(discussion: Discussion, now: datetime) -> Json:
    """A discussion as everybody sees it. Reads `article`, `tally` and the tally's last comment with its author."""
    tally: DiscussionTally = discussion.tally
    article, last = discussion.article, tally.last_comment
    state = discussion.state_at(now)
    opens_next = discussion.opens_next(now) if state == Discussion.State.CLOSED else None
    return {
        "id": discussion.id,
        "version": tally.version,
        "title": discussion.title,
        "mode": discussion.mode,
        "article": article.slug if article else None,
        "language": article.language if article else None,
        "url": discussion.url,
        "state": str(state),
        "reason": _why(discussion, state, now),
        "closes_at": iso(discussion.closes_at),
        "opens_at": iso(opens_next or discussion.opens_at),
        "next_change": iso(discussion.next_change(now)),
        "slow_mode_seconds": discussion.slow_seconds,
        "slow_mode_until": iso(discussion.slow_mode_until),
        "max_length": discussion.max_length,
        "comment_count": tally.comment_count,
        "last_activity": iso(tally.last_activity),
        "last_comment": last_comment_json(last) if last else None,
        "stream": discussion.stream,
    }


def _why(discussion: Discussion, state: str, now: datetime) -> str:
    """A moderator's reason, or if the times decide "not_open_yet", "over" or "hours"; "" for an open discussion."""
    if discussion.is_by_hand(now):
        return discussion.reason
    if state == Discussion.State.OPEN:
        return ""
    if discussion.is_early(now):
        return "not_open_yet"
    return "over" if discussion.is_late(now) else "hours"


def last_comment_json(comment: Comment) -> Json | None:
    """{id, author, text: the beginning without markup, created_at}; None if it was taken down."""
    if comment.state != Comment.State.PUBLISHED:
        return None
    author = comment.author
    return {
        "id": comment.id,
        "author": author_json(author) if author else nobody(comment.author_name),
        "text": beginning(comment.html),
        "created_at": iso(comment.created_at),
    }


@lru_cache(500)
def beginning(html: str) -> str:
    """The beginning as plain text; cached, since each list of discussions shows the same last comments."""
    text = summary(html)
    return text if len(text) <= EXCERPT else f"{text[: EXCERPT - 1].rstrip()}…"


def decision_json(decision: Decision) -> Json:
    """A decision, for moderators: also the note and, in `text`, the words to the author."""
    return {
        "id": decision.pk,
        "comment": decision.comment_id,
        "moderator": author_json(decision.moderator) if decision.moderator else None,
        "action": decision.action,
        "reason": decision.reason,
        "ground": decision.ground,
        "norm": decision.norm,
        "text": decision.text,
        "note": decision.note,
        "rule": decision.rule,
        "created_at": iso(decision.created_at),
        "undone_at": iso(decision.undone_at),
    }


def logged_json(row: Any) -> Json:
    """A decision in the log, for moderators, as `comments.reads.decisions` loads it. What a rule noted is left out: it
    may quote a text that nobody shall read any more.
    """
    section, author, discussion = row.section, row.comment.author, row.discussion
    return {
        **decision_json(row),
        "note": "" if row.rule else row.note,
        "automated": bool(row.rule),
        "bulk": row.is_bulk,
        "job": row.job_id,
        "section": {"slug": section.slug, "name": section.name} if section else None,
        "discussion": {"id": discussion.pk, "title": discussion.title} if discussion else None,
        "case": row.case,
        "permalink": f"/comments/{row.comment_id}/",
        "author": author_json(author) if author else nobody(row.comment.author_name),
    }


def ruling_json(decision: Decision) -> Json:
    """{id, action, reason, at, undone_at}: the decision in the answer to a moderator's request."""
    return {
        "id": decision.pk,
        "action": decision.action,
        "reason": decision.reason,
        "at": iso(decision.created_at),
        "undone_at": iso(decision.undone_at),
    }


def merge_json(merge: Merge) -> Json:
    """{discussion, into, moderator, created_at}, for moderators and editors."""
    return {
        "discussion": merge.source_id,
        "into": merge.target_id,
        "moderator": author_json(merge.moderator) if merge.moderator else None,
        "created_at": iso(merge.created_at),
    }


def queue_json(comment: Comment, hold: Decision | None, hits: Sequence[RuleHit] = ()) -> Json:
    """A held comment, the discussion's title, the rule that held it with the quoted text, and all that rules have found
    in it, for moderators.
    """
    held: Mapping[str, str] = {"rule": hold.rule, "note": hold.note} if hold else {"rule": "", "note": ""}
    return {**comment_json(comment), "title": comment.discussion.title, **held, "hits": hits_json(hits, hold)}


def case_json(case: Case, now: datetime, *, hits: Sequence[Json] = (), newest: Iterable[Report] = ()) -> Json:
    """A case, for moderators. Reads what `Case.objects.with_all()` loads. `newest`: some of its reports."""
    comment, article, section = case.comment, case.comment.discussion.article, case.section
    reader = case.claim_at(now)
    said = comment_json(comment)
    return {
        "id": case.pk,
        "kind": case.kind,
        "comment": said
        | {
            "title": comment.discussion.title,
            "article": article.slug if article else None,
            "permalink": f"/comments/{comment.pk}/",
        },
        "section": {"slug": section.slug, "name": section.name} if section else None,
        "author": said["author"],
        "hits": list(hits),
        "reports": {"count": case.reports, "reasons": case.reasons, "newest": [report_json(each) for each in newest]},
        "weight": case.weight,
        "opened_at": iso(case.opened_at),
        "due_at": iso(case.due_at),
        "closed_at": iso(case.closed_at),
        "claim": {"by": author_json(reader), "until": iso(case.claimed_until)} if reader else None,
        "handed": _handed_json(case),
        "decision": ruling_json(case.decision) if case.decision else None,
    }


def _handed_json(case: Case) -> Json | None:
    if case.handed_at is None:
        return None
    by, to = (author_json(each) if each else None for each in (case.handed_by, case.handed_to))
    return {"by": by, "to": to, "note": case.handed_note, "at": iso(case.handed_at)}


def without_words(case: Json) -> Json:
    """A case whose comment nobody shall read any more: without its text and all that may quote it."""
    comment = case["comment"] | {"text": "", "html": ""}
    hits = [hit | {"spans": [], "detail": ""} for hit in case["hits"]]
    handed = case["handed"] and case["handed"] | {"note": ""}
    return case | {"comment": comment, "hits": hits, "reports": case["reports"] | {"newest": []}, "handed": handed}


def report_json(report: Report) -> Json:
    """A reader's report, for moderators, with how often the reporter was right."""
    reporter = report.reporter
    tally = loaded(reporter, "reporter_tally") if reporter else None
    return {
        "id": report.pk,
        "reason": report.reason,
        "text": report.text,
        "version": report.version,
        "outcome": report.outcome,
        "created_at": iso(report.created_at),
        "reporter": author_json(reporter)
        | {"reports": {name: getattr(tally, name, 0) for name in ("made", "upheld", "dismissed")}}
        if reporter
        else None,
    }


def warning_json(warning: FormalWarning) -> Json:
    """{id, reason, text, created_at, acknowledged_at, url}: a warning, for the person who was warned."""
    return {
        "id": warning.pk,
        "reason": warning.reason,
        "text": warning.text,
        "created_at": iso(warning.created_at),
        "acknowledged_at": iso(warning.acknowledged_at),
        "url": f"/warnings/{warning.pk}/",
    }


def own_report_json(report: Report) -> Json:
    """{id, comment, reason, text, outcome, created_at}: a report, for the person who made it."""
    return {
        "id": report.pk,
        "comment": report.comment_id,
        "reason": report.reason,
        "text": report.text,
        "outcome": report.outcome,
        "created_at": iso(report.created_at),
    }


def bulk_json(job: BulkJob) -> Json:
    """A decision about many comments, for the moderator who made it: how far it is, and what became of it."""
    return {
        "id": job.pk,
        "state": job.state,
        "action": job.action,
        "reason": job.reason,
        "text": job.text,
        "count": job.count,
        "done": job.done,
        "refused": job.refused,
        "why": job.why,
        "undone": job.undone,
        "left": job.left,
        "created_at": iso(job.created_at),
        "finished_at": iso(job.finished_at),
        "undoable_until": iso(job.undoable_until),
    }
