"""Where the pages of a file go: by the operator's map, the site's identifier, the canonical address.

A page goes to the article whose address or old address it has, else to the discussion of that address.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import msgspec
from django.conf import settings

from articles.importers.loader import led_by
from articles.models import Article, OldAddress
from articles.old_addresses import NUMBER, key_of
from comments.access import by_url
from comments.addresses import canonical
from comments.importers.records import Notes, Page, Unreadable
from comments.importers.spool import AT_ONCE, Spool
from comments.importers.survey import Entry, Group, Report
from comments.models import Discussion
from newsroom.text import clean_line

FOREIGN, NO_THREAD = "left.foreign_host", "left.no_thread"
_ARTICLES = "/articles/"
PRIVATE = "Pages that the public could not read there, and that are no articles here: they are left out"
BARE = "Pages with an identifier but no address: it becomes their address on the site"


class Found(NamedTuple):
    """The addresses of a page on the site, canonical, with the names by which pages are one. `host`: another one than
    the site's, if it has no address there.
    """

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    host: str
    is_mapped: bool


class Target(NamedTuple):
    """Where an address leads already: to a discussion, or to an article."""

    article: int | None
    discussion: int | None

    @property
    def name(self) -> str:
        """By which pages that lead there are one."""
        return f"article {self.article}" if self.article else f"discussion {self.discussion}"


class Sites:
    """The site's own addresses, the usual one first, and the operator's map: old address or identifier → new one."""

    def __init__(self, urls: Sequence[str], moved: Mapping[str, str]) -> None:
        self._moved = moved
        self._first = canonical(urls[0])
        self._usual = {bare(url): urlsplit(url).netloc for url in reversed([canonical(url) for url in urls])}
        self._ours = bare(canonical(settings.SITE_URL))

    def find(self, page: Page, notes: Notes) -> Found:
        absolute = [found for each in page.addresses if (found := self._canonical(each))]
        mapped = self._mapped([*page.addresses, *absolute, page.identifier])
        own = [self._with_usual_host(each) for each in absolute if bare(each) in self._usual]
        if not absolute and page.identifier and not mapped:
            own = [self._canonical(f"/{quote(page.identifier.lstrip('/'), safe='/')}")]
            notes.add(BARE, f"“{page.identifier[:80]}”")
        addresses = tuple(dict.fromkeys(filter(None, [mapped, *own])))
        names = [f"url {each}" for each in addresses]
        if page.identifier:
            names.append(f"id {page.identifier}")
        host = "" if addresses else next(map(bare, absolute), "")
        return Found(addresses, tuple(names), host, bool(mapped))

    def targets_of(self, found: Iterable[Found]) -> dict[str, Target]:
        """Address → where it leads, for those that lead somewhere."""
        addresses = list(dict.fromkeys(each for one in found for each in one.addresses))
        keys = {address: self.old_keys(address) for address in addresses}
        led = led_by({key for some in keys.values() for key in some})
        slugs = {each: _slug(each) for each in addresses if self.is_ours(each)}
        articles = dict(Article.objects.filter(slug__in=set(slugs.values())).values_list("slug", "pk"))
        discussions = by_url(addresses)
        targets: dict[str, Target] = {}
        for address in addresses:
            led_to = (led[key] for key in keys[address] if key in led)
            article = articles.get(slugs.get(address, "")) or next(led_to, None)
            known = discussions.get(address)
            if article is not None:
                targets[address] = Target(article, None)
            elif known is not None:
                is_thread = known.mode == Discussion.Mode.THREAD
                targets[address] = Target(known.article_id if is_thread else None, known.pk)
        return targets

    def old_keys(self, address: str) -> list[str]:
        """By which an article is found at its old address on the site, the exact one first."""
        if bare(address) not in self._usual:
            return []
        parts = urlsplit(address)
        number = parse_qs(parts.query).get(NUMBER, [""])[-1]
        keys = dict.fromkeys([key_of(unquote(parts.path), number), key_of(unquote(parts.path))])
        return [key for key in keys if 0 < len(key) <= OldAddress.LENGTH]

    def is_ours(self, address: str) -> bool:
        """Whether it is the address of an article here, which needs nothing to lead there."""
        return bare(address) == self._ours and bool(_slug(address))

    def moved(self, address: str) -> str:
        """The canonical address that a page has now: by the map, or the same; that of an article on ours."""
        if mapped := self._mapped([address]):
            return mapped
        is_known = bare(address) in self._usual and _slug(address)
        return canonical(urlsplit(address)._replace(netloc=self._ours).geturl()) if is_known else address

    def _mapped(self, names: Iterable[str]) -> str:
        to = next((self._moved[name] for name in names if name and name in self._moved), "")
        is_article = to.startswith("/") and bool(_slug(to.rstrip("/")))
        return self._canonical(urljoin(settings.SITE_URL, to) if is_article else to) if to else ""

    def _canonical(self, address: str) -> str:
        """An address or a path on the site, in its canonical form; "" if it is none."""
        try:
            return canonical(urljoin(f"{self._first}/", address.strip()))
        except ValueError:
            return ""

    def _with_usual_host(self, address: str) -> str:
        """With the host as the operator has named it: with or without www."""
        return canonical(urlsplit(address)._replace(netloc=self._usual[bare(address)]).geturl())


def bare(address: str) -> str:
    """The host of a canonical address, with a port that is not the usual one, without www."""
    return urlsplit(address).netloc.removeprefix("www.")


def read_map(path: Path, site: str) -> dict[str, str]:
    """The pairs old,new of a CSV file without a head. Raises Unreadable with the row, OSError."""
    pairs: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.reader(file), 1):
                if not row:
                    continue
                if len(row) != 2 or not all(cell.strip() for cell in row):
                    raise Unreadable(f"Row {number}: two columns are wanted, the old address and the new one.")
                old, new = (cell.strip() for cell in row)
                try:
                    canonical(urljoin(f"{site}/", new))
                except ValueError as error:
                    raise Unreadable(f"Row {number}: {new[:80]} is no address.") from error
                pairs[old] = new
                try:
                    pairs.setdefault(canonical(urljoin(f"{site}/", old)), new)
                except ValueError:
                    continue  # an identifier
    except (UnicodeDecodeError, csv.Error) as error:
        raise Unreadable(f"This is no CSV file in UTF-8 ({error}).") from error
    return pairs


def arrange(spool: Spool[Group, Entry], report: Report, sites: Sites) -> None:
    """Make threads of the pages in the spool. Counts the comments of the others as left out."""
    unions = _Unions(spool)
    decode = msgspec.msgpack.Decoder(Page).decode
    spool.close()
    for some in batched(spool.pages(), AT_ONCE):
        found = {number: sites.find(decode(data), report.notes) for number, data in some if data}
        targets = sites.targets_of(found.values())
        for url, target in targets.items():
            spool.claim([f"to {url}"], target.name)
        for number, each in found.items():
            unions.join(number, [*each.names, *(targets[url].name for url in each.addresses if url in targets)])
    spool.gather(unions.tops)
    for number, data in spool.pages():
        if number in unions.tops:
            continue
        rows = [data, *map(spool.told_of, unions.below.get(number, ()))]
        pages = [(page, sites.find(page, Notes())) for page in map(decode, filter(None, rows))]
        group = _group(pages, spool, report.notes)
        if group is not None:
            spool.make_thread(number, group)
            continue
        size, host = spool.size(number), next((found.host for _page, found in pages if found.host), "")
        report.counts[FOREIGN if host else NO_THREAD] += size
        if host:
            report.hosts[host] += len(pages)
            report.comments_there[host] += size


def _group(pages: Sequence[tuple[Page, Found]], spool: Spool[Group, Entry], notes: Notes) -> Group | None:
    """None if no page has an address on the site, or if nobody may read them and they are no article. What the map says
    comes first.
    """
    found = sorted((each for _page, each in pages if each.addresses), key=lambda each: not each.is_mapped)
    addresses = list(dict.fromkeys(address for each in found for address in each.addresses))
    if not addresses:
        return None
    targets = spool.owners(f"to {address}" for address in addresses)
    kind, _, pk = next((to for each in addresses if (to := targets.get(f"to {each}"))), "").partition(" ")
    if kind != "article" and not any(page.is_public for page, each in pages if each.addresses):
        notes.add(PRIVATE, addresses[0])
        return None
    times = [page.at for page, _found in pages if page.at is not None]
    return Group(
        addresses=tuple(addresses),
        title=next((title for page, _found in pages if (title := clean_line(page.title))), ""),
        is_closed=all(page.is_closed for page, each in pages if each.addresses),
        at=min(times, default=None),
        article=int(pk) if kind == "article" else None,
        discussion=int(pk) if kind == "discussion" else None,
    )


class _Unions:
    """Which pages are one, by the names that they share. `tops`: page → the first of those that it is one with, for all
    but these; `below`: that one → the others.
    """

    def __init__(self, spool: Spool[Group, Entry]) -> None:
        self._spool = spool
        self.tops: dict[int, int] = {}
        self.below: dict[int, list[int]] = {}

    def join(self, number: int, names: Sequence[str]) -> None:
        """Make the page one with all that have one of these names."""
        owners = self._spool.owners(names)
        for top in sorted({self.tops.get(owner, owner) for owner in map(int, owners.values())}):
            self._unite(self.tops.get(number, number), self.tops.get(top, top))
        self._spool.claim(names, str(number))

    def _unite(self, one: int, other: int) -> None:
        top, lower = min(one, other), max(one, other)
        if top == lower:
            return
        moved = [lower, *self.below.pop(lower, [])]
        self.tops |= dict.fromkeys(moved, top)
        self.below.setdefault(top, []).extend(moved)


def _slug(address: str) -> str:
    """Of an article's address; "" for any other."""
    path = urlsplit(address).path
    slug = unquote(path.removeprefix(_ARTICLES)) if path.startswith(_ARTICLES) else ""
    return "" if "/" in slug else slug
