"""The publisher's face: name, logos, colours, footer links, welcome text."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from accounts.access import acting, must
from accounts.audit import record, values_of
from accounts.models import User
from articles.actions.guards import check, fill
from newsroom.face import colours, links
from newsroom.face.present import keeper
from newsroom.live.outbox import site_changed
from newsroom.models import Appearance
from newsroom.pictures import Encoded, delete, keep
from newsroom.text import must_show_own_pictures, render_article

WRITABLE = frozenset(["name", *colours.FIELDS, "footer_links", "welcome"])
LOGOS = ("logo", "logo_dark")
RECORDED = (*sorted(WRITABLE), *LOGOS)


@transaction.atomic
def change_appearance(*, actor: User, logos: dict[str, Encoded | None] | None = None, **fields: Any) -> Appearance:
    """Change the fields that are given: name, colours, footer_links, welcome. `logos`: "logo" and "logo_dark", None to
    do without; one that is not named stays.

    Raises Forbidden, Invalid; BadColour, LowContrast.
    """
    actor = must("articles.change_appearance", acting(actor), None)
    Appearance.objects.get_or_create(pk=Appearance.ONLY)
    row = Appearance.objects.select_for_update().get(pk=Appearance.ONLY)
    before, files = values_of(row, RECORDED), {getattr(row, name) for name in LOGOS}
    fields = {name: value.lower() if name in colours.FIELDS else value for name, value in fields.items()}
    fill(row, fields, WRITABLE)
    for name, picture in (logos or {}).items():
        _put(row, name, picture)
    check(row)
    colours.check({field: getattr(row, field) for field in colours.FIELDS})
    links.read(row.footer_links)
    must_show_own_pictures("welcome", row.welcome)
    if values_of(row, RECORDED) == before:
        return row
    row.welcome_html = render_article(row.welcome)
    row.version += 1
    row.save()
    record(actor, "appearance.changed", f"appearance.{row.pk}", before, values_of(row, RECORDED))
    site_changed()
    transaction.on_commit(keeper.forget)
    unused = files - {getattr(row, name) for name in LOGOS} - {""}
    transaction.on_commit(partial(delete, unused), robust=True)
    return row


def _put(row: Appearance, name: str, picture: Encoded | None) -> None:
    assert name in LOGOS
    setattr(row, name, picture.file if picture else "")
    setattr(row, f"{name}_width", picture.width if picture else 0)
    setattr(row, f"{name}_height", picture.height if picture else 0)
    keep(picture.files if picture else {})
