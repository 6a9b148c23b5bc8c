"""Hooks for apps that build on this one: they register in their `AppConfig.ready`; this app never imports them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import IntegerField, Value
from django.db.models.expressions import Combinable

from articles.models import Article

type Listener = Callable[[Article], None]


@dataclass
class _Registry:
    published: list[Listener] = field(default_factory=list)
    corrected: list[Listener] = field(default_factory=list)
    retracted: list[Listener] = field(default_factory=list)
    discussion: Combinable = field(default_factory=lambda: Value(None, output_field=IntegerField()))


_registry = _Registry()


def listen(
    *, published: Listener | None = None, corrected: Listener | None = None, retracted: Listener | None = None
) -> None:
    """Call these inside the action's transaction, after the rows have changed and before its event is published.

    A listener that raises Refused undoes the whole action. Use `retracted` for `live.outbox.stream_closed(...)`. Use
    `published` for what belongs to every article; it may be called again after a retraction.
    """
    for name, listener in (("published", published), ("corrected", corrected), ("retracted", retracted)):
        if listener is not None:
            getattr(_registry, name).append(listener)


def provide_discussions(found: Combinable) -> None:
    """`found`: the id of an article's discussion, as an expression over OuterRef("pk"): `discussion` in its JSON."""
    _registry.discussion = found


def discussion() -> Combinable:
    return _registry.discussion


def tell(deed: str, article: Article) -> None:
    """Call the listeners of `deed`: "published", "corrected" or "retracted"."""
    for listener in getattr(_registry, deed):
        listener(article)
