"""What is done in the background: followers of a discussion are notified, in chunks, and models learn."""

from __future__ import annotations

from itertools import batched

from django.db import transaction
from django.tasks import task

from accounts.events import notify
from comments.access import followers_of
from comments.actions.learning import learn_from_decisions
from comments.models import Discussion

CHUNK = 100  # people a transaction


@task
def tell_followers(discussion_id: int) -> None:
    """Notify everybody who follows the discussion, except the author of the last comment."""
    people = sorted(followers_of(discussion_id))
    for chunk in batched(people, CHUNK):
        with transaction.atomic():
            rows = Discussion.objects.listed().select_related("article", "tally__last_comment")
            found = rows.filter(pk=discussion_id).first()
            if found is None or found.tally.last_comment is None:  # no longer public, or all comments were taken down
                return
            others = [person for person in chunk if person != found.tally.last_comment.author_id]
            subject = f"comment.{found.tally.last_comment_id}"
            if others:
                notify(others, "discussion.active", subject, found.title, found.get_absolute_url())


@task
def learn() -> None:
    """Have the rule `learned` learn from the decisions that stand."""
    learn_from_decisions()
