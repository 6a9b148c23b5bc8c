"""The former paths of imported articles, which links, bookmarks and search engines still use.

They are stored as paths on our site only, so they cannot redirect to another site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import normalize
from urllib.parse import parse_qs, unquote, urlsplit

from accounts.access import Viewer
from articles.models import Article, OldAddress

NUMBER = "p"  # the parameter by which WordPress finds every post


def key_of(path: str, number: str = "") -> str:
    """The form of an address in the table; `path` is decoded. "" for one that can never lead to an article."""
    bare = "/" + normalize("NFC", path).strip("/")
    is_number = number.isascii() and number.isdigit() and len(number) <= 20
    key = f"{bare}?{NUMBER}={int(number)}" if is_number else bare
    return "" if key == "/" or "\0" in key else key


def keys_of(site: str, addresses: Iterable[str]) -> Iterator[str]:
    """The keys of those addresses that belong to the site at `site`; too long ones are left out."""
    host = _host(site)
    for address in addresses:
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        number = parse_qs(parts.query).get(NUMBER, [""])[-1]
        key = key_of(unquote(parts.path), number)
        if host and _host(address) == host and 0 < len(key) <= OldAddress.LENGTH:
            yield key


def leads_to(viewer: Viewer, path: str, number: str = "") -> str | None:
    """The present address of the article at that path, if `viewer` may read it or know that it was retracted."""
    keys = [key for key in (key_of(path, number), key_of(path)) if 0 < len(key) <= OldAddress.LENGTH]
    known = dict(OldAddress.objects.filter(path__in=keys).values_list("path", "article")) if keys else {}
    if not known:
        return None
    found = Article.objects.visible_to(viewer) | Article.objects.taken_back()
    article = found.filter(pk=next(known[key] for key in keys if key in known)).only("slug").first()
    return article.get_absolute_url() if article else None


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
