"""Which passwords are refused, besides those that Django's validators refuse (AUTH_PASSWORD_VALIDATORS)."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from bisect import bisect_left
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from newsroom.face.present import site_name

PRODUCT = "newsroom"
SHORTEST_WORD = 4  # characters: shorter ones, such as "www" or "de", stand in many words
_HEX = 40  # characters of a SHA-1 in a line of the file
_BEHIND_ALL = b"~"  # sorts behind every digit


class SiteWordsValidator:
    """The site's name, the name of its host and "newsroom" are what is guessed first: they do not count towards the
    length of a password. Neither does a part of them with SHORTEST_WORD characters or more, such as a word of the name.
    """

    def __init__(self, min_length: int = 8) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: User | None = None) -> None:
        if len(_without(password, site_words())) < self.min_length:
            raise ValidationError(self._said(), code="password_of_site_words")

    def get_help_text(self) -> str:
        return self._said()

    def _said(self) -> str:
        sentence = ngettext(
            "Beside the name and the address of this site, your password needs %d character of its own.",
            "Beside the name and the address of this site, your password needs %d characters of its own.",
            self.min_length,
        )
        return sentence % self.min_length


class LeakedPasswordValidator:
    """Refuses what stands in the file at `path`. Its lines begin with a SHA-1 in hexadecimal digits, in their order, as
    https://haveibeenpwned.com/Passwords gives them away. Nothing is asked over the network.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    def validate(self, password: str, user: User | None = None) -> None:
        if _holds(self.path, password):
            said = _("This password is known from a data leak, so it is among the first that are tried.")
            raise ValidationError(said, code="password_leaked")

    def get_help_text(self) -> str:
        return _("Your password must not be known from a data leak.")


def site_words() -> set[str]:
    """What is guessed first on this site, in small letters."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    whole = {PRODUCT, host, *(_folded(name) for name in (settings.SITE_NAME, site_name()))}
    parts = {part for each in whole for part in re.split(r"[\W_]+", each)}
    joined = {re.sub(r"[\W_]+", "", each) for each in whole}
    return {each for each in whole | parts | joined if len(each) >= SHORTEST_WORD}


def _without(password: str, words: set[str]) -> str:
    """The password without these words, of which the longest are looked for first."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), "", _folded(password))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _holds(path: Path, password: str) -> bool:
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as file:

        def hash_from(place: int) -> bytes:
            """The first hash whose line begins at this byte or behind it."""
            return _line_from(file, place)[:_HEX].upper() or _BEHIND_ALL

        size = file.seek(0, os.SEEK_END)
        return hash_from(bisect_left(range(size), wanted, key=hash_from)) == wanted


def _line_from(file: IO[bytes], place: int) -> bytes:
    file.seek(max(place - 1, 0))
    if place:
        file.readline()  # the rest of the line that the byte before it belongs to
    return file.readline()
