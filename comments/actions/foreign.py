"""Discussions of pages on other sites."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_somewhere
from accounts.audit import record
from accounts.models import User
from comments import events
from comments.access import by_url, page_address
from comments.actions.discussions import change_discussion, start_discussion
from comments.models import Alias, Discussion
from newsroom.errors import Conflict

MOST_ALIASES = 50


def discuss_page(url: str, *, actor: User, title: str, aliases: Sequence[str] = ()) -> tuple[Discussion, bool]:
    """The discussion of a foreign page, and whether it is new. Sets its title and adds `aliases` to its addresses.

    Raises Forbidden, Invalid; Conflict if an alias is the address of another discussion.
    """
    must_somewhere("comments.discuss_page", actor)
    address = page_address(url)
    others = {page_address(alias) for alias in aliases[:MOST_ALIASES]}
    try:
        with transaction.atomic():
            known = by_url([address]).get(address)
            found = known or start_discussion(title, url=address)
            if known is not None and known.title != title:
                found = change_discussion(known.pk, actor=actor, title=title)
            actor = must("comments.discuss_page", acting(actor), found.section_id)
            _call(found, others - {found.url})
            named = {"url": found.url, "aliases": " ".join(sorted(others))}
            deed = "discussion.named" if known else "discussion.started"
            record(actor, deed, events.subject_of(found), {}, named)
            return found, known is None
    except IntegrityError as error:  # another transaction created it at the same moment
        known = by_url([address]).get(address)
        if known is None:
            raise Conflict(_("One of these addresses belongs to another discussion.")) from error
        return known, False


def _call(discussion: Discussion, addresses: set[str]) -> None:
    taken = by_url(sorted(addresses))
    if any(other.pk != discussion.pk for other in taken.values()):
        raise Conflict(_("One of these addresses belongs to another discussion."))
    Alias.objects.bulk_create(Alias(discussion=discussion, url=address) for address in sorted(addresses - taken.keys()))
