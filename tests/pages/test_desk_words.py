"""The admin speaks German and Russian throughout, in what we say and in what its libraries say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import Sanction, User
from comments import actions
from comments.models import OpeningHours

pytestmark = pytest.mark.django_db
SAID = ("aria-label", "alt", "placeholder", "title")
UNSEEN = {"script", "style", "template", "code", "pre"}
# Words that English sentences and the names of fields cannot do without, and that neither German nor Russian has.
ENGLISH = re.compile(
    r"\b(the|of|and|your|you|with|this|has|have|been|is|are|not|please|select(ed)?|add(ed)?|chang(e|ed)|"
    r"delete|remove|search|last|number|replaced|author|seen|version|task|queue|worker|history|view|show|save|close|"
    r"apply|reset|run|found|results?|first|enter|note|hours?|today|yesterday|at|by|from|for|to)\b",
    re.IGNORECASE,
)
SCRIPTS = Path(admin.__file__).parent / "static" / "admin" / "js"
CALLS = re.compile(r"""\b(n?)gettext\(\s*((?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\+?\s*)+)""")


@pytest.mark.parametrize("language", ["de", "ru"])
def test_no_page_of_the_admin_says_anything_in_english(language, ada, mo, alice, article, item, comment, chat):
    Sanction.objects.create(user=alice, scope="react", reason="spam", imposed_by=mo)
    OpeningHours.objects.create(name="Zeiten", rules="sat,sun 00:00-24:00 closed")
    actions.edit(comment.pk, actor=alice, text="Neuer Text")
    actions.remove(comment.pk, actor=mo, reason="spam")
    browser = Client()
    browser.cookies["language"] = language
    User.objects.filter(pk=ada.pk).update(language=language)
    browser.force_login(ada)

    found: dict[str, str] = {}
    for path in [reverse("admin:index"), *_pages()]:
        answer = browser.get(path)
        assert answer.status_code == 200 or (answer.status_code == 403 and not path.endswith("/change/")), path
        for words in _said(answer.text):
            if ENGLISH.search(words) and not words.startswith('"'):  # which the log of deeds quotes from rows
                found.setdefault(words, path)

    assert found == {}


def _pages() -> Iterator[str]:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        row = model.objects.first()
        for kind in ("change", "history", "delete") if row is not None else ():
            yield reverse(f"{name}_{kind}", args=[row.pk])


def _said(page: str) -> Iterator[str]:
    """What people see and hear of it, but what people have written."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    parents = {child: parent for parent in tree.iter() for child in parent}
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in UNSEEN or "material-symbols-outlined" in _class(element):
            continue
        yield from (" ".join(element.get(name).split()) for name in SAID if element.get(name))
        yield from (" ".join(text.split()) for text in (element.text, _tail(element, parents)) if text and text.strip())


def _tail(element, parents) -> str | None:
    return element.tail if element in parents and parents[element].tag not in UNSEEN else None


def _class(element) -> str:
    return element.get("class", "")


@pytest.mark.parametrize("language", ["de", "ru"])
def test_the_scripts_of_the_admin_have_words_for_all_that_they_say(language, ada):
    browser = Client()
    browser.cookies["language"] = language
    browser.force_login(ada)
    answer = browser.get(reverse("admin:jsi18n")).text
    catalogue = json.loads(re.search(r"const newcatalog = (\{.*?\});\n", answer, re.DOTALL)[1])

    said = {
        ("".join(json.loads(each) for each in re.findall(r'"(?:[^"\\]|\\.)*"', words)), plural)
        for file in ("calendar.js", "admin/DateTimeShortcuts.js")
        for plural, words in CALLS.findall((SCRIPTS / file).read_text())
    }
    assert ("Today (%(date)s)", "") in said
    assert {words for words, _plural in said if " " in words and catalogue.get(words, words) in (words, "")} == set()
    assert all(isinstance(catalogue[words], list) for words, plural in said if plural)
