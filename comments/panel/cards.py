"""What a card of the panel shows of a case: facts for templates, no markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import ngettext

from accounts.models import Sanction, User
from accounts.reasons import Reason
from comments.access import may_decide_about
from comments.models import Case, Comment, Decision, Report
from comments.moderation import why_it_waits
from comments.panel.words import language_of
from comments.reads.cases import Waiting, sanctions_in_force
from comments.verdicts import hits_json

MOST_WORDS = 8  # that a rule has found, each once
_Action = Decision.Action
YOUNG = timedelta(days=7)  # an account that the card points out


@dataclass(frozen=True, slots=True)
class Card:
    """`said`: what was entered in the form that was refused, with `errors` by field and `error` for all."""

    case: Case
    hits: Sequence[Mapping[str, Any]]
    numbers: Mapping[str, int]  # of the author's comments: published, rejected, removed
    newest: Sequence[Report]
    sanctions: Sequence[Sanction]
    answered: Comment | None
    reader: User | None  # another moderator, who reads it now
    viewer: User
    now: datetime
    said: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    error: str = ""

    @property
    def comment(self) -> Comment:
        return self.case.comment

    @property
    def author_name(self) -> str:
        author = self.comment.author
        return author.name if author else self.comment.author_name

    @property
    def language(self) -> str:
        """In which the author reads the decision."""
        return language_of(self.comment.author)

    @property
    def why(self) -> list[Mapping[str, Any]]:
        """What rules have found: {rule, sentence, detail, words: those that it has found}."""
        text = "" if self.comment.is_gone else self.comment.text
        return [
            {
                "rule": hit["rule"],
                "sentence": why_it_waits(hit["kind"]),
                "detail": hit["detail"],
                "words": list(dict.fromkeys(text[begin:end] for begin, end in hit["spans"]))[:MOST_WORDS],
            }
            for hit in self.hits
        ]

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why readers have reported it: label and number, the most frequent first."""
        known = dict(Reason.choices)
        found = sorted(self.case.reasons.items(), key=lambda each: (-each[1], each[0]))
        return [(str(known.get(code, code)), number) for code, number in found]

    @property
    def reports(self) -> list[tuple[Report, str]]:
        """The newest reports, and how often their reporters were right."""
        return [(each, hit_rate(each)) for each in self.newest]

    @property
    def is_young(self) -> bool:
        author = self.comment.author
        return author is not None and self.now - author.date_joined < YOUNG

    @property
    def is_of_others(self) -> bool:
        """Whether the viewer may decide: about their own comment, or that of a higher rank, another one does."""
        return may_decide_about(self.viewer, self.comment)

    @property
    def is_own(self) -> bool:
        return self.comment.author_id == self.viewer.pk

    @property
    def waits_for(self) -> User | None:
        """Another moderator, whom somebody has asked to decide."""
        return self.case.handed_to if self.case.handed_to != self.viewer else None

    @property
    def may_edit(self) -> bool:
        return self.case.is_open and self.comment.state in {Comment.State.HELD, Comment.State.PUBLISHED}

    @property
    def may_approve(self) -> bool:
        return self.case.is_open and self.comment.state == Comment.State.HELD

    @property
    def may_remove(self) -> bool:
        return self.comment.state == Comment.State.PUBLISHED

    @property
    def may_keep(self) -> bool:
        return self.case.is_open and self.case.kind == Case.Kind.REPORTED and self.may_remove

    @property
    def may_restore(self) -> bool:
        return self.comment.state in {Comment.State.REMOVED, Comment.State.REJECTED}

    @property
    def marks(self) -> list[tuple[str, str]]:
        """The marks that the comment can get or lose: action and label."""
        lock = _Action.UNLOCK if self.comment.locked_at else _Action.LOCK
        if self.comment.state != Comment.State.PUBLISHED:
            return [(lock.value, str(lock.label))] if self.comment.is_gone else []
        pin = _Action.UNPIN if self.comment.pinned_at else _Action.PIN
        feature = _Action.UNFEATURE if self.comment.featured_at else _Action.FEATURE
        return [(each.value, str(each.label)) for each in (pin, feature, lock)]


def hit_rate(report: Report) -> str:
    """How many of the reporter's reports were upheld, of those that were decided; "" without any."""
    tally = getattr(report.reporter, "reporter_tally", None) if report.reporter else None
    decided = tally.upheld + tally.dismissed if tally else 0
    if tally is None or not decided:
        return ""
    sentence = ngettext("{upheld} of {decided} report upheld", "{upheld} of {decided} reports upheld", decided)
    return sentence.format(upheld=tally.upheld, decided=decided)


def cards(rows: Iterable[Waiting], viewer: User, now: datetime) -> list[Card]:
    """One statement for the sanctions of all authors."""
    found = list(rows)
    sanctions = sanctions_in_force(row.case.author_id for row in found)
    return [card(row, viewer, now, sanctions.get(row.case.author_id or 0, ())) for row in found]


def card(row: Waiting, viewer: User, now: datetime, sanctions: Sequence[Sanction], **refused: Any) -> Card:
    reader = row.case.claim_at(now)
    return Card(
        case=row.case,
        hits=hits_json(row.hits, row.hold),
        numbers=row.numbers,
        newest=row.newest,
        sanctions=sanctions,
        answered=row.answered,
        reader=reader if reader != viewer else None,
        viewer=viewer,
        now=now,
        **refused,
    )
