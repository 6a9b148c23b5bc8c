"""Markdown to sanitised HTML, and clean text: the one place that makes HTML out of what people write."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import Literal

import nh3
from django.utils.translation import gettext as _

from newsroom import markdown
from newsroom.errors import Invalid
from newsroom.links import honest, is_within_site

COMBINING_MARKS = 4  # a letter keeps so many; more is "zalgo", no script needs them. So it is with joiners

_COMMENT_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr"}
_ARTICLE_TAGS = _COMMENT_TAGS | {"h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "img"}
_ARTICLE_TAGS |= {"figure", "figcaption", "sub", "sup", "dl", "dt", "dd", "cite", "q", "abbr", "del", "ins", "small"}
_BLOCKS = {"p", "li", "blockquote", "pre", "h2", "h3", "h4", "th", "td", "figcaption", "dt", "dd"}
_COMMENT_DIRECTIONS, _ARTICLE_DIRECTIONS = (
    {tag: {"dir": "auto"} for tag in sorted(_BLOCKS & tags)} for tags in (_COMMENT_TAGS, _ARTICLE_TAGS)
)
_SCHEMES = {"http", "https", "mailto"}
_BLOCK = re.compile(r"<(?=/?(?:p|br|hr|h[1-6]|div|[uo]l|li|d[ltd]|t[hdr]|blockquote|pre|fig\w+)\b)", re.IGNORECASE)
_TAG = re.compile(r'<[^>"]*(?:"[^"]*"[^>"]*)*>')
_HIDDEN_PICTURE = re.compile(r'<img(?![^>]* src=)(?:[^>"]|"[^"]*")*>')  # of another site: its text says what it showed
_LINK_REL = "nofollow ugc noopener"
_NO_CHARACTERS = [
    *range(0xFDD0, 0xFDF0),
    *(plane | low for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)),
]
# Unassigned, but Default_Ignorable_Code_Point already (Unicode's DerivedCoreProperties.txt): never to be seen.
_RESERVED = [0x2065, 0xE0000, *range(0xFFF0, 0xFFF9), *range(0xE0002, 0xE0020), *range(0xE0080, 0xE0100)]
_RESERVED += range(0xE01F0, 0xE1000)
_INVISIBLE = [0xFEFF, 0x00AD, 0x2060, 0x180E, 0x115F, 0x3164, *_RESERVED]
# Bidirectional overrides make text read otherwise than it is; the rest is not seen, or no character.
_HIDDEN = dict.fromkeys([*range(0x202A, 0x202F), *_INVISIBLE, *_NO_CHARACTERS])
_ISOLATES = re.compile("[\u2066-\u2069]")
_TAGS_OF_FLAGS = range(0xE0020, 0xE0080)


# Letters, digits and signs of Latin and Cyrillic writing that are as they should be: most texts hold nothing else.
_USUAL = re.compile("[\t\n -~\u00a1-\u00ac\u00ae-\u024f\u0400-\u0482\u048a-\u052f–—‘’‚“”„…€]*")


def render_comment(text: str) -> str:
    """HTML of a reader's text: paragraphs, emphasis, code, quotes, lists and links; line breaks stay."""
    return sanitise_comment(markdown.comment(text))


def sanitise_comment(html: str, *, site: str = "") -> str:
    """Foreign HTML reduced to what a comment may hold; relative links are those of the site that it comes from."""
    html = nh3.clean(
        html,
        tags=_COMMENT_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
        set_tag_attribute_values=_COMMENT_DIRECTIONS,
        url_schemes=_SCHEMES,
        url_relative=_against(site) or "deny",
        link_rel=_LINK_REL,
    )
    return honest(html).strip()


def render_article(text: str) -> str:
    """HTML of an editor's text: besides that subheads (from h2 down), tables and pictures."""
    return sanitise_article(markdown.article(text))


def sanitise_article(html: str, *, site: str = "") -> str:
    """Foreign HTML reduced to what an article may hold; h1 becomes h2, relative links are the site's or our own."""
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
    return honest(_HIDDEN_PICTURE.sub(_said, html)).strip()


def _said(found: re.Match[str]) -> str:
    says = re.search(r' alt="([^"]*)"', found[0])
    return says[1] if says else ""


def must_show_own_pictures(field: str, text: str) -> None:
    """Raises Invalid for that field of Markdown in which a picture of another site is to be shown."""
    if address := markdown.foreign_picture(text):
        sentence = _("Pictures of other sites are not shown: %s. Upload it, or link to it.") % address
        raise Invalid(sentence, {field: [sentence]})


def _against(site: str) -> tuple[Literal["rewrite_with_base"], str] | None:
    return ("rewrite_with_base", site) if re.match(r"https?://[^/]", site) else None


def _within_site(address: str) -> str | None:
    return address if is_within_site(address) else None


def _own_pictures(tag: str, name: str, value: str) -> str | None:
    """A foreign picture would tell its host who reads."""
    return None if (tag, name) == ("img", "src") and not value.startswith("/media/") else value


def clean(text: str) -> str:
    """NFC text with unix line ends, without control, bidirectional-override and stray invisible characters.

    Real scripts and emoji stay whole: joiners and variation selectors are kept. Text that shows nothing becomes "".
    Idempotent.
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
    """Marks, joiners and the signs that go before numbers (Unicode's Prepended_Concatenation_Mark, all Cf): however
    many follow each other, no line breaks between them.
    """
    return category in {"Mn", "Me"} or (category == "Cf" and ord(sign) not in _TAGS_OF_FLAGS)


def without_isolates(line: str) -> str:
    """For what is shown in an element of its own, which isolates it already."""
    return _ISOLATES.sub("", line).strip()


def _balanced(line: str) -> str:
    """A line whose bidirectional isolates end within it and hold something; the others are left out."""
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
    """What is unassigned (Cn) in our tables may be an emoji that is younger than they are."""
    return category == "Cn" or category[0] not in "CZM"


def clean_line(text: str) -> str:
    """The same for one line: white space is folded to single spaces."""
    return " ".join(clean(text).split())


def plain(html: str) -> str:
    """The text of foreign HTML, for teasers, feeds and titles."""
    return clean_line(unescape(nh3.clean(_BLOCK.sub(" <", html), tags=set())))


def visible(html: str) -> str:
    """The same of HTML that is made here: there it is enough to leave out the tags."""
    return clean_line(unescape(_TAG.sub("", _BLOCK.sub(" <", html))))
