"""Rules against much at once: floods, and the same text again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from comments.moderation.folding import Kind, fold
from comments.moderation.settings import Check, Number, setting
from comments.moderation.verdict import Draft, Finding

MOST_COUNTED = 30  # comments of one author, and copies of one text
LEAST_LETTERS = 20  # people say the same by chance in a shorter text


@dataclass(frozen=True)
class Flood(Check):
    """More than `most` comments of one person within `seconds`, in all discussions together."""

    most: int = setting(Number(1, MOST_COUNTED - 1), 5)
    seconds: int = setting(Number(10, 86400), 300)

    def __call__(self, draft: Draft) -> Finding | None:
        lately = 1 + sum(since < self.seconds for since in draft.author.since)
        return Finding(detail=f"{lately} in {self.seconds} s") if lately > self.most else None


@dataclass(frozen=True)
class Copies(Check):
    """The same text for more than the `most`th time within a day, in any discussion and by any people."""

    most: int = setting(Number(1, MOST_COUNTED - 1), 2)

    def __call__(self, draft: Draft) -> Finding | None:
        times = draft.author.copies + 1
        return Finding(((0, len(draft.text)),), detail=f"{times}×") if times > self.most else None


def fingerprint(text: str) -> int | None:
    """A number of 64 bits that is the same for texts with the same letters and digits; None for a short text."""
    signs = "".join(sign.base for sign in fold(text).signs if sign.kind >= Kind.DIGIT)
    if len(signs) < LEAST_LETTERS:
        return None
    return int.from_bytes(hashlib.blake2b(signs.encode(), digest_size=8).digest(), signed=True)
