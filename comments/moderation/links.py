"""Links: how many, where to, and the first one of a young account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from comments.moderation.folding import Span
from comments.moderation.settings import Check, Number, Texts, Wrong, setting
from comments.moderation.verdict import Draft, Finding, Outcome

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class _Domains(Texts):
    """Texts such as example.org."""

    def checked(self, value: Any) -> tuple[str, ...]:
        domains = [domain.casefold().removeprefix("*.").strip(".") for domain in super().checked(value)]
        if bad := next((each for each in domains if not _DOMAIN.fullmatch(each)), None):
            raise Wrong(_("“{text}” is no domain, such as example.org.").format(text=bad[:40]))
        return tuple(domains)


_DOMAINS = _Domains(1000, 253)


@dataclass(frozen=True)
class Links(Check):
    """Texts with more links than `most`; with links to a `held` or `refused` domain, whatever the rule's own action is;
    or with the first link of an account younger than `young_days`. Links to an `allowed` domain do not count.

    A domain stands for all that end with it. None: no such condition.
    """

    most: int | None = setting(Number(0, 50, is_optional=True), 3)
    allowed: tuple[str, ...] = setting(_DOMAINS, ())
    held: tuple[str, ...] = setting(_DOMAINS, ())
    refused: tuple[str, ...] = setting(_DOMAINS, ())
    young_days: int | None = setting(Number(1, 365, is_optional=True), None)

    def __call__(self, draft: Draft) -> Finding | None:
        links = [(address, domain) for address in draft.addresses if not _is_of(domain := host(address), self.allowed)]
        for outcome, domains in ((Outcome.REFUSE, self.refused), (Outcome.HOLD, self.held)):
            if there := [link for link in links if _is_of(link[1], domains)]:
                return _finding(draft, there, ", ".join(dict.fromkeys(domain for _address, domain in there)), outcome)
        if self.most is not None and len(links) > self.most:
            return _finding(draft, links, f"{len(links)} links")
        if links and self.young_days is not None and _is_first_of_young(draft, self.young_days):
            return _finding(draft, links, "first link")
        return None


def _is_first_of_young(draft: Draft, days: int) -> bool:
    return draft.author.days < days and not draft.author.linked


def _finding(draft: Draft, links: Sequence[tuple[str, str]], detail: str, outcome: Outcome | None = None) -> Finding:
    return Finding(tuple(_places(draft.text, links)), detail=detail[:200], outcome=outcome)


def host(address: str) -> str:
    """The domain that an address leads to; for mail that of the recipient; "" for none."""
    try:
        parts = urlsplit(address)
        name = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or ""
    except ValueError:
        return ""
    return name.casefold().strip(".")


def _is_of(domain: str, domains: Sequence[str]) -> bool:
    return any(domain == each or domain.endswith(f".{each}") for each in domains)


def _places(text: str, links: Sequence[tuple[str, str]]) -> Iterator[Span]:
    """Where the addresses stand in the text. An address that is written in another way has no place."""
    text, at = text.casefold(), 0
    for address, domain in links:
        for wanted in filter(None, (address.casefold(), address.casefold().partition("://")[2], domain)):
            start = text.find(wanted, at)
            if start >= 0:
                at = start + len(wanted)
                yield start, at
                break
