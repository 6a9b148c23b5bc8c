"""Where apps above this one hang on to articles: they register in their `AppConfig.ready`, we never import them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from articles.models import Article

type Listener = Callable[[Article], None]
type Discussions = Callable[[Iterable[int]], Mapping[int, int]]


@dataclass
class _Registry:
    published: list[Listener] = field(default_factory=list)
    corrected: list[Listener] = field(default_factory=list)
    retracted: list[Listener] = field(default_factory=list)
    discussions: Discussions = lambda _: {}


_registry = _Registry()


def listen(
    *, published: Listener | None = None, corrected: Listener | None = None, retracted: Listener | None = None
) -> None:
    """Call these inside the action's transaction, after the rows have changed and before its event is published.

    A listener that refuses (raises) undoes the whole action. `retracted` is the place for
    `live.outbox.stream_closed(...)`; `published` for what belongs to every article, and it may come again after
    a retraction.
    """
    for name, listener in (("published", published), ("corrected", corrected), ("retracted", retracted)):
        if listener is not None:
            getattr(_registry, name).append(listener)


def provide_discussions(find: Discussions) -> None:
    """`find(article ids) -> {article id: discussion id}`, one query: the number that stands in an article's JSON."""
    _registry.discussions = find


def discussions_of(article_ids: Iterable[int]) -> Mapping[int, int]:
    return _registry.discussions(article_ids)


def tell(deed: str, article: Article) -> None:
    """Call those who listen to `deed`: "published", "corrected" or "retracted"."""
    for listener in getattr(_registry, deed):
        listener(article)
