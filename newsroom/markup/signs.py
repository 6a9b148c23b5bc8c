"""Signs within lines."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

from newsroom.markup import blocks
from newsroom.markup.standins import instead, stand_in, without

_SUSPECT = re.compile(r"[*_~`\\&<|#]|\]|%EE%8|^[ \t>]*(?:[-+>]|\d+[.)]|    |\t)", re.MULTILINE)
# Never meant as markup: a backslash with the sign it escapes, an entity, the definition of a reference, a tag or an
# unknown kind of address in "<>", the closing signs of a subhead, a plus as an item, text that looks like a stand-in.
_ALWAYS = re.compile(
    r"\\[!-/:-@\[-`{-~]?|&(?=#?\w+;)|(?<=\]):|(?<!\]\()<(?!https?:|mailto:)"
    r"|(?:(?<=[\s>])|^)#+(?=[ \t]*$)|(?<!\S)\+(?!\S)|%(?=EE%8[01])",
    re.IGNORECASE | re.MULTILINE,
)
_BACKTICKS = re.compile(
    rf"(?P<fence>^{blocks.FENCE}$)"
    r"|(?<![\w`])`(?P<one>(?![\s`])[^`\n]*(?<!\s))`(?![\w`])"
    r"|(?<!`)(?P<more>`{2,})(?!`)(?P<code>[^\n]*?[^`\n])(?P=more)(?!`)"
    r"|`+",
    re.MULTILINE,
)
_LINK = re.compile(r"(?<!!)\[\s*\]\(|(?<=\])\(")
_REST = r"(?:[^\s<>]*\)|[^\s<>]*>\))"
_WEB = re.compile(rf"\(<?(?:https?://|mailto:){_REST}", re.IGNORECASE)
_SITE = re.compile(rf"\(<?(?:https?://|mailto:|/(?!/)|#)(?:{_REST}|[^\s<>]*>?\s+[\"'])", re.IGNORECASE)
_MARKS = re.compile(r"[*_~]+")
_TILDES = re.compile(r"(?<!~)(?:~|~{3,})(?!~)")
_WITHOUT_LETTERS = re.compile(r"(?<!\S)(?:[^\w\s]|_)+(?!\S)")
_SIGNS = re.compile(r"(?:[^\w\s]|_){3,}")
# Scripts without spaces between words: there two stars among letters are the only way to make bold type.
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


def shield(text: str, *, is_comment: bool) -> str:
    """The text with stand-ins. The links of a comment lead only to the web, those of an article also within the
    site.
    """
    text = without(text)
    if not _SUSPECT.search(text):
        return text
    text = _ALWAYS.sub(instead, text)
    text = blocks.shield(text, has_tables=not is_comment)
    text = _BACKTICKS.sub(_sign_or_code, text)
    leads = _WEB if is_comment else _SITE
    text = _LINK.sub(lambda found: found[0][:-1] + ("(" if _is_link(found, leads) else stand_in("(")), text)
    text = _MARKS.sub(_marks_in_pairs, text)
    text = _SIGNS.sub(_inner_signs, _WITHOUT_LETTERS.sub(_signs_or_word, text))
    return _MARKS.sub(_sign_or_mark, _TILDES.sub(instead, text))


def _sign_or_code(found: re.Match[str]) -> str:
    """Keeps backticks that enclose code. The others are apostrophes: "geht`s", "die `80er"."""
    is_code = found["one"] is not None or bool((found["code"] or "").strip())
    return found[0] if is_code or found["fence"] is not None else instead(found)


def _is_link(found: re.Match[str], leads: re.Pattern[str]) -> bool:
    """Whether "[…](" has a text and is followed by an address."""
    return found[0] == "(" and leads.match(found.string, found.start()) is not None


def _marks_in_pairs(found: re.Match[str]) -> str:
    """Replaces marks that have only other marks between them: "**__**"."""
    kinds = [kind for kind, _run in groupby(found[0])]
    return found[0] if len(set(kinds)) == len(kinds) else instead(found)


def _signs_or_word(found: re.Match[str]) -> str:
    """Replaces marks in words without letters, "*_*", "*.*", "^_^", unless they open or close a phrase: "**–"."""
    word = found[0]
    runs = _MARKS.findall(word)
    touches_phrase = len(runs) == 1 and len(set(runs[0])) == 1 and (word.startswith(runs[0]) or word.endswith(runs[0]))
    return word if touches_phrase else _MARKS.sub(instead, word)


def _inner_signs(found: re.Match[str]) -> str:
    """Replaces marks between other signs. Only the first and the last can belong to a phrase, unless they form a
    pair.
    """
    signs = found[0]
    runs = list(_MARKS.finditer(signs))
    if len(runs) < 2:
        return signs
    ends = () if set(runs[0][0]) & set(runs[-1][0]) else (runs[0].span(), runs[-1].span())
    return _MARKS.sub(lambda marks: marks[0] if marks.span() in ends else instead(marks), signs)


def _sign_or_mark(found: re.Match[str]) -> str:
    """Replaces marks that neither open nor close a phrase: "Leser*innen", "(a+b)*(c+d)"."""
    marks, start, end, text = found[0], found.start(), found.end(), found.string
    before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
    opens = not (_is_letter(before) or before in ")]}")
    closes = not (_is_letter(after) or after in "([{")
    is_bold = "**" in marks and (_is_spaceless(before) or _is_spaceless(after))
    return marks if opens or closes or is_bold or not marks.strip("_") else stand_in(marks)


def _is_letter(sign: str) -> bool:
    """Whether a sign beside a mark counts as a letter. Stand-ins (category Co) do."""
    return unicodedata.category(sign)[0] in "LMN" or unicodedata.category(sign) == "Co"


def _is_spaceless(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF" or _SPACELESS.match(sign) is not None
