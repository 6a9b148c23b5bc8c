from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Outcome(IntEnum):
    """From mild to harsh; the harshest of all rules counts."""

    PUBLISH = 0
    HOLD = 1
    REFUSE = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a rule may look at."""

    text: str  # cleaned
    visible: str  # what is left of it on the page, without any markup
    links: int  # in the rendered text
    max_length: int  # characters
    last_own: str = ""  # this person's last text in the same discussion
    premoderated: bool = False  # everything here waits for a moderator
    trusted: bool = False  # of somebody who works here: never held


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rule` is a stable name for programs and statistics, `detail` a sentence or a span for people."""

    outcome: Outcome
    rule: str = ""
    detail: str = ""
