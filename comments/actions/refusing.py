"""Keeps for a few days what a rule did not let in, so that moderators can see whether the rule is right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from comments.errors import RefusedByRule
from comments.models import RefusedText
from comments.verdicts import verdict_json

MOST_OF_A_PERSON = 50  # so that nobody fills the table


@contextmanager
def kept_if_refused(author: User, comment: int | None = None) -> Iterator[None]:
    """Keep the text if a rule refuses it; `comment`: the id of that which it would change. The block must have taken
    its transaction back when it raises.
    """
    try:
        yield
    except RefusedByRule as refusal:
        _keep(author, refusal, comment)
        raise


def _keep(author: User, refusal: RefusedByRule, comment: int | None) -> None:
    """The same text by the same person in the same discussion is kept once, with its last time."""
    mine = RefusedText.objects.filter(author=author)
    mine.filter(discussion=refusal.discussion, text=refusal.text).delete()
    verdict = refusal.judgement.decisive
    RefusedText.objects.create(
        author=author,
        discussion_id=refusal.discussion,
        comment_id=comment,
        text=refusal.text,
        rule=verdict.rule,
        kind=verdict.kind,
        hits=[verdict_json(each) for each in refusal.judgement.verdicts],
    )
    too_old = mine.order_by("-id").values("pk")[MOST_OF_A_PERSON : MOST_OF_A_PERSON + 1]
    RefusedText.objects.filter(pk__in=[row["pk"] for row in too_old]).delete()
