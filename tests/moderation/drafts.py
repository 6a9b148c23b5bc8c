from __future__ import annotations

from typing import Any

from comments.moderation import Draft
from newsroom.text import addresses, clean, render_comment, visible


def draft(text: str, **more: Any) -> Draft:
    """A draft as posting makes it."""
    html = render_comment(clean(text))
    return Draft(text=text, visible=visible(html), addresses=addresses(html), max_length=5000, **more)
