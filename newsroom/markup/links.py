"""Shows the true target of a link, so that readers need not look at the browser's status line."""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape
from urllib.parse import unquote, urlsplit

import idna

LONGEST = 253  # of a host's name
_LINK = re.compile(r"<a((?: [a-z]+=\"[^\"]*\")*)>(.*?)</a>(?P<said> \([^()<\s]*\))?", re.DOTALL)
_HREF = re.compile(r' href="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
_LEADS = re.compile(r"https?://[^/\\?#]|mailto:|/(?![/\\])|#", re.IGNORECASE)
_AFTER_HOST = re.compile(r"(?<=[^/:])[/?#].*", re.DOTALL)  # the URL after the host
_HOST = re.compile(r"[\w.:-]+")  # what browsers accept as a name or a number of a host
_PART = re.compile(r"[\w.@-]+")
_DOTS = dict.fromkeys(map(ord, "。．｡․"), ".")  # browsers treat them as dots


def honest(html: str) -> str:
    """Sanitised HTML in which a link whose text shows another address is followed by its host.

    A link without a valid target becomes its text. Idempotent.
    """
    return _LINK.sub(_told, html) if "<a" in html else html


def is_within_site(address: str) -> bool:
    """Whether a relative address leads to this site: "/a" and "#a" do, "//a.example" does not."""
    return address[:1] == "#" or (
        address[:1] == "/" and address[1:2] not in {"/", "\\"} and not re.search(r"\s", address)
    )


def _told(found: re.Match[str]) -> str:
    attributes, shown, said = found[1], found[2], found["said"] or ""
    href = _HREF.search(attributes)
    if href is None or not _LEADS.match(href[1]):
        return shown + said
    if shown == href[1] and shown.isascii() and "@" not in shown and "xn--" not in shown.lower():
        return found[0]
    address, text = unescape(href[1]), unescape(_TAG.sub("", shown))
    leads_to = _where(address)[:LONGEST]
    if address[:4].lower() == "http" and not _HOST.fullmatch(leads_to):
        return shown + said
    note = f" ({escape(leads_to)})"
    if said == note or _is_itself(text, address, leads_to) or not _is_other(text, leads_to):
        return found[0]
    return f"<a{attributes}>{shown}</a>{note}{said}"


def _where(address: str) -> str:
    """The ASCII host of a web address, the address of a mail, or the path on this site."""
    scheme, _colon, rest = address.partition(":")
    if scheme.lower() == "mailto":
        return unquote(rest.partition("?")[0]).strip().lower()
    if not rest:
        return address
    try:
        host = urlsplit(address).hostname or address
    except ValueError:
        host = address
    return _ascii(unquote(host))


def _is_itself(shown: str, address: str, leads_to: str) -> bool:
    """Whether the whole address is shown, and nothing in it looks different from what a browser reads."""
    if "@" in leads_to:
        return unquote(address).removeprefix("mailto:") == shown.removeprefix("mailto:")
    same = unquote(address).removeprefix("http://") == unquote(shown).removeprefix("http://")
    return same and "xn--" not in leads_to and "@" not in _AFTER_HOST.sub("", address)


def _is_other(shown: str, leads_to: str) -> bool:
    return any(_is_elsewhere(address, leads_to) for word in shown.split() if (address := _address_in(word)))


def _address_in(word: str) -> str:
    """The first part of the word that looks like a host or a mail address; otherwise ""."""
    parts = (part.strip(".-") for part in _PART.findall(word.translate(_DOTS).lower()))
    return next((part for part in parts if _is_host(part.rpartition("@")[2])), "")


def _is_host(name: str) -> bool:
    labels = name.split(".")
    return len(labels) > 1 and all(labels) and len(labels[-1]) > 1 and labels[-1][0].isalpha()


def _is_elsewhere(address: str, leads_to: str) -> bool:
    return address.removeprefix("www.") != leads_to.removeprefix("www.")


def _ascii(host: str) -> str:
    """The host in ASCII, as in DNS. An invalid host name is only normalised."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return unicodedata.normalize("NFKC", host)
