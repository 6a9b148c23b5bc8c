"""Deciding about many comments in the background: 25 ms each is too long for an answer to wait."""

from __future__ import annotations

from django.tasks import task

from accounts.models import User
from comments import actions


@task
def decide_many(chosen: list[list[int]], action: str, moderator: int, reason: str, note: str) -> None:
    """`chosen`: of each its id and the version that it was chosen in. Run twice, what is decided stays so."""
    actor = User.objects.get(pk=moderator)
    actions.decide_many([(pk, version) for pk, version in chosen], action, actor=actor, reason=reason, note=note)
