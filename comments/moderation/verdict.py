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
    """All that a rule may use."""

    text: str  # cleaned
    visible: str  # the words on the page, without any markup
    links: int  # in the rendered text
    max_length: int  # characters
    last_own: str = ""  # this person's last text in the same discussion
    premoderated: bool = False  # every comment here is held for a moderator
    trusted: bool = False  # written by staff: never held


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rule` is a stable name for programs and statistics, `detail` a sentence or a quotation for people."""

    outcome: Outcome
    rule: str = ""
    detail: str = ""
