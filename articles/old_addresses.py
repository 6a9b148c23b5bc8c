"""Where an article stood before it moved in: the paths that old links, bookmarks and search engines still hold.

They are paths of ours alone, so that nobody can be sent to another site through them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import normalize
from urllib.parse import parse_qs, unquote, urlsplit

from accounts.access import Viewer
from articles.models import Article, OldAddress

NUMBER = "p"  # the parameter by which WordPress finds every post


def key_of(path: str, number: str = "") -> str:
    """How an address is written in the table; `path` is decoded. "" for one that always leads elsewhere."""
    bare = "/" + normalize("NFC", path).strip("/")
    is_number = number.isascii() and number.isdigit() and len(number) <= 20
    key = f"{bare}?{NUMBER}={int(number)}" if is_number else bare
    return "" if key == "/" or "\0" in key else key


def keys_of(site: str, addresses: Iterable[str]) -> Iterator[str]:
    """Of those addresses that belong to the site with the address `site`; longer ones than we keep are left out."""
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
    """The address of the article that stood there, if `viewer` may read it or hear that it was retracted."""
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
