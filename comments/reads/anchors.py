"""Finds comments by the anchors that led to them where they were imported from."""

from __future__ import annotations

from comments.models import Comment, Discussion
from comments.sources import instance_of, key_of, told_by

SAMPLE = 50  # comments at the top, the oldest, by which it is known where a discussion came from


def comment_at(discussion: Discussion, anchor: str) -> int | None:
    """The id of the comment in this discussion that `anchor` led to elsewhere, or leads to here: "isso-17",
    "comment-17". None: there is none that readers see or whose place they see.
    """
    told = told_by(anchor)
    if told is None:
        return None
    number, systems = told
    here = Comment.objects.listed().filter(discussion=discussion)
    oldest = here.filter(root=None).order_by("order").values_list("source", "source_id")[:SAMPLE]
    keys = {key_of(instance_of(key), number) for source, key in oldest if source in systems}
    found = here.exclude(source="").filter(source__in=systems, source_id__in=keys).order_by("pk") if keys else None
    pk = found.values_list("pk", flat=True).first() if found is not None else None
    if pk is None and anchor == f"comment-{number}" and len(number) < 19:
        pk = here.filter(pk=int(number)).values_list("pk", flat=True).first()
    return pk
