"""What is counted from the log, in the transaction that numbers the events.

discussions  places, tallies, and the absolute counts in the events of a discussion
cases        how many cases are open, for the moderators' streams
authors      how many of an author's comments became public, and what moderators made of them
figures      how much was decided, by day, section, rule and moderator, and after how long
"""

from __future__ import annotations

from comments.folds.authors import count_decisions
from comments.folds.cases import fold_cases
from comments.folds.discussions import REACTED, fold, recount, unplace
from comments.folds.figures import count_figures
from newsroom.live.registry import Row

__all__ = ["REACTED", "fold", "fold_moderation", "recount", "unplace"]


def fold_moderation(stream: str, rows: list[Row]) -> None:
    """The fold of the family `moderation`."""
    fold_cases(stream, rows)
    if stream == "moderation":  # each decision stands there, and on the stream of its section once more
        count_decisions(rows)
        count_figures(rows)
