"""Markdown to sanitised HTML, and clean text: the only place that turns people's texts into HTML."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import Literal

import nh3
from django.utils.translation import gettext as _

from newsroom import markdown
from newsroom.errors import Invalid
from newsroom.markup.links import honest, is_within_site

COMBINING_MARKS = 4  # on one letter; more is "zalgo", no script needs them. The same holds for joiners

_COMMENT_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
_ARTICLE_TAGS = _COMMENT_TAGS | {"h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "img"}
_ARTICLE_TAGS |= {"figure", "figcaption", "sub", "sup", "dl", "dt", "dd", "cite", "q", "abbr", "del", "ins", "small"}
_BLOCKS = {"p", "li", "blockquote", "pre", "h2", "h3", "h4", "th", "td", "figcaption", "dt", "dd"}
_COMMENT_DIRECTIONS, _ARTICLE_DIRECTIONS = (
    {tag: {"dir": "auto"} for tag in sorted(_BLOCKS & tags)} for tags in (_COMMENT_TAGS, _ARTICLE_TAGS)
)
_SCHEMES = {"http", "https", "mailto"}
_BLOCKS_OF_HTML = r"p|hr|h[1-6]|div|[uo]l|li|d[ltd]|t[hdr]|blockquote|pre|fig\w+"
_BREAK = re.compile(rf"<(?=/?(?:br|{_BLOCKS_OF_HTML})\b)", re.IGNORECASE)
_BLOCK = re.compile(rf"(?=</?(?:{_BLOCKS_OF_HTML})\b)", re.IGNORECASE)
_EDGE = "\ue000"  # marks the end of a block while tags are removed; private use, so that no text contains it
_ENDS_ITSELF = re.compile(r"""[.!?…:;,–—。！？：；、，؟।][)\]"'”“»«›‹’」』]*$""")
_TAG = re.compile(r'<[^>"]*(?:"[^"]*"[^>"]*)*>')
# A picture from another site: its text says what it showed
_HIDDEN_PICTURE = re.compile(r'<img(?![^>]* src=)(?:[^>"]|"[^"]*")*>')
_ADDRESS = re.compile(r'<a [^>]*?href="([^"]*)"')
_LINK_REL = "nofollow ugc noopener"
_NO_CHARACTERS = [
    *range(0xFDD0, 0xFDF0),
    *(plane | low for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)),
]
# Unassigned, but Default_Ignorable_Code_Point already (Unicode's DerivedCoreProperties.txt): never visible.
_RESERVED = [0x2065, 0xE0000, *range(0xFFF0, 0xFFF9), *range(0xE0002, 0xE0020), *range(0xE0080, 0xE0100)]
_RESERVED += range(0xE01F0, 0xE1000)
_INVISIBLE = [0xFEFF, 0x00AD, 0x2060, 0x180E, 0x115F, 0x3164, *_RESERVED]
# Bidirectional overrides make text look different from what it is; the rest is invisible or no character.
_HIDDEN = dict.fromkeys([*range(0x202A, 0x202F), *_INVISIBLE, *_NO_CHARACTERS])
# Control characters, overrides and other hidden signs, which HTML can name by their numbers, too
_UNSEEN = _HIDDEN | dict.fromkeys([*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0xE000, 0xF900)])
_ISOLATES = re.compile("[\u2066-\u2069]")
_TAGS_OF_FLAGS = range(0xE0020, 0xE0080)


# Common letters, digits and signs of Latin and Cyrillic texts, which need no cleaning. Most texts have no others.
_USUAL = re.compile("[\t\n -~\u00a1-\u00ac\u00ae-\u024f\u0400-\u0482\u048a-\u052f–—‘’‚“”„…€]*")


def render_comment(text: str) -> str:
    """HTML of a reader's text: paragraphs, emphasis, code, quotes, lists and links; line breaks are kept."""
    return sanitise_comment(markdown.comment(text))


def sanitise_comment(html: str, *, site: str = "") -> str:
    """Foreign HTML reduced to what a comment may hold; relative links refer to `site`, where it comes from."""
    html = nh3.clean(
        html,
        tags=_COMMENT_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        set_tag_attribute_values=_COMMENT_DIRECTIONS,
        url_schemes=_SCHEMES,
        url_relative=_against(site) or "deny",
        link_rel=_LINK_REL,
    )
    return honest(_seen(html)).strip()


def render_article(text: str) -> str:
    """HTML of an editor's text: in addition subheads (from h2 down), tables and pictures."""
    return sanitise_article(markdown.article(text))


def sanitise_article(html: str, *, site: str = "") -> str:
    """Foreign HTML reduced to what an article may hold; h1 becomes h2, relative links refer to `site` or to our own
    site.
    """
    html = html.replace("<h1", "<h2").replace("</h1>", "</h2>")
    html = nh3.clean(
        html,
        tags=_ARTICLE_TAGS,
        attributes={
            "*": set(),
            "a": {"href", "title"},
            "ol": {"start"},
            "img": {"src", "alt", "title"},
            "th": {"colspan"},
            "td": {"colspan"},
        },
        set_tag_attribute_values=_ARTICLE_DIRECTIONS,
        attribute_filter=_own_pictures,
        url_schemes=_SCHEMES,
        url_relative=_against(site) or _within_site,
        link_rel="noopener",
    )
    return honest(_seen(_HIDDEN_PICTURE.sub(_said, html))).strip()


def _seen(html: str) -> str:
    return html if _USUAL.fullmatch(html) else html.translate(_UNSEEN)


def _said(found: re.Match[str]) -> str:
    says = re.search(r' alt="([^"]*)"', found[0])
    return says[1] if says else ""


def must_show_own_pictures(field: str, text: str) -> None:
    """Raises Invalid for `field` if its Markdown shows a picture from another site."""
    if address := markdown.foreign_picture(text):
        sentence = _("Pictures of other sites are not shown: %s. Upload it, or link to it.") % address
        raise Invalid(sentence, {field: [sentence]})


@lru_cache(maxsize=16)
def _against(site: str) -> tuple[Literal["rewrite_with_base"], str] | None:
    """None if it is no address of a site, as a foreign file may call anything its own."""
    if not re.match(r"https?://[^/]", site):
        return None
    try:
        nh3.clean("", url_relative=("rewrite_with_base", site))
    except ValueError:
        return None
    return "rewrite_with_base", site


def _within_site(address: str) -> str | None:
    return address if is_within_site(address) else None


def _own_pictures(tag: str, name: str, value: str) -> str | None:
    """Drops a picture from another site: loading it would reveal the reader to that site."""
    return None if (tag, name) == ("img", "src") and not value.startswith("/media/") else value


def clean(text: str) -> str:
    """NFC text with unix line ends, without control, bidirectional-override and stray invisible characters.

    Real scripts and emoji are preserved: joiners and variation selectors stay. A text without visible characters
    becomes "". Idempotent.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _USUAL.fullmatch(text):
        return text.strip()
    text = unicodedata.normalize("NFC", text).translate(_HIDDEN)
    kept: list[str] = []
    attached = 0
    for sign in text:
        category = unicodedata.category(sign)
        if category in {"Cc", "Cs", "Co"} and sign not in "\n\t":
            continue
        attached = attached + 1 if _is_attached(sign, category) else 0
        if attached <= COMBINING_MARKS or sign in "\ufe0e\ufe0f":
            kept.append(sign)
    text = "".join(kept)
    if _ISOLATES.search(text):
        text = "\n".join(map(_balanced, text.split("\n")))
    cleaned = unicodedata.normalize("NFC", text).strip()
    return cleaned if any(_is_seen(unicodedata.category(sign)) for sign in cleaned) else ""


def _is_attached(sign: str, category: str) -> bool:
    """Marks, joiners, and signs before numbers (Unicode's Prepended_Concatenation_Mark, all Cf): any run of them stays
    on one line.
    """
    return category in {"Mn", "Me"} or (category == "Cf" and ord(sign) not in _TAGS_OF_FLAGS)


def without_isolates(line: str) -> str:
    """For a line that is shown in an element of its own, which isolates it already."""
    return _ISOLATES.sub("", line).strip()


def _balanced(line: str) -> str:
    """A line without those bidirectional isolates that do not end within it or are empty."""
    signs, open_at = list(line), list[int]()
    for place, sign in enumerate(line):
        if not _ISOLATES.match(sign):
            continue
        if sign != "\u2069":
            open_at.append(place)
        elif not open_at:
            signs[place] = ""
        else:
            start = open_at.pop()
            if not any(signs[start + 1 : place]):
                signs[start] = signs[place] = ""
    for place in open_at:
        signs[place] = ""
    return "".join(signs)


def _is_seen(category: str) -> bool:
    """Unassigned characters (Cn) count as visible: they may be emoji that are newer than our tables."""
    return category == "Cn" or category[0] not in "CZM"


def clean_line(text: str) -> str:
    """The same for one line: white space is folded to single spaces."""
    return " ".join(clean(text).split())


def plain(html: str) -> str:
    """The text of foreign HTML in one line, for teasers and titles, as in `summary`."""
    if "<" not in html and "&" not in html and _USUAL.fullmatch(html):
        return " ".join(html.split())
    return _in_a_row(unescape(nh3.clean(_marked(html), tags=set())))


def summary(html: str, lead: str = "") -> str:
    """The text of our own HTML in one line, after `lead`. A dash ends each subhead, list item or other block that has
    no full stop or the like.
    """
    return _in_a_row(f"{lead}{_EDGE}{unescape(_TAG.sub('', _marked(html)))}")


def visible(html: str) -> str:
    """The words of our own HTML. For that HTML it is enough to remove the tags."""
    return clean_line(unescape(_TAG.sub("", _BREAK.sub(" <", html))))


def addresses(html: str) -> tuple[str, ...]:
    """Where the links of our own HTML lead, each as often as it is there."""
    return tuple(map(unescape, _ADDRESS.findall(html)))


def _marked(html: str) -> str:
    return _BLOCK.sub(_EDGE, _BREAK.sub(" <", html))


def _in_a_row(text: str) -> str:
    row = ""
    for part in filter(None, map(clean_line, text.split(_EDGE))):
        is_apart = not row or part[0] in "–—" or _ENDS_ITSELF.search(row, max(0, len(row) - 10))
        row += f"{' ' if is_apart else ' – '}{part}"
    return row.lstrip()
