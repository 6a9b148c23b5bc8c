"""Which comments are by the author of the article above them: those of the account that the article names.

Kept in the comments' rows, so that lists and events need not ask for the article.
"""

from __future__ import annotations

from django.db.models import BooleanField, Case, F, Q, Value, When

from articles.models import Article
from comments import events
from comments.actions.discussions import lock
from comments.models import Comment, Discussion


def is_by_author(writer: int | None, author: int) -> bool:
    """The rule; `writer`: the account that the article names, `author`: that of the comment."""
    return writer is not None and writer == author


def by_author(article: Article | None) -> Case:
    """The same for rows of comments that stand below this article, or below none."""
    theirs = Q(author=article.writer_id) if article and article.writer_id else Q(pk__in=[])
    return Case(When(theirs, then=Value(True)), default=Value(False), output_field=BooleanField())


def mark_authors(article: Article) -> None:
    """Mark the comments of the article's author, and no others. Where that changes any, open pages load the
    discussion anew. Waits for posts in progress.
    """
    for pk in Discussion.objects.filter(article=article).order_by("pk").values_list("pk", flat=True):
        discussion, right = lock(pk), by_author(article)
        wrong = Comment.objects.filter(discussion=discussion).annotate(right=right).exclude(by_author=F("right"))
        if wrong.update(by_author=right, version=F("version") + 1):
            events.discussion_rebuilt(discussion)
