"""Rules are run over many comments in the background, since a request would take too long."""

from __future__ import annotations

from django.tasks import task

from comments.actions.running import go_on_with_run


@task
def run_rule(run: int) -> None:
    """May run twice: it goes on where it was."""
    go_on_with_run(run)
