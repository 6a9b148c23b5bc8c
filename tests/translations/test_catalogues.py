"""The catalogues are whole, and what is shipped compiled is what is written. How to mend it: docs/translating.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import unfold

from tests.translations.catalogues import LANGUAGES, asked, compiled, entries, in_template

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdr]|\{\w+\}|%%")
COUNTED = re.compile(
    r"(%d|%\((n|\w*count\w*|\w*number|least|most|total|done|left)\)[sd]|\{(n|count|least|most)\}) [a-z]{4}"
)
LIMIT = re.compile(r"(?i)\b(at most|up to|to|than) [%{]")
FORMS = {"de": 2, "en": 2, "ru": 4}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_said_is_translated(language):
    known = {entry.id for entry in entries(language)}

    assert sorted(asked() - known) == []
    assert sorted(known - asked()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_missing_or_guessed(language):
    bad = [entry.id for entry in entries(language) if entry.is_fuzzy or not all(entry.said)]

    assert bad == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_its_forms(language):
    plurals = [entry for entry in entries(language) if entry.plural]

    assert plurals
    assert {len(entry.said) for entry in plurals} == {FORMS[language]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_in_what_the_original_fills_in(language):
    for entry in entries(language):
        wanted = sorted(PLACEHOLDER.findall(entry.plural or entry.id))
        for said in entry.said:
            assert sorted(PLACEHOLDER.findall(said)) == wanted, entry.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    translations = compiled(language)
    numbers = (1, 2, 5) if language == "ru" else (1, 2)

    for entry in entries(language):
        if not entry.plural:
            assert translations.gettext(entry.id) == entry.said[0]
        for form, number in enumerate(numbers if entry.plural else ()):
            assert translations.ngettext(entry.id, entry.plural, number) == entry.said[form]


def test_what_is_counted_has_a_form_for_each_number():
    """A limit is one number that does not change: each language says it in one form."""
    alike = [entry.id for entry in entries("en") if COUNTED.search(entry.id) and not entry.plural]

    assert [message for message in alike if not LIMIT.search(message)] == []


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "комментарий"), (3, "комментария"), (11, "комментариев"), (21, "комментарий"), (112, "комментариев")],
)
def test_russian_counts_as_russians_do(number, words):
    from django.utils.translation import ngettext, override

    with override("ru"):
        assert ngettext("{n} comment", "{n} comments", number) == f"{{n}} {words}"


@pytest.mark.parametrize(
    "sentence",
    [
        "Registrierung erfolgreich abgeschlossen!",
        "Klicken Sie bitte den Link aus der E-Mail, die an %(address)s geschickt wurde",
        "Um an der Diskussion teilzunehmen, loggen Sie sich ein oder registrieren Sie sich",
        "Neueste oben",
        "Älteste oben",
        "Zur Bilddatenbank",
    ],
)
def test_german_says_word_for_word_what_was_asked_for(sentence):
    assert sentence in {said for entry in entries("de") for said in entry.said}


def test_german_readers_are_addressed_formally():
    informal = re.compile(r"\b(?:du|dir|dich|dein\w*|dein)\b", re.IGNORECASE)

    assert [entry.id for entry in entries("de") for said in entry.said if informal.search(said)] == []


def test_what_the_admins_theme_says_is_translated():
    """In Russian, where no word looks like an English one. Whole passages of markup are left aside."""
    from django.utils.translation import gettext, override

    files = (Path(unfold.__file__).parent / "templates").rglob("*.html")
    said = {message for file in files for message in in_template(file) if "\x04" not in message and "\n" not in message}
    with override("ru"):
        assert sorted(message for message in said if gettext(message) == message) == []
