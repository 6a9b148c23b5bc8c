"""Display names: which ones are allowed, and which ones look the same."""

from __future__ import annotations

import unicodedata

from django.conf import settings
from django.utils.translation import gettext as _

from newsroom.confusables import skeleton
from newsroom.errors import Invalid
from newsroom.face.present import site_name
from newsroom.text import clean_line, without_isolates

MIN_LENGTH, MAX_LENGTH = 2, 40
_RESERVED = """
    admin administrator administrators administration adm root system superuser sysadmin webmaster postmaster
    moderator moderators moderation mod mods editor editors editorial staff team support help service official
    newsroom redaktion redakteur redakteurin chefredaktion chefredakteur moderatorin administratorin hilfe
    kundendienst impressum presse anonymous anonym unknown unbekannt guest gast nobody niemand deleted erased
    geloescht gelöscht null undefined me self you everyone all alle here
    админ администратор администрация модератор модерация редакция редактор поддержка аноним гость
"""
_ALPHABETS = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}


def name_key(name: str) -> str:
    """The form of a name that must be unique: its skeleton."""
    return skeleton(name)


def checked_name(name: str, *, is_staff: bool = False) -> str:
    """The name as it is stored: one clean line. Raises Invalid with `errors["name"]`; staff may use reserved names."""
    name = without_isolates(clean_line(name))  # messengers copy names with isolates
    if not (len(name) >= MIN_LENGTH or _is_word(name)) or len(name) > MAX_LENGTH:
        raise _invalid(_("A name has from %(min)d to %(max)d characters.") % {"min": MIN_LENGTH, "max": MAX_LENGTH})
    strange = next((sign for sign in name if not _fits(sign)), "")
    if strange:
        raise _invalid(_("“%s” cannot stand in a name.") % strange)
    if not any(sign.isalnum() for sign in name):
        raise _invalid(_("A name consists of letters, digits, spaces and - _ . '"))
    if not is_staff and _bare(name) in _reserved():
        raise _invalid(_("This name is reserved."))
    if any(len(_alphabets(word)) > 1 for word in name.replace("-", " ").split()):
        raise _invalid(_("A word of a name keeps to one alphabet."))
    return name


def _fits(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN" or sign in " -_.'’&()·・\u200c\u200d"


def _is_word(name: str) -> bool:
    """Whether a single sign is a whole name: 李."""
    return len(name) == 1 and name.isalpha() and unicodedata.east_asian_width(name) == "W"


def _bare(name: str) -> str:
    return "".join(sign for sign in skeleton(name) if sign.isalnum())


def _reserved() -> set[str]:
    return {_bare(word) for word in (*_RESERVED.split(), settings.SITE_NAME, site_name())}


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(sign, "").partition(" ")[0] for sign in word} & _ALPHABETS


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, {"name": [sentence]})
