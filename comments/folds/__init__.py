"""What is counted from the log, in the transaction that numbers the events.

discussions  places, tallies, and the absolute counts in the events of a discussion
cases        how many cases are open, for the moderators' streams
"""

from __future__ import annotations

from comments.folds.cases import fold_cases
from comments.folds.discussions import REACTED, fold, recount

__all__ = ["REACTED", "fold", "fold_cases", "recount"]
