"""Turns addresses in an imported comment into links, as in new comments (GitHub's extended autolinks)."""

from __future__ import annotations

import re
from html import escape, unescape

from django.utils.encoding import iri_to_uri

LONGEST_NAME = 40  # of a character reference
_PARTS = re.compile(r'(<[^>"]*(?:"[^"]*"[^>"]*)*>)')  # tags, and the text between them
_TAG = re.compile(r"<(/?)(a|code|pre)\b")
_ENDS_WORD = "“”„‘’‚«»…"  # these end a word and are no part of an address
_ADDRESS = re.compile(
    rf"""(?P<web>(?:(?<![a-zA-Z0-9])https?://|(?<![^\s*_~(])www\.)(?P<rest>[^\s<{_ENDS_WORD}]+))
    |(?<![\w.+-])(?P<mail>(?:mailto:)?[a-zA-Z0-9._+-]+@[\w-]+(?:\.[\w-]+)+)""",
    re.VERBOSE,
)
_HOST = re.compile(r"[\w.-]+")
_NAMED = re.compile(r"&[a-zA-Z0-9]+;")
_AFTER = "?!.,:*_~'\""  # signs at an address's end that belong to the sentence


def linked(html: str) -> str:
    """Sanitised HTML in which each address outside links and code is a link."""
    if not ("://" in html or "www." in html or "@" in html):
        return html
    inside = 0
    out: list[str] = []
    for part in _PARTS.split(html):
        if part.startswith("<"):
            if tag := _TAG.match(part):
                inside = max(0, inside + (-1 if tag[1] else 1))
            out.append(part)
        else:
            out.append(part if inside else _in_text(unescape(part)))
    return "".join(out)


def _in_text(text: str) -> str:
    out, at = "", 0
    for found in _ADDRESS.finditer(text):
        shown = _web(found) if found["web"] else _mail(found)
        if shown:
            target = shown if "://" in shown else f"http://{shown}" if found["web"] else f"mailto:{_bare(shown)}"
            out += escape(text[at : found.start()], quote=False)
            out += f'<a href="{escape(iri_to_uri(target))}">{escape(shown)}</a>'
            at = found.start() + len(shown)
    return out + escape(text[at:], quote=False)


def _bare(address: str) -> str:
    return address.removeprefix("mailto:")


def _mail(found: re.Match[str]) -> str:
    return "" if found["mail"].endswith(("-", "_")) else found["mail"]


def _web(found: re.Match[str]) -> str:
    """The address without the signs that end the sentence; "" if it has no host."""
    is_short = found["web"].startswith("www.")
    host = _HOST.match(found["web"] if is_short else found["rest"])
    labels = host[0].rstrip(".").split(".") if host else []
    if len(labels) < 2 or not labels[0] or any("_" in label for label in labels[-2:]):
        return ""
    if is_short and len(labels) < 3:
        return ""
    return _trimmed(found["web"])


def _trimmed(address: str) -> str:
    end, surplus = len(address), address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ";":
            start = address.rfind("&", max(0, end - LONGEST_NAME), end)
            end = start if start >= 0 and _NAMED.fullmatch(address, start, end) else end - 1
        elif last in _AFTER or (last == ")" and surplus > 0):
            surplus -= last == ")"
            end -= 1
        else:
            break
    return address[:end]
