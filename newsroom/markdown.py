"""Markdown to HTML by comrak: CommonMark with GitHub's tables, strikethrough and autolinks.

The HTML still has to be sanitised: see `newsroom.text`. Tags in the text are escaped.
"""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import quote

from comrak import ExtensionOptions, ParseOptions, RenderOptions, render_markdown

from newsroom.markup.signs import shield
from newsroom.markup.standins import reveal

MOST_DEPTH = 100  # nested tags; a text with more is shown as it was written
# "@" and ")" in a text; with more, addresses are not linked, because the search for their ends takes quadratic time
MOST_SIGNS = 2000
# Cells of the largest table that the text could contain; with more, tables are off, because short rows are filled up
MOST_CELLS = 15_000


def comment(markdown: str) -> str:
    """Line breaks are kept, a subhead becomes a bold line, a picture a link to it."""
    html = _html(markdown, _COMMENT)
    if "<h" in html:
        html = _SUBHEAD.sub(r"<p><strong>\1</strong></p>", html)
    return _PICTURE.sub(_link_to_picture, html) if "<img" in html else html


def article(markdown: str) -> str:
    """With subheads, tables and pictures."""
    lines = markdown.split("\n")
    columns = max(line.count("|") for line in lines)
    fits = columns * max(columns, len(lines)) <= MOST_CELLS
    html = _html(markdown, _ARTICLE if fits else _ARTICLE_WITHOUT_TABLES)
    return _PICTURE.sub(_own_picture_or_link, html) if "<img" in html else html


def foreign_picture(markdown: str) -> str:
    """The address of the first picture from another site in an article's text; "" if there is none."""
    found = _PICTURE.findall(_html(markdown, _ARTICLE_WITHOUT_TABLES)) if "![" in markdown else []
    return next((unescape(source) for source, _says in found if not source.startswith("/media/")), "")


class _Dialect:
    def __init__(self, *, is_comment: bool, has_tables: bool) -> None:
        self.is_comment = is_comment
        self.extensions, self.without_addresses = ExtensionOptions(), ExtensionOptions()
        for each in (self.extensions, self.without_addresses):
            each.strikethrough, each.table, each.cjk_friendly_emphasis = True, has_tables, True
        self.extensions.autolink = True
        self.parsing, self.rendering = ParseOptions(), RenderOptions()
        self.parsing.ignore_setext = self.rendering.escape = True
        self.rendering.hardbreaks = is_comment


_COMMENT = _Dialect(is_comment=True, has_tables=False)
_ARTICLE = _Dialect(is_comment=False, has_tables=True)
_ARTICLE_WITHOUT_TABLES = _Dialect(is_comment=False, has_tables=False)

# In comrak's output only its own tags have "<" and ">".
_SUBHEAD = re.compile(r"<h[1-6]>(.*?)</h[1-6]>", re.DOTALL)
_PICTURE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"[^>]*>')
_TAGS = re.compile(r"<(/?)\w[^>]*?(/?)>")
_EMPTY_QUOTE = "<blockquote>\n</blockquote>\n"
_CLOSING = "“”„‘’‚«»…"  # these end a word and are no part of an address
_ADDRESS = re.compile(rf'<a href="([^"]*)">((?:https?://|www\.)[^<{_CLOSING}]*)([{_CLOSING}][^<]*)</a>')


def _html(markdown: str, dialect: _Dialect) -> str:
    has_addresses = markdown.count("@") + markdown.count(")") <= MOST_SIGNS
    extensions = dialect.extensions if has_addresses else dialect.without_addresses
    text = shield(markdown, is_comment=dialect.is_comment)
    html = render_markdown(text, extensions, dialect.parsing, dialect.rendering)
    shows_nothing = "<img" not in html and not _TAGS.sub("", html).strip()
    if (shows_nothing and markdown) or (html.count("<") > MOST_DEPTH and _depth(html) > MOST_DEPTH):
        return _paragraph(escape(markdown))
    if not markdown.isascii():
        html = _ADDRESS.sub(_without_closing, html)
    html = html.replace("<del>", "<s>").replace("</del>", "</s>").replace(_EMPTY_QUOTE, "<p>&gt;</p>\n")
    return reveal(html)


def _depth(html: str) -> int:
    """The greatest depth of nested tags."""
    depth = deepest = 0
    for closes, is_empty in _TAGS.findall(html):
        depth += -1 if closes else 0 if is_empty else 1
        deepest = max(deepest, depth)
    return deepest


def _paragraph(html: str) -> str:
    return f"<p>{html.strip().replace('\n', '<br />\n')}</p>\n"


def _without_closing(found: re.Match[str]) -> str:
    href, shown, rest = found.groups()
    mark = quote(rest[0])
    parts = href.split(mark)[: shown.count(mark) + 1]
    return f'<a href="{mark.join(parts)}">{shown}</a>{rest}'


def _own_picture_or_link(found: re.Match[str]) -> str:
    """A picture from another site becomes a link: loading it would reveal the reader to that site."""
    return found[0] if found[1].startswith("/media/") else _link_to_picture(found)


def _link_to_picture(found: re.Match[str]) -> str:
    source, says = found.groups()
    return f'<a href="{source}">{says or source}</a>' if source else says
