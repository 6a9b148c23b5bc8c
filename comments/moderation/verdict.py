"""What rules get, and what they answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from comments.moderation.folding import Span


class Outcome(IntEnum):
    """From mild to harsh; the harshest of all verdicts decides."""

    PUBLISH = 0
    FLAG = 1  # published, and moderators see why it was noticed
    CENSOR = 2  # published with the words replaced
    HOLD = 3
    REFUSE = 4

    @classmethod
    def of(cls, action: str) -> Outcome:
        """ "flag", "censor", "hold" or "refuse"."""
        return cls[action.upper()]


@dataclass(frozen=True, slots=True)
class Author:
    """What is known of the author when the text comes. The defaults are those of a person nothing speaks against."""

    id: int | None = None
    days: float = 3650.0  # since they joined
    published: int = 1000  # comments that became public
    linked: int = 1000  # of these with links
    rejected: int = 0  # comments that moderators did not let in
    removed: int = 0  # comments that moderators took down
    since: tuple[float, ...] = ()  # seconds since each of their last comments, the newest first
    copies: int = 0  # of this text within a day, by anybody in any discussion


class Scorer(Protocol):
    """A model that has learned from moderators. `thresholds` are by the percent of precision that they reach."""

    @property
    def version(self) -> int: ...

    @property
    def thresholds(self) -> Mapping[int, float]: ...

    def score(self, text: str) -> float:
        """From 0 to 1: how likely it is that a moderator does not publish the text."""

    def explain(self, text: str) -> tuple[Span, ...]:
        """The places that raise the score most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program outside said of a text: a score from 0 to 1, places that speak for it, and a word for moderators.
    `failure` says why there is no answer.
    """

    score: float = 0.0
    spans: tuple[Span, ...] = ()
    detail: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a rule may use."""

    text: str  # cleaned
    visible: str  # the words on the page, without any markup
    addresses: tuple[str, ...]  # where its links lead
    max_length: int  # characters
    last_own: str = ""  # this person's last text in the same discussion
    premoderated: bool = False  # every comment here is held for a moderator
    trusted: bool = False  # written by staff: never held
    section: int | None = None  # the id of the article's section
    author: Author = field(default_factory=Author)
    scorers: Mapping[str, Scorer] = field(default_factory=dict)  # by language
    answers: Mapping[Hashable, Answer] = field(default_factory=dict)  # by the rule that asked


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has found in a draft. `spans` are places in the text, `detail` is for moderators. `outcome` is given
    only where it is another one than the rule's own.
    """

    spans: tuple[Span, ...] = ()
    score: float = 1.0  # from 0 to 1: how sure the rule is
    detail: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rule` is the rule's name, `kind` a stable name of its kind for programs and authors. A rule that is built in has
    the kind as its name. `detail` is a sentence or a quotation for people.
    """

    outcome: Outcome
    rule: str = ""
    detail: str = ""
    kind: str = ""
    spans: tuple[Span, ...] = ()
    score: float = 1.0
    rule_id: int | None = None
    version: int = 0  # of the rule
    is_shadow: bool = False  # stored, and without an effect


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts, by rule name, and the one that decides."""

    verdicts: tuple[Verdict, ...]
    decisive: Verdict

    @property
    def outcome(self) -> Outcome:
        return self.decisive.outcome

    @property
    def is_public(self) -> bool:
        return self.outcome < Outcome.HOLD

    @property
    def is_flagged(self) -> bool:
        """Whether moderators shall look at it, whatever else was decided."""
        return any(verdict.outcome is Outcome.FLAG and not verdict.is_shadow for verdict in self.verdicts)

    @property
    def censored(self) -> tuple[Span, ...]:
        """Where words are replaced, whatever else was decided."""
        replaced = (each for each in self.verdicts if each.outcome is Outcome.CENSOR and not each.is_shadow)
        return tuple(sorted({span for verdict in replaced for span in verdict.spans}))
