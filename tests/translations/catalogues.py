"""Reads what the code asks to be translated, and what the catalogues say. Needs no gettext programs."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("newsroom", "accounts", "articles", "comments")
LANGUAGES = ("de", "en", "ru")
_SINGLE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_PLURAL = {"ngettext", "ngettext_lazy"}
_IN_CONTEXT = {"pgettext", "pgettext_lazy"}
_FIELD = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (".*")')
_ASKED = re.compile(r"""\b(?P<call>n?p?gettext)\(u?(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


@dataclass
class Entry:
    """One message; `said` holds its translation, or for a plural all of its forms."""

    id: str
    plural: str
    said: list[str]
    is_fuzzy: bool


def folder(language: str) -> Path:
    return ROOT / "newsroom" / "locale" / language / "LC_MESSAGES"


def entries(language: str) -> list[Entry]:
    """All messages of a catalogue but its head."""
    found = []
    for block in (folder(language) / "django.po").read_text(encoding="utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := _FIELD.fullmatch(line):
                name = match[1]
                fields[name] = ast.literal_eval(match[2])
            elif line.startswith('"'):
                fields[name] += ast.literal_eval(line)
        if fields.get("msgid"):
            said = [text for key, text in fields.items() if key.startswith("msgstr")]
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            plural = fields.get("msgid_plural", "")
            found.append(Entry(context + fields["msgid"], plural, said, bool(re.search(r"(?m)^#, .*fuzzy", block))))
    return found


def compiled(language: str) -> gettext.GNUTranslations:
    with (folder(language) / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


@cache
def asked() -> frozenset[str]:
    """Every message that code and templates want translated."""
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*")]
    python = [file for file in files if file.suffix == ".py" and "migrations" not in file.parts]
    templates = [file for file in files if file.suffix in {".html", ".txt", ".xml"} and "templates" in file.parts]
    in_python = {message for file in python for message in _in_python(file)}
    return frozenset(in_python | {message for file in templates for message in in_template(file)})


def _in_python(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
        texts = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name in _SINGLE | _PLURAL and texts:
            yield texts[0]
        elif name in _IN_CONTEXT and len(texts) > 1:
            yield f"{texts[0]}\x04{texts[1]}"


def in_template(file: Path) -> Iterator[str]:
    for match in _ASKED.finditer(templatize(file.read_text(encoding="utf-8"))):
        yield ast.literal_eval(match["text"])
