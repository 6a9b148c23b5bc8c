"""What the values of settings must look like; who reads the environment tells the variable's name beside the reason.

Each check takes a value and raises ValidationError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from environs import ValidationError, validate

natural = validate.Range(min=0)
positive = validate.Range(min=1)
depth = validate.Range(min=1, max=5)  # as many levels as the style sheet knows
span = validate.Range(min=timedelta(0))
log_level = validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
rate = validate.Regexp(r"[1-9][0-9]{0,8}/[smhd]\Z", error="It looks like 10/m: a number, and s, m, h or d.")
rate_or_none = validate.Regexp(r"([1-9][0-9]{0,8}/[smhd])?\Z", error="It looks like 10/m, or is empty.")


def site(address: str) -> None:
    origin(address.removesuffix("/"))


def origin(address: str) -> None:
    parts = _split(address)
    is_plain = re.fullmatch(r"[^@\s]+", parts.netloc) and address == f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_plain:
        raise ValidationError(f"{address!r} should look like https://news.example, without a path.")


def origins(addresses: Iterable[str]) -> None:
    for address in addresses:
        if address != "*":
            origin(address)


def hosts(names: Iterable[str]) -> None:
    for name in names:
        if not re.fullmatch(r"\*|\.?[\w.-]+|\[[0-9a-fA-F:.]+\]", name):
            raise ValidationError(f"{name!r} is no host's name; addresses and ports do not belong there.")


def of_schemes(*schemes: str) -> Callable[[str], None]:
    """A URL of one of these schemes; "" is none at all."""

    def check(url: str) -> None:
        if url and _split(url).scheme not in schemes:
            raise ValidationError(f"It starts with {' or '.join(f'{scheme}://' for scheme in schemes)}.")

    return check


def mails(url: str) -> None:
    of_schemes("smtp", "smtps", "submission", "filemail", "consolemail")(url)
    parts = _split(url)
    if parts.scheme == "filemail" and (parts.netloc or not parts.path.startswith("/")):
        raise ValidationError("The folder stands behind three slashes: filemail:///folder.")
    if parts.scheme not in {"filemail", "consolemail"} and not parts.hostname:
        raise ValidationError("It names no host.")


def time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("It is no time zone such as Europe/Berlin.")


def pairs(text: str) -> dict[str, str]:
    """Names and signs: "like=👍,dislike=👎"."""
    found = dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
    split = {name.strip(): sign.strip() for name, _, sign in (part.partition("=") for part in found)}
    if any(not re.fullmatch(r"[a-z][a-z0-9_]{0,19}", name) or not sign for name, sign in split.items()):
        raise ValidationError("It looks like like=👍,dislike=👎: names of at most 20 small letters, and signs.")
    return split


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError, too
    except ValueError as error:
        raise ValidationError(f"It is no address: {error}.") from error
    return parts
