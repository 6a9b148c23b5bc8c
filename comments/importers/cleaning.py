"""Turns the text of a comment from another system into what we keep: its HTML, and its plain text."""

from __future__ import annotations

import re
from html import escape

from articles.importers.markup import comment_of
from comments.importers.records import Markup
from newsroom.text import clean, render_comment, visible

# Nothing but paragraphs of plain words on one line each, as most comments are
_PARAGRAPHS = re.compile(r"(?:\s*<p>(?! )[^<>&\n]+(?<! )</p>)+\s*")
_BETWEEN = re.compile(r"</p>\s*<p>")
LONGEST = 200_000  # characters; a comment with more is no comment


def cleaned(text: str, markup: Markup, site: str) -> tuple[str, str]:
    """HTML as a comment of ours may hold, and its text; both are "" if nothing visible is left.

    Pictures become links. Relative links refer to `site`, an address.
    """
    if markup == Markup.HTML:
        if _PARAGRAPHS.fullmatch(text):
            text = _BETWEEN.sub("\n\n", text.strip()[3:-4])
        return comment_of(text, site)
    text = clean(text)
    if markup == Markup.PLAIN:
        html, _words = comment_of(escape(text, quote=False), site)
    else:
        html = render_comment(text)
    return (html, text) if text and visible(html) else ("", "")
