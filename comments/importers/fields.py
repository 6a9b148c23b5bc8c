"""Takes the values of a record as they are meant, whatever its writer made of them: numbers as strings, "1" for true,
null or nothing for an empty text. What has no certain meaning raises Odd.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Self
from urllib.parse import urldefrag, urljoin, urlsplit

from articles.importers.documents import Piece, storable
from comments.importers.records import Markup, Notes
from newsroom.text import clean_line

LONGEST_ID = 200  # characters; a URL that names a page may be longer
MOST_VOTES = 2**31 - 1
_MENDED = "Characters that no text may have were left out or replaced"
TRUE, FALSE = {"true", "1", "yes"}, {"false", "0", "no", ""}
_INTEGER = re.compile(r"[+-]?\d{1,18}(?:\.0{1,9})?", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})[-/](\d\d?)[-/](\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?"
    r"(?: ?(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)?))?(?: (?:[A-Z]{2,5}|[+-]\d\d(?:\d\d)?))?",
    re.ASCII | re.IGNORECASE,
)
EARLIEST = 1970  # earlier years stand for "never"
_TAG = re.compile(
    r"\s*<(?:p|div|br|a|b|i|u|s|em|strong|del|code|pre|blockquote|ul|ol|li|h[1-6]|img|span|table|hr|figure|small|sup"
    r"|sub|font|center|details|video|audio|iframe)\b[^>]*>",
    re.IGNORECASE,
)


class Odd(Exception):
    """A record cannot be understood. The message is a sentence for people."""


class Fields:
    """A record by the names of its values."""

    def __init__(self, values: Mapping[str, Any], place: str, notes: Notes) -> None:
        self.values, self.place, self.notes = values, place, notes

    @classmethod
    def of(cls, piece: Piece, notes: Notes) -> Self:
        """Raises Odd if the piece is no object, or one that cannot be trusted."""
        if piece.fault:
            raise Odd(piece.fault)
        if not isinstance(piece.value, dict):
            raise Odd("It is no object.")
        return cls(piece.value, piece.place, notes)

    def value(self, name: str) -> Any:
        """As it stands in the file; None if there is none."""
        return self.values.get(name)

    def within(self, name: str) -> Self:
        """The object of this name; an empty one if there is none."""
        found = self.value(name)
        if found is not None and not isinstance(found, dict):
            raise Odd(f"“{name}” is no object.")
        return type(self)(found or {}, self.place, self.notes)

    def each(self, name: str) -> list[Self]:
        """The objects in the list of this name."""
        return [self.of(Piece((), each, self.place), self.notes) for each in self.members(name)]

    def members(self, name: str) -> list[Any]:
        """The list of this name; an empty one if there is none."""
        found = self.value(name)
        if found is not None and not isinstance(found, list):
            raise Odd(f"“{name}” is no list.")
        return found or []

    def text(self, name: str) -> str:
        found = self.value(name)
        if found is None:
            return ""
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            raise Odd(f"“{name}” is no text.")
        written = str(found)
        text = storable(written)
        if text != written:
            self.notes.add(_MENDED, self.place)
        return text

    def line(self, name: str) -> str:
        """Plain text for people, in one line."""
        return clean_line(self.text(name))

    def id(self, name: str) -> str:
        """A name for programs. Numbers are without leading zeros."""
        found = self.value(name)
        if isinstance(found, float):
            raise Odd(f"“{name}” is no id.")
        text = self.text(name).strip()
        if len(text) > LONGEST_ID:
            raise Odd(f"“{name}” is too long for an id.")
        return (text.lstrip("0") or "0") if _NUMBER.fullmatch(text) else text

    def number(self, name: str) -> int:
        """An integer; 0 if there is none."""
        found = self.value(name)
        if found is None or found == "":
            return 0
        text = "" if isinstance(found, bool) or not isinstance(found, str | int | float) else str(found).strip()
        if not _INTEGER.fullmatch(text):
            raise Odd(f"“{name}” is no integer.")
        return int(text.partition(".")[0])

    def votes(self, name: str) -> tuple[int, int]:
        """A sum of votes as votes for and votes against."""
        found = self.number(name)
        if abs(found) > MOST_VOTES:
            raise Odd(f"“{name}” is too large.")
        return max(found, 0), max(-found, 0)

    def flag(self, name: str) -> bool:
        found = self.value(name)
        word = str(found).strip().lower() if isinstance(found, str | int) else "" if found is None else "?"
        if word not in TRUE | FALSE:
            raise Odd(f"“{name}” is neither true nor false.")
        return word in TRUE

    def moment(self, name: str, zone: tzinfo | None = None) -> datetime | None:
        """The time in UTC, also out of a number of seconds or milliseconds since 1970; `zone` is that of a time that
        names none. None if it stands for "never".
        """
        found = self.value(name)
        if found is None or found == "":
            return None
        at = moment(str(found), zone) if isinstance(found, str | int) and not isinstance(found, bool) else None
        if at is None:
            raise Odd(f"“{name}” is no time.")
        return at if at.year >= EARLIEST else None

    def since(self, name: str, zone: tzinfo | None = None) -> datetime:
        """The time of a record that must have one."""
        at = self.moment(name, zone)
        if at is None:
            raise Odd(f"“{name}” is missing.")
        return at


def moment(text: str, zone: tzinfo | None) -> datetime | None:
    """A time as JavaScript, Go, SQL and their like write it, in UTC; None if it is none.

    Up to nine digits of a second are read, six are kept. An offset that comes twice counts once.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return _since_1970(text.strip())
    year, month, day, hour, minute, second, fraction, utc, sign, hours, minutes = found.groups()
    try:
        if sign:
            away = timedelta(hours=int(hours), minutes=int(minutes or 0))
            zone = timezone(-away if sign == "-" else away)
        elif utc:
            zone = UTC
        at = datetime(
            *(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)),
            int((fraction or "")[:6].ljust(6, "0")),
            zone or UTC,
        )
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime(1, 1, 1, tzinfo=UTC) if year == "0001" else None


def _since_1970(text: str) -> datetime | None:
    """Ten digits are seconds, thirteen are milliseconds: both from 2001 to 2286."""
    if not _NUMBER.fullmatch(text) or len(text) not in {10, 13}:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text.ljust(13, "0")))


def markup_of(text: str) -> Markup:
    """HTML if it begins with a tag, otherwise Markdown: for systems whose files hold both."""
    return Markup.HTML if _TAG.match(text) else Markup.MARKDOWN


def is_absolute(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def on(site: str, address: str) -> str:
    """The address, which may be a path, on a site, without a fragment; as it is if no URL can be made of it."""
    try:
        return urldefrag(urljoin(site, address) if site else address).url
    except ValueError:
        return address


def host_of(site: str) -> str:
    """Of an address, with a port that is not the usual one, without www; "" if it has none."""
    try:
        return urlsplit(site).netloc.lower().removeprefix("www.")
    except ValueError:
        return ""


def site_of(host: str, sites: tuple[str, ...]) -> str:
    """The site of a bare host: with the scheme that the site's own addresses have, otherwise https."""
    host = host.strip().strip("/").lower()
    own = (site for site in sites if host_of(site) == host.removeprefix("www."))
    return next(own, f"https://{host}") if host else ""
