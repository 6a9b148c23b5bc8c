"""Makes models of what moderators decide, in the background."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from comments.actions import rulebook
from comments.models import Decision, LearnedModel
from comments.moderation.learned import languages_of

MOST = 20_000  # decisions, the newest
LEAST_OF_A_KIND = 30  # decisions to publish, and as many not to
KEPT_VERSIONS = 5  # of a language

type Taught = tuple[str, bool]  # a text, and whether it was not to be published


def learn_from_decisions() -> list[LearnedModel]:
    """A new model for each language with enough decisions, unless they say what they said last time. Returns the new
    ones.

    What was erased, undone or overturned since is in none of them. The processes that serve judge by them from the
    next text on.
    """
    known = {language: lessons for language, lessons in lessons_by_language().items() if is_enough(lessons)}
    return [model for language, lessons in known.items() if _keep(model := _made(language, lessons))]


def _made(language: str, lessons: list[Taught]) -> LearnedModel:
    from comments.moderation.learning import Lesson, learn  # loads numpy

    model, figures = learn(Lesson(text, is_bad) for text, is_bad in lessons)
    points = figures.points.items()
    return LearnedModel(
        language=language,
        weights=model.packed(),
        taught=figures.taught,
        taught_bad=figures.taught_bad,
        held_out=figures.held_out,
        held_out_bad=figures.held_out_bad,
        points={str(percent): [each.threshold, each.precision, each.recall] for percent, each in points},
    )


def lessons_by_language() -> Mapping[str, list[Taught]]:
    """What the newest decisions that stand teach."""
    rows = Decision.objects.teaching().order_by("-id").values_list("comment__text", "action")[:MOST]
    found: dict[str, list[Taught]] = {}
    for text, action in rows.iterator(chunk_size=1000):
        for language in languages_of(text):
            found.setdefault(language, []).append((text, action in {"reject", "remove"}))
    return found


def is_enough(lessons: list[Taught]) -> bool:
    kinds = Counter(is_bad for _text, is_bad in lessons)
    return len(lessons) >= settings.LEARNING_LEAST and min(kinds[True], kinds[False]) >= LEAST_OF_A_KIND


@transaction.atomic
def _keep(found: LearnedModel) -> bool:
    """Store it, unless it is the same as the last. Two that are made at once get two versions."""
    rulebook.open_for_change()
    versions = LearnedModel.objects.filter(language=found.language).order_by("-version")
    last = versions.first()
    if last is not None and bytes(last.weights) == found.weights and last.points == found.points:
        return False
    found.version = last.version + 1 if last else 1
    found.save()
    versions.filter(version__lte=found.version - KEPT_VERSIONS).delete()
    return True
