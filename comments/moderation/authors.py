"""Rules about who writes: new accounts, their history, and people whose comments are all read first."""

from __future__ import annotations

from dataclasses import dataclass

from comments.moderation.settings import Check, Number, Numbers, setting
from comments.moderation.verdict import Draft, Finding


@dataclass(frozen=True)
class NewAccount(Check):
    """The first `comments` of a person, and all of an account younger than `days`."""

    comments: int = setting(Number(0, 50), 3)
    days: int = setting(Number(0, 365), 0)

    def __call__(self, draft: Draft) -> Finding | None:
        if draft.author.published < self.comments:
            return Finding(detail=f"comment {draft.author.published + 1}")
        return Finding(detail=f"day {int(draft.author.days) + 1}") if draft.author.days < self.days else None


@dataclass(frozen=True)
class History(Check):
    """People of whose comments moderators rejected or removed at least `share` percent, if these are at least
    `least`.
    """

    share: int = setting(Number(1, 100), 50)
    least: int = setting(Number(1, 1000), 5)

    def __call__(self, draft: Draft) -> Finding | None:
        author = draft.author
        bad, all_of_them = author.rejected + author.removed, author.published + author.rejected
        if bad < self.least or bad * 100 < self.share * max(all_of_them, 1):
            return None
        return Finding(score=min(1.0, bad / max(all_of_them, 1)), detail=f"{bad} of {all_of_them}")


@dataclass(frozen=True)
class Premoderation(Check):
    """Every comment; of these people (ids) only, if any are named."""

    people: tuple[int, ...] = setting(Numbers(1000), ())

    def __call__(self, draft: Draft) -> Finding | None:
        return Finding() if not self.people or draft.author.id in self.people else None
