from collections.abc import Callable

import pytest

from accounts.models import User
from comments import actions
from comments.models import Comment, Discussion


@pytest.fixture
def say(person: Callable[..., User]) -> Callable[..., Comment]:
    """`say(discussion, text, parent=None)`: somebody new says something each time, so no limit is met."""
    count = iter(range(10_000))

    def speak(discussion: Discussion, text: str, parent: Comment | None = None) -> Comment:
        author = person(f"Stimme {next(count)}".replace(" ", ""))
        return actions.post(discussion.pk, author=author, text=text, parent_id=parent and parent.pk).comment

    return speak
