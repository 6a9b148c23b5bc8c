"""The ladder of measures: what a person's offences of late propose. Pure; nothing is decided here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=90)
WARNING, FOR_GOOD = 0, None
STEPS: tuple[int | None, ...] = (WARNING, 1, 7, 30, FOR_GOOD)  # in days, by the number of offences; the last one stays


@dataclass(frozen=True, slots=True)
class Offence:
    """A comment that moderators rejected or removed. `is_overturned`: it is back."""

    reason: str  # a Reason code
    at: datetime
    is_overturned: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """`count` offences for one reason within WINDOW, without the `overturned` ones; `days` of restriction: WARNING for
    none, FOR_GOOD.
    """

    reason: str
    count: int
    overturned: int
    days: int | None

    @property
    def is_warning(self) -> bool:
        return self.days == WARNING

    @property
    def is_for_good(self) -> bool:
        return self.days is FOR_GOOD


def proposals(offences: Iterable[Offence], now: datetime) -> list[Proposal]:
    """One for each reason with an offence that stands, the most severe first."""
    late = [each for each in offences if now - each.at <= WINDOW]
    stand = Counter(each.reason for each in late if not each.is_overturned)
    overturned = Counter(each.reason for each in late if each.is_overturned)
    return [
        Proposal(reason, count, overturned[reason], STEPS[min(count, len(STEPS)) - 1])
        for reason, count in sorted(stand.items(), key=lambda each: (-each[1], each[0]))
    ]
