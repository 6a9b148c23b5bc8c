"""Finds people by words of their names in any spelling, for the list after "@" and in the admin; there by words of
their e-mail addresses, too.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from newsroom.search.asking import Match, Question
from newsroom.search.index import Index
from newsroom.search.pages import Line, found_page

INDEX = Index(
    name="accounts_words",
    table="accounts_user",
    columns=("name",),
    shown="{0}name <> ''",
    has_stems=False,  # a name is no word of a language: "Bergen" is not "Berge"
)
ADDRESSES = Index(
    name="accounts_addresses", table="accounts_user", columns=("email",), shown="{0}email <> ''", has_stems=False
)

FEW_HAVE = 3  # letters: so few names begin with so many that all are listed


def install(**_about: Any) -> None:
    """Repair the indexes after each migration: a rebuilt table on SQLite has lost its triggers."""
    INDEX.mend()
    ADDRESSES.mend()


def learn(instance: User, update_fields: Collection[str] | None = None, **_about: Any) -> None:
    """Index a person whenever name or address is saved; a trigger has removed the old one."""
    if instance.name and (update_fields is None or "name" in update_fields):
        INDEX.learn([(instance.pk, instance.name)])
    if instance.email and (update_fields is None or "email" in update_fields):
        ADDRESSES.learn([(instance.pk, instance.email)])


def people_with(question: Question, most: int) -> set[int]:
    """The ids of the newest people whose names, or addresses, have the words."""
    if max(len(each.word) for each in question.words) >= FEW_HAVE:
        return set(question.first_listed(Match.ANY, None, None, most, is_downwards=True))
    people = User.objects.all()
    line = Line(rows=people, seen=people, keys=("id",), moment="date_joined")
    return set(found_page(line, question, scope="people", sort="newest", limit=most).rows)
