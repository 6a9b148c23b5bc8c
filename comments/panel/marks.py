"""Texts with the places that rules have found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

type Parts = list[tuple[str, bool]]


def marked(text: str, hits: Iterable[Sequence[Sequence[int]]]) -> Parts:
    """The text in parts: words, and whether a rule has found them. `hits`: the spans of each, which may overlap."""
    spans = sorted((begin, end) for each in hits for begin, end in each)
    parts: Parts = []
    here = 0
    for first, last in spans:
        begin, end = max(first, here), min(last, len(text))
        if begin >= end:
            continue
        parts += [(text[here:begin], False)] if here < begin else []
        parts.append((text[begin:end], True))
        here = end
    return [*parts, (text[here:], False)] if here < len(text) else parts
