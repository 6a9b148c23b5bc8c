"""Photos: add, describe, delete."""

from __future__ import annotations

from functools import partial
from typing import IO, Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.access import acting, must
from accounts.audit import record, values_of
from accounts.models import User
from articles import photos
from articles.actions.guards import begin, check, fill
from articles.models import Photo
from newsroom.errors import Conflict, NotFound
from newsroom.live.outbox import site_changed
from newsroom.pictures import Encoded, delete, keep

DESCRIBED = ("file", "caption", "alt", "credit", "credit_url", "year")
WRITABLE = frozenset(["caption", "alt", "credit", "credit_url", "year"])


def add_photo(upload: IO[bytes] | Encoded, *, actor: User, **fields: Any) -> Photo:
    """Encode an uploaded picture (about a second), or take an encoded one, and store it.

    `fields`: caption, alt, credit, credit_url, year. Raises Forbidden, Invalid.
    """
    actor = begin("add_photo", actor)
    photo = Photo()
    fill(photo, fields, WRITABLE)
    encoded = upload if isinstance(upload, Encoded) else photos.encode(upload)
    photo.file, photo.widths = encoded.file, encoded.widths
    photo.width, photo.height = encoded.width, encoded.height
    check(photo)
    with transaction.atomic():
        actor = begin("add_photo", actor)  # again, since encoding took some time
        keep(encoded.files)
        photo.save()
        record(actor, "photo.added", f"photo.{photo.pk}", {}, values_of(photo, DESCRIBED))
    return photo


@transaction.atomic
def describe_photo(photo_id: int, *, actor: User, **fields: Any) -> Photo:
    """Change caption, alt, credit, credit_url, year. Raises NotFound, Forbidden, Invalid."""
    actor = begin("describe_photo", actor)
    photo = _locked(photo_id)
    before = values_of(photo, DESCRIBED)
    fill(photo, fields, WRITABLE)
    check(photo)
    photo.save()
    record(actor, "photo.described", f"photo.{photo.pk}", before, values_of(photo, DESCRIBED))
    site_changed()
    return photo


@transaction.atomic
def delete_photo(photo_id: int, *, actor: User) -> None:
    """Delete it with its files. Raises NotFound, Forbidden; Conflict if an article uses it."""
    actor = must("articles.delete_photo", acting(actor), None)
    photo = _locked(photo_id)
    record(actor, "photo.deleted", f"photo.{photo.pk}", values_of(photo, DESCRIBED), {})
    try:
        photo.delete()
    except ProtectedError as error:
        raise Conflict(_("An article shows this photo.")) from error
    if not Photo.objects.filter(file=photo.file).exists():  # the same picture may have been uploaded twice
        transaction.on_commit(partial(delete, photos.names(photo.file, photo.widths)), robust=True)


def _locked(photo_id: int) -> Photo:
    photo = Photo.objects.select_for_update().filter(pk=photo_id).first()
    if photo is None:
        raise NotFound(_("There is no such photo."))
    return photo
