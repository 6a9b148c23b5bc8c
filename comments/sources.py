"""The systems that comments came from: what may be said of one, the ids of comments there, and the anchors by which
pages there led to them. Pure.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from zoneinfo import ZoneInfo

from comments.addresses import canonical
from newsroom.formats.moments import zone_named

LENGTH = 100  # characters of an id
MAX_INSTANCE = 60
MAX_ANCHOR = 200
_ANCHORS = [  # the anchor, and the systems that have it
    (re.compile(r"comment-([0-9]{1,20})"), ("wordpress", "disqus")),
    (re.compile(r"isso-([0-9]{1,20})"), ("isso",)),
    (re.compile(r"remark42__comment-(\S+)"), ("remark42",)),
    (re.compile(r"commento-([0-9a-f]{64})"), ("commento", "comentario")),
    (re.compile(r"comentario-([0-9a-f-]{36}|[0-9a-f]{64})"), ("comentario", "commento")),
    (re.compile(r"atk-comment-([0-9]{1,20})"), ("artalk",)),
    (re.compile(r"([0-9a-f]{24})"), ("waline",)),
    (re.compile(r"commentID=(\S+)"), ("coral",)),
]


_INSTANCE = re.compile(rf"[\w./-]{{0,{MAX_INSTANCE}}}")


class Unfit(ValueError):
    """What is said of a system is none. Each front says it in its own words, by `about`: "site", "instance", "zone"."""

    def __init__(self, about: str, said: str) -> None:
        super().__init__(f"{said!r} is no {about}")
        self.about, self.said = about, said


def site_of(said: str) -> str:
    """The canonical address of a site; https where no scheme is said. Raises Unfit."""
    try:
        return canonical(said if "://" in said else f"https://{said}")
    except ValueError as error:
        raise Unfit("site", said) from error


def instance_named(said: str) -> str:
    """The name of an instance, or "". Raises Unfit."""
    if not _INSTANCE.fullmatch(said):
        raise Unfit("instance", said)
    return said


def zone_of(said: str) -> ZoneInfo | None:
    """The time zone; None for "". Raises Unfit."""
    zone = zone_named(said)
    if said and zone is None:
        raise Unfit("zone", said)
    return zone


def key_of(instance: str, number: str) -> str:
    """The permanent id of a comment: it names the instance, since others count 1, 2, 3 …, too."""
    if len(instance) + len(number) >= LENGTH:
        number = blake2b(number.encode(), digest_size=16).hexdigest()
    return f"{instance}:{number}"


def instance_of(key: str) -> str:
    return key.rpartition(":")[0]


def told_by(anchor: str) -> tuple[str, tuple[str, ...]] | None:
    """The number of a comment in an anchor, and the systems that it may be of."""
    if len(anchor) > MAX_ANCHOR:
        return None
    return next(((found[1], systems) for form, systems in _ANCHORS if (found := form.fullmatch(anchor))), None)
