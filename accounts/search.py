"""Finds people by words of their names in any spelling, for the list after "@" and in the admin; there by words of
their e-mail addresses, too.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from accounts.models import User
from accounts.names import name_key
from newsroom.search.asking import Match, Question
from newsroom.search.index import Index, patience
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

MOST_FOUND = 500  # people that a search finds, the newest
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


def people_found(
    words: str, most: int = MOST_FOUND, *, by_address: bool = False, by_whole_address: bool = False
) -> list[int]:
    """The ids of people with these words in their names: first the one who has exactly this name, then others, the
    newest `most`. With `by_address` also of those with the words in their addresses. Of a whole address (with either),
    only that person's. Raises TookTooLong.
    """
    is_address = (by_address or by_whole_address) and "@" in words
    exactly = User.objects.filter(email=words.lower()) if is_address else User.objects.none()
    if found := list(exactly.values_list("pk", flat=True)):
        return found
    found = list(User.objects.filter(name_key=name_key(words)).values_list("pk", flat=True))
    for index in (INDEX, ADDRESSES)[: 1 + by_address]:
        question = index.ask(words, beginnings=True)
        with patience():
            found += people_with(question, most) if question else ()
    return list(dict.fromkeys(found))
