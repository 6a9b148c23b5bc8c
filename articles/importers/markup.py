"""Renders WordPress texts as WordPress does (paragraphs, shortcodes), and turns embedded foreign media into links.

Our pages must not load pictures and players from other sites, since that reveals the reader to them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from django.utils.translation import gettext_lazy as _

from articles.importers.linking import linked
from newsroom.text import clean, plain, sanitise_article, sanitise_comment, visible

DEEPEST = 100  # nested elements; parsers become slow on more
_BLOCK = (
    "table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|address"
    "|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu"
    "|summary"
)
_SHORT = r"\[(?P<name>%s)(?P<options>(?:\s[^\]\[]*)?)\](?:(?P<inner>(?:(?!\[(?P=name)[\s\]]).)*?)\[/(?P=name)\])?"
_GALLERY = re.compile(r"\[/?(?:gallery|playlist|archives|contact-form(?:-field)?|polldaddy|slideshow)(?:\s[^\]\[]*)?\]")
_CAPTION = re.compile(_SHORT % "caption|wp_caption", re.DOTALL)
_PLAYER = re.compile(_SHORT % "embed|audio|video|youtube|vimeo|soundcloud|wpvideo|dailymotion|flickr", re.DOTALL)
_HOLDS_PARAGRAPHS = re.compile(r"(?i)</?(?:blockquote|div|section|article|aside|header|footer)\b")
_BETWEEN_PARAGRAPHS = re.compile(r"\n\s*\n")
_BARE = re.compile("[\n -%'-;=?A-~\u00a1-\u00ac\u00ae-\u024f\u0400-\u0482\u048a-\u052f–—‘’‚“”„…€]*")
_ADDRESS = re.compile(r"https?://[^\s\"'\]<>|]+")
_EMPTY = re.compile(r"<p\b[^>]*>(?:\s|&nbsp;|<br>)*</p>\n?")
_LONE_ADDRESS = re.compile(r"(?m)^[ \t]*(https?://\S+)[ \t]*$")


def article_html(body: str, site: str = "", *, is_html: bool = False) -> str:
    """A post's body as HTML for an article; relative links refer to `site`, where it comes from. With `is_html` it is
    no text of WordPress, whose paragraphs and shortcodes are to be made.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    if not is_html:
        text = re.sub(r"<!--nextpage-->", "\n\n<hr>\n\n", text)
        text = _expand(text)
        if "<!-- wp:" not in text:  # the block editor writes its paragraphs itself
            text = paragraphs(text)
    html = sanitise_article(_modern(text, _SAME, site), site=site)
    return _EMPTY.sub("", sanitise_article(html)).strip()  # again: what was left out could change how the rest is read


def comment_of(text: str, site: str = "") -> tuple[str, str]:
    """A comment's HTML with its addresses as links, and the plain text of it; both are "" if nothing visible is left.

    Most comments are letters and common signs only, which nothing changes.
    """
    if _BARE.fullmatch(text) and "://" not in text and "www." not in text:
        parts = [part.strip() for part in _BETWEEN_PARAGRAPHS.split(text.strip()) if part]
        html = "\n".join('<p dir="auto">' + part.replace("\n", "<br>\n") + "</p>" for part in parts)
        return html, "\n\n".join(" ".join(line.split()) for part in parts for line in part.split("\n"))
    html = comment_html(text, site)
    return html, words(html) if html else ""


def comment_html(text: str, site: str = "") -> str:
    """A comment's text as HTML for a comment, with its addresses as links; "" if nothing visible is left."""
    html = paragraphs(text.replace("\r\n", "\n").replace("\r", "\n"))
    html = _EMPTY.sub("", sanitise_comment(_modern(html, _SAME | _LINES, site), site=site)).strip()
    if not visible(html):
        return ""
    # Again, to check and mark the new links; and what was left out could change how the rest is read.
    return _EMPTY.sub("", sanitise_comment(linked(html))).strip()


def words(html: str) -> str:
    """The plain text of HTML with its paragraphs and breaks; a heuristic, good enough for search and excerpts."""
    with_lines = re.sub("</(?:p|pre|blockquote)>", "\n\n", html)
    parts = with_lines.replace("<br>", "\n").replace("</li>", "\n").split("\n")
    lines = "\n".join(plain(part) for part in parts)
    return clean(re.sub(r"\n{3,}", "\n\n", lines)) or plain(html) or "…"


def paragraphs(text: str) -> str:
    """Blank lines separate paragraphs, line ends become breaks; block elements and <pre> stay as they are."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\n\n<pre {len(kept) - 1}></pre>\n\n"

    text = re.sub(r"(?is)<pre\b(?:(?!<pre\b).)*?</pre\s*>", keep, text)
    text = re.sub(rf"(?i)(<(?:{_BLOCK})(?=[\s/>]))", r"\n\n\1", text)
    text = re.sub(rf"(?i)(</(?:{_BLOCK})>|<hr[^>]*>)", r"\1\n\n", text)
    parts = [part.strip() for part in _BETWEEN_PARAGRAPHS.split(text)]
    html = "\n".join(_paragraph(part) for part in parts if part)
    return re.sub(r"<pre (\d+)></pre>", lambda match: kept[int(match[1])], html)


def _paragraph(part: str) -> str:
    """One part between blank lines: wrapped in <p>, unless it begins or ends a block."""
    start = re.match(rf"(?i)</?(?:{_BLOCK})[^>]*>\s*", part)
    before = start[0].rstrip() if start else ""
    rest = part[start.end() :] if start else part
    end = re.search(rf"(?i)</(?:{_BLOCK})>$", rest)
    after = end[0] if end else ""
    inner = re.sub(r"(?<!<br>)(?<!<br/>)(?<!<br />)\n", "<br>\n", (rest[: end.start()] if end else rest).strip())
    around = before or after
    if not inner or (around and not _HOLDS_PARAGRAPHS.match(around)):
        return before + inner + after
    return f"{before}<p>{inner}</p>{after}"


def _expand(text: str) -> str:
    """Shortcodes: captions become figures, players and lone addresses become links, galleries are dropped."""
    text = _CAPTION.sub(_figure, text)
    text = _PLAYER.sub(_player, text)
    text = _GALLERY.sub("", text)
    return _LONE_ADDRESS.sub(lambda match: _link(match[1]), text)


def _figure(match: re.Match[str]) -> str:
    inner = (match["inner"] or "").strip()
    picture = re.match(r"(?is)(<a\b[^>]*>\s*<img\b[^>]*>\s*</a>|<img\b[^>]*>)(.*)", inner)
    words = picture[2].strip() if picture else ""
    if not words:
        named = re.search(r"caption=(['\"])(.*?)\1", match["options"])
        words = unescape(named[2]) if named else ""
    return f"\n\n<figure>{picture[1] if picture else inner}<figcaption>{words}</figcaption></figure>\n\n"


def _player(match: re.Match[str]) -> str:
    addresses = _ADDRESS.findall(f"{match['options']} {match['inner'] or ''}")
    return "\n\n" + "<br>".join(_link(address) for address in addresses) + "\n\n"


def _link(address: str) -> str:
    address = unescape(address)
    return f'<a href="{escape(address)}">{escape(address)}</a>'


def _modern(html: str, same: Mapping[str, str], site: str) -> str:
    rewriter = _Modern(same, site)
    rewriter.feed(html)
    rewriter.close()
    return "".join(rewriter.out)


class _Modern(HTMLParser):
    """Copies HTML. Pictures, frames and players become links to their sources, old tags become modern ones."""

    def __init__(self, same: Mapping[str, str], site: str) -> None:
        super().__init__(convert_charrefs=False)
        self.same, self.site = same, site
        self.out: list[str] = []
        self.links = 0  # open <a>: a link cannot hold another
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NAMES:
            self.out.append(self._media(tag, dict(attrs)))
            return
        self.links += tag == "a"
        self.depth += tag not in _CLOSED_BY_THEMSELVES
        if self.depth > DEEPEST and tag not in _CLOSED_BY_THEMSELVES:
            return
        self.out.append(f"<{self.same[tag]}>" if tag in self.same else self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.links -= tag == "a"

    def handle_endtag(self, tag: str) -> None:
        if tag in _NAMES:
            return
        self.links = max(0, self.links - (tag == "a"))
        is_kept = self.depth <= DEEPEST or tag in _CLOSED_BY_THEMSELVES
        self.depth = max(0, self.depth - (tag not in _CLOSED_BY_THEMSELVES))
        if not is_kept:
            return
        self.out.append(f"</{self.same.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")

    def _media(self, tag: str, attrs: dict[str, str | None]) -> str:
        address = _absolute(self.site, (attrs.get("src") or attrs.get("data") or "").strip())
        if not _is_of_the_web(address):
            return escape(attrs.get("alt") or "")
        words = escape((attrs.get("alt") or "").strip() or str(_NAMES[tag]) % _file_name(address))
        return words if self.links else f'<a href="{escape(address)}">{words}</a>'


_CLOSED_BY_THEMSELVES = {"p", "li", "dt", "dd", "tr", "td", "th", "br", "hr", "wbr", "option", "col", "input"}
_SAME = {"b": "strong", "i": "em", "strike": "del", "tt": "code", "kbd": "code", "samp": "code", "acronym": "abbr"}
_SAME |= {"h5": "h4", "h6": "h4", "address": "p", "center": "p"}
_LINES = dict.fromkeys(["h1", "h2", "h3", "h4", "h5", "h6", "div", "dt", "dd", "tr", "figure"], "p")
_NAMES = {
    "img": _("Picture: %s"),
    "iframe": _("Embedded: %s"),
    "embed": _("Embedded: %s"),
    "object": _("Embedded: %s"),
    "video": _("Video: %s"),
    "audio": _("Audio: %s"),
    "source": _("File: %s"),
}


def _absolute(site: str, address: str) -> str:
    try:
        return urljoin(site, address) if address else ""
    except ValueError:
        return ""


def _is_of_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _file_name(address: str) -> str:
    parts = urlsplit(address)
    name = unquote(parts.path).rstrip("/").rpartition("/")[2]
    return name or parts.netloc
