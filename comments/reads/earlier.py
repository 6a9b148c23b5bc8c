"""Comments that somebody wrote elsewhere, before they came in here, and that can become theirs."""

from __future__ import annotations

from accounts.models import User
from comments.importers.sealing import seals_of, written_by


def number_of_earlier(person: User) -> int:
    """How many were written with the address that this person has confirmed here. For nobody but them."""
    return written_by(seals_of(person)).count()
