"""Words to authors that are kept ready: who leads the moderators writes them, all of them use them."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must
from accounts.audit import record, values_of
from accounts.models import User
from accounts.reasons import Reason
from comments.models import MAX_WORDS, CannedText
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, Invalid, NotFound
from newsroom.text import clean

MOST_TEXTS = 300  # of all reasons and languages
FIELDS = ("reason", "language", "text")


@transaction.atomic
def add_text(*, actor: User, reason: str, language: str, text: str) -> CannedText:
    """Keep words ready for a reason and a language. Raises Forbidden, Invalid, Conflict (too many)."""
    actor = must("comments.add_text", acting(actor), None)
    if CannedText.objects.count() >= MOST_TEXTS:
        raise Conflict(_("At most %d texts are kept.") % MOST_TEXTS)
    made = CannedText(changed_by=actor, **_checked(reason, language, text))
    made.save()
    record(actor, "text.added", made.subject, {}, values_of(made, FIELDS))
    return made


@transaction.atomic
def change_text(
    text_id: int, *, actor: User, reason: str | None = None, language: str | None = None, text: str | None = None
) -> CannedText:
    """Change what is not None. What was said with it stays as it was. Raises NotFound, Forbidden, Invalid."""
    actor = must("comments.change_text", acting(actor), None)
    found = _locked(text_id)
    before = values_of(found, FIELDS)
    given = {"reason": reason, "language": language, "text": text}
    wanted = {name: before[name] if value is None else value for name, value in given.items()}
    for name, value in _checked(**wanted).items():
        setattr(found, name, value)
    found.changed_by, found.changed_at = actor, timezone.now()
    found.save()
    record(actor, "text.changed", found.subject, before, values_of(found, FIELDS))
    return found


@transaction.atomic
def drop_text(text_id: int, *, actor: User) -> None:
    """Raises NotFound, Forbidden."""
    actor = must("comments.drop_text", acting(actor), None)
    found = _locked(text_id)
    record(actor, "text.dropped", found.subject, values_of(found, FIELDS), {})
    found.delete()


def _locked(text_id: int) -> CannedText:
    rows = CannedText.objects.select_for_update(of=("self",))
    found = rows.filter(pk=text_id).first() if text_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such text."))
    return found


def _checked(reason: str, language: str, text: str) -> dict[str, str]:
    """The clean fields. Raises Invalid."""
    text = clean(text)
    errors: dict[str, list[str]] = {}
    if reason not in Reason.values:
        errors["reason"] = [_("There is no such reason.")]
    if language not in dict(settings.LANGUAGES):
        errors["language"] = [_("The site does not have this language.")]
    if not text:
        errors["text"] = [_("It needs a text.")]
    elif len(text) > MAX_WORDS:
        errors["text"] = [_("At most %d characters fit in here.") % MAX_WORDS]
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
    return {"reason": reason, "language": language, "text": text}
