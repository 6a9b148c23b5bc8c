"""Validators for the values of settings. environs adds the variable's name to the error.

Each validator takes a value and raises ValidationError.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import available_timezones

from environs import ValidationError, validate

PUSH_SERVICES = [
    *("fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "*.notify.windows.com")
]
natural = validate.Range(min=0)
positive = validate.Range(min=1)
percent = validate.Range(min=0, max=100)
depth = validate.Range(min=1, max=5)  # levels that the style sheet supports
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


def webhook_secrets(secrets: Iterable[str]) -> None:
    for secret in secrets:
        try:
            length = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
        except ValueError:
            length = 0
        if not secret.startswith("whsec_") or not 24 <= length <= 64:
            raise ValidationError("A secret is whsec_ and 24 to 64 random bytes as base64.")


def vapid_key(key: str) -> None:
    if key and not re.fullmatch(r"[A-Za-z0-9_-]{43}", key):
        raise ValidationError("It is what `manage.py make_vapid_key` prints.")


def vapid_subject(subject: str) -> None:
    """How the operator of a push service reaches us. Apple's refuses what is only of this machine."""
    parts = _split(subject)
    place = parts.path.rpartition("@")[2] if parts.scheme == "mailto" else parts.hostname or ""
    is_known = parts.scheme == "https" or (parts.scheme == "mailto" and re.fullmatch(r"[^@\s]+@[^@\s]+", parts.path))
    if subject and not (is_known and re.fullmatch(r"[\w-]+(\.[\w-]+)+", place)):
        raise ValidationError("It is mailto:somebody@news.example or https://news.example/contact.")


def push_hosts(names: Iterable[str]) -> None:
    for name in names:
        if "://" in name:
            origin(name)
        elif not re.fullmatch(r"(\*\.)?[\w-]+(\.[\w-]+)+", name):
            raise ValidationError(f"{name!r} is no host's name such as push.example or *.push.example.")


def networks(given: Iterable[str]) -> None:
    for network in given:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ValidationError(f"{network!r} is no network such as 10.0.0.0/8.") from error


def of_schemes(*schemes: str) -> Callable[[str], None]:
    """A URL with one of these schemes, or ""."""

    def check(url: str) -> None:
        if url and _split(url).scheme not in schemes:
            raise ValidationError(f"It starts with {' or '.join(f'{scheme}://' for scheme in schemes)}.")

    return check


def installed(module: str, name: str) -> Callable[[str], None]:
    """Whatever is set, it needs what `uv sync --extra name` installs."""

    def check(value: str) -> None:
        if value and find_spec(module) is None:
            raise ValidationError(f"It needs what is not installed: uv sync --extra {name}.")

    return check


# Options allowed after the `?` of a database URL. PostgreSQL: the connection parameters in its manual
# (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS), and `currentSchema` of JDBC.
POSTGRES_OPTIONS = frozenset(
    {
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "currentSchema",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "host",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "options",
        "passfile",
        "port",
        "require_auth",
        "requirepeer",
        "service",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)
# fmt: on
SQLITE_OPTIONS = frozenset({"timeout"})  # seconds that a writer waits for another one


def database(url: str) -> None:
    of_schemes("sqlite", "postgres", "postgresql")(url)
    parts = _split(url)
    known = SQLITE_OPTIONS if parts.scheme == "sqlite" else POSTGRES_OPTIONS
    _known_options(parts, known)


# What redis-py reads from a URL (https://redis.readthedocs.io/en/stable/connections.html); `ssl_…` with `rediss`.
REDIS_OPTIONS = frozenset({"client_name", "db", "health_check_interval", "max_connections", "password", "protocol"})
REDIS_OPTIONS |= {"retry_on_timeout", "socket_connect_timeout", "socket_keepalive", "socket_timeout", "username"}
REDIS_TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_ca_path", "ssl_cert_reqs", "ssl_certfile", "ssl_check_hostname"})
REDIS_TLS_OPTIONS |= {"ssl_keyfile", "ssl_password"}


def redis(url: str) -> None:
    of_schemes("redis", "rediss", "unix")(url)
    parts = _split(url)
    _known_options(parts, REDIS_OPTIONS | REDIS_TLS_OPTIONS if parts.scheme == "rediss" else REDIS_OPTIONS)


def mails(url: str) -> None:
    of_schemes("smtp", "smtps", "submission", "filemail", "consolemail")(url)
    parts = _split(url)
    _known_options(parts, () if parts.scheme in {"filemail", "consolemail"} else ("ssl", "timeout", "tls"))
    if parts.scheme == "filemail" and (parts.netloc or not parts.path.startswith("/")):
        raise ValidationError("The folder stands behind three slashes: filemail:///folder.")
    if parts.scheme not in {"filemail", "consolemail"} and not parts.hostname:
        raise ValidationError("It names no host.")


THEME_FOLDERS = ("templates", "static")


def theme(folder: str) -> None:
    """A theme's folder, or "". A misspelt name would show the usual pages without a word."""
    if not folder:
        return
    path = Path(folder)
    if not path.is_absolute():
        raise ValidationError("It is a whole path, such as /srv/theme.")
    if not path.is_dir():
        raise ValidationError(f"There is no folder {folder}.")
    if not any((path / each).is_dir() for each in THEME_FOLDERS):
        raise ValidationError(f"In {folder} there is neither of the folders {' and '.join(THEME_FOLDERS)}.")


def leaked_passwords(path: str) -> None:
    if not path:
        return
    try:
        with Path(path).open("rb") as file:
            lines = [file.readline(), file.readline()]
    except OSError as error:
        raise ValidationError(f"{path!r} cannot be read: {error.strerror}.") from error
    if not re.match(rb"[0-9A-Fa-f]{40}\b", lines[0]) or (lines[1] and lines[1].upper() < lines[0].upper()):
        raise ValidationError(f"{path!r} does not begin with sorted lines of a SHA-1 in 40 hexadecimal digits.")


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


def _known_options(parts: SplitResult, known: Iterable[str]) -> None:
    names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    for name in names:
        if name not in known:
            raise ValidationError(f"It has no option {name!r}; it knows {', '.join(sorted(known)) or 'none'}.")
        if names.count(name) > 1:
            raise ValidationError(f"The option {name!r} stands there more than once.")


def _split(url: str) -> SplitResult:
    """Raises ValidationError if the URL would be parsed in an unexpected way."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError, too
    except ValueError as error:
        raise ValidationError(f"It is no address: {error}.") from error
    if "#" in url:
        raise ValidationError("It contains a #, which ends an address: in a name or password write %23 instead.")
    if parts.netloc and "@" not in parts.netloc and "@" in parts.path:
        raise ValidationError("A / stands before the @, where the host would end: in a name or password write %2F.")
    return parts
