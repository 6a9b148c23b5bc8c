"""Seals the e-mail addresses of imported authors, so that they can have their comments once they are readers here.

Only on demand. An address is never stored, shown or logged; without the site's key its digest tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from secrets import token_hex

from django.conf import settings
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.models import User
from comments.models import Comment, SealedAddress
from comments.models.comments import CommentQuerySet
from comments.sources import instance_of, key_of

_GUEST = "guest-"


def digest_of(address: str) -> str:
    """The digest by the site's present key."""
    return _digest(address, settings.SECRET_KEY)


def digests_of(address: str) -> list[str]:
    """The digests by the present key and former ones."""
    return [_digest(address, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def seals_of(person: User) -> list[SealedAddress]:
    """Those of the address that this person has confirmed here; none of one that is not confirmed."""
    return list(SealedAddress.objects.filter(digest__in=digests_of(person.email))) if person.is_confirmed else []


def written_by(seals: Iterable[SealedAddress]) -> CommentQuerySet:
    """The imported comments of these authors, whatever became of them. They are nobody's here."""
    authors = [Q(source=each.source, author_key=each.author_key) for each in seals]
    rows = Comment.objects.exclude(author_key="").filter(author=None)  # the words of the index's condition
    return rows.filter(reduce(or_, authors)) if authors else rows.none()


def keys_for(source: str, wanted: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Seal these addresses. `wanted`: a comment's source id → (the author's key or "", digest). Returns source id → the
    author's key: all guests of one address get the same one, which is made up.
    """
    digests = {digest for _key, digest in wanted.values()}
    rows = SealedAddress.objects.filter(source=source, digest__in=digests, author_key__contains=_GUEST)
    guests = dict(rows.values_list("digest", "author_key"))
    found: dict[str, str] = {}
    for source_id, (key, digest) in wanted.items():
        made_up = key_of(instance_of(source_id), f"{_GUEST}{token_hex(8)}")
        found[source_id] = key or guests.setdefault(digest, made_up)
    SealedAddress.objects.bulk_create(
        (SealedAddress(source=source, author_key=found[each], digest=digest) for each, (_, digest) in wanted.items()),
        ignore_conflicts=True,
    )
    return found


def _digest(address: str, key: str) -> str:
    return salted_hmac(__name__, address.strip().casefold(), secret=key, algorithm="sha256").hexdigest()
