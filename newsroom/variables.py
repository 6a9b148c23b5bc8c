"""The variables of the environment: each may also come from a file, and those that no setting reads are named."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import wraps
from pathlib import Path
from typing import Any, cast

from environs import Env, EnvError

FILE = "_FILE"  # SECRET_KEY_FILE names the file whose content is SECRET_KEY
LARGEST = 64 * 1024  # bytes of such a file

# Prefixes of our variables. Kubernetes sets others with them, such as LIVE_PORT for a service named "live".
FAMILIES = ("CLOSE_", "EDGE_", "LIMIT_", "LIVE_", "METRICS_", "SECURE_", "SLOW_MODE_", "TRUSTED_")
OURS = "NEWSROOM_"
_OF_SERVICES = re.compile(r"_SERVICE_(HOST|PORT)|_PORT(_|\Z)")
_INTERNAL = re.compile(r"NEWSROOM_TEST_\w+")  # tests read these
# How much a variable without a prefix of ours is like a setting that is probably meant: SITE_ULR has 0.875 and no other
# letters. UV_LOG_LEVEL and DATABASE_USER are other things than LOG_LEVEL and DATABASE_URL.
ALIKE, MOST_DIFFERING = 0.87, 2
ALIKE_OURS = 0.75  # the same for one with a prefix of ours, which is told of in any case


def from_file(name: str) -> str | None:
    """The content of the file that NAME_FILE names, without line breaks at its end; None if there is no such variable.

    Raises EnvError if NAME is set as well, and if the file cannot be read, is empty or larger than 64 KiB.
    """
    variable = f"{name}{FILE}"
    if variable not in os.environ:
        return None
    if name in os.environ:
        raise EnvError(f"{name} and {variable} are both set: set one of them.")
    path = Path(os.environ[variable])
    if not path.is_file():  # a pipe could be read once only, and each process reads it
        raise EnvError(f"{variable}: there is no file {str(path)!r}, or this user may not see it.")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        text = content.decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise EnvError(f"{variable}: the file {str(path)!r} cannot be read: {reason}.") from error
    if len(content) > LARGEST or not text or "\0" in text:
        reason = "is empty" if not text else f"is larger than {LARGEST:,} bytes" if "\0" not in text else "is no text"
        raise EnvError(f"{variable}: the file {str(path)!r} {reason}.")
    return text


def _or_file[Method: Callable[..., Any]](method: Method) -> Method:
    @wraps(method)
    def read(self: Env, name: str, *rest: Any, **options: Any) -> Any:
        with _lent(name):
            return method(self, name, *rest, **options)

    return cast("Method", read)


@contextmanager
def _lent(name: str) -> Iterator[None]:
    """A block in which the content of the file stands in the environment. Processes that start later read the file."""
    content = from_file(name)
    if content is None:
        yield
        return
    os.environ[name] = content
    try:
        yield
    finally:
        del os.environ[name]


class Variables(Env):
    """environs' reader. Each variable may also be given as NAME_FILE."""

    bool = _or_file(Env.bool)
    int = _or_file(Env.int)
    str = _or_file(Env.str)
    list = _or_file(Env.list)
    timedelta = _or_file(Env.timedelta)
    dj_db_url = _or_file(Env.dj_db_url)


def unknown(given: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """The variables that look like ours and are none, each with the known name that is probably meant, or "".

    Raises EnvError for one with the prefix of a family: without it a limit, or the number of proxies, would be another.
    """
    names = [*known]
    names += [f"{name}{FILE}" for name in names]
    found = {}
    for name in sorted({*given} - {*names}):
        if _OF_SERVICES.search(name) or _INTERNAL.fullmatch(name):
            continue
        is_ours = name.startswith((*FAMILIES, OURS))
        meant = (get_close_matches(name, names, 1, ALIKE_OURS if is_ours else ALIKE) or [""])[0]
        if not is_ours and (not meant or _differing(name, meant) > MOST_DIFFERING):
            continue
        if name.startswith(FAMILIES):
            raise EnvError(sentence(name, meant))
        found[name] = meant
    return found


def _differing(name: str, other: str) -> int:
    """The number of letters that only one of them has."""
    mine, its = Counter(name), Counter(other)
    return ((mine - its) | (its - mine)).total()


def sentence(name: str, meant: str) -> str:
    return f"{name} is no setting." + (f" Is {meant} meant?" if meant else "")
