"""Work on many comments in the background, since a request would take too long: decisions take 25 ms each."""

from __future__ import annotations

from django.tasks import task

from accounts.models import User
from comments import actions
from comments.actions.running import go_on_with_run


@task
def decide_many(chosen: list[list[int]], action: str, moderator: int, reason: str, note: str) -> None:
    """`chosen`: for each comment its id and the version that was seen. May run twice: decided comments stay as they
    are.
    """
    actor = User.objects.get(pk=moderator)
    actions.decide_many([(pk, version) for pk, version in chosen], action, actor=actor, reason=reason, note=note)


@task
def run_rule(run: int) -> None:
    """May run twice: it goes on where it was."""
    go_on_with_run(run)
