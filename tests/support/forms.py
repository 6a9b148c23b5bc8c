"""The forms of a page as a browser has them: what each holds, sends, and says at its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import html5lib

FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')
TOO_LONG = 200_001  # characters: more than any field holds that does not say itself how many
NOT_OFFERED = "gibt-es-nicht"
WRITTEN = {"text", "textarea", "email", "url", "search", "password", "number"}
type Sent = dict[str, list[str]]


@dataclass
class Control:
    """All that goes by one name: a field, or the boxes of a group."""

    name: str
    kind: str
    holds: list[str] = field(default_factory=list)  # what a browser would send
    choices: list[str] = field(default_factory=list)
    is_required: bool = False
    is_invalid: bool = False
    longest: int | None = None
    said: str = ""  # what is read out with it: help and errors
    label: str = ""

    @property
    def is_typed(self) -> bool:
        return self.kind in WRITTEN

    @property
    def is_filled_in(self) -> bool:
        return self.kind not in {"hidden", "submit"} and "__prefix__" not in self.name

    def wrongs(self) -> Iterator[list[str]]:
        """What somebody may send in it that cannot be right."""
        if self.kind in {"select", "radio", "checkbox"} and len(self.choices) > 1:
            yield [NOT_OFFERED]
        elif self.kind in {"number", "date", "time", "datetime-local"}:
            yield ["unsinnig"]
        elif self.is_typed:
            yield ["x" * ((self.longest or TOO_LONG - 1) + 1)]
            yield ["Mit\x00darin"]
        if self.is_required and self.kind != "select":
            yield [] if self.kind in {"checkbox", "radio", "file"} else [""]


class Form:
    def __init__(self, root: Any) -> None:
        self.action: str = root.get("action") or ""
        self.method: str = (root.get("method") or "get").lower()
        self.id: str = root.get("id") or ""
        self.controls: dict[str, Control] = {}
        self.buttons: list[tuple[str, str]] = []
        self.told = " ".join(_text(each) for each in root.iter() if _is_of_all(each)).strip()
        ids = {each.get("id"): _text(each) for each in root.iter() if each.get("id")}
        labels = {each.get("for"): _text(each) for each in root.iter("label")}
        for element, above in _with_fieldset(root, None):
            self._add(element, above, ids, labels)

    def sent(self) -> Sent:
        return {name: each.holds for name, each in self.controls.items() if each.holds and "__prefix__" not in name}

    def filled_in(self) -> list[Control]:
        return [each for each in self.controls.values() if each.is_filled_in]

    def invalid(self) -> set[str]:
        return {name for name, each in self.controls.items() if each.is_invalid}

    def _add(self, element: Any, fieldset: Any, ids: dict[str, str], labels: dict[str, str]) -> None:
        name, kind = element.get("name"), _kind(element)
        if kind in {"submit", "button"}:
            self.buttons += [(name or "", element.get("value") or "")]
        if not name or kind in {"submit", "button"}:
            return
        control = self.controls.setdefault(name, Control(name, kind))
        _take(control, element)
        control.is_required |= "required" in element.attrib
        control.is_invalid |= element.get("aria-invalid") == "true"
        control.longest = int(element.get("maxlength")) if element.get("maxlength") else control.longest
        control.label = control.label or labels.get(element.get("id"), "")
        named = f"{element.get('aria-describedby') or ''} {'' if fieldset is None else _named_by(fieldset)}".split()
        control.said = " ".join(dict.fromkeys([control.said, *(ids.get(each, "") for each in named)])).strip()


def forms_of(page: str) -> list[Form]:
    """In the order in which they stand there; those of templates are nobody's yet."""
    page = re.sub(r"<template\b.*?</template>", "", page, flags=re.DOTALL)
    return [_parsed(TOKEN.sub(r"\1", text)) for text in FORM.findall(page)]


@lru_cache(maxsize=1000)  # the same few stand on every page
def _parsed(text: str) -> Form:
    return Form(next(html5lib.parse(text, namespaceHTMLElements=False).iter("form")))


def unsaid(form: Form, name: str, before: str) -> list[str]:
    """What the field itself does not tell of being wrong; `before` is what was read out with it beforehand."""
    control = form.controls.get(name)
    if control is None:
        return [f"{name} is gone"]
    if control.kind == "password" and form.told:
        return []  # which of two things is wrong is not said
    if not control.is_invalid:
        return [f"{name} is not marked"]
    return [] if control.said not in {before, ""} else [f"{name} does not say why: {control.said!r}"]


def lost(form: Form, sent: Sent, *, but: Iterable[str] = ()) -> list[str]:
    """What came back otherwise than it was sent, files and passwords and `but` apart."""
    left_out = {*but, "csrfmiddlewaretoken"}
    left_out |= {name for name, each in form.controls.items() if each.kind in {"password", "file"}}
    came = {name: each.holds for name, each in form.controls.items() if name not in left_out and any(each.holds)}
    went = {name: value for name, value in sent.items() if name not in left_out and any(value)}
    return [
        f"{name}: {str(went.get(name))[:60]} came back as {str(came.get(name))[:60]}"
        for name in went.keys() | came.keys()
        if _visible(went.get(name)) != _visible(came.get(name))
    ]


def _visible(values: list[str] | None) -> list[str]:
    """Without what no page can show: it may come back as a replacement character, or not at all."""
    return [re.sub("[\x00\ufffd]", "", each).replace("\r\n", "\n") for each in values or []]


def _take(control: Control, element: Any) -> None:
    kind, value = control.kind, element.get("value")
    if kind == "select":
        options = list(element.iter("option"))
        control.choices += [_value(each) for each in options]
        chosen = [_value(each) for each in options if "selected" in each.attrib]
        is_many = "multiple" in element.attrib
        control.holds += chosen if chosen or is_many else [_value(each) for each in options[:1]]
    elif kind in {"checkbox", "radio"}:
        control.choices.append(value or "on")
        control.holds += [value or "on"] if "checked" in element.attrib else []
    elif kind == "textarea":
        control.holds.append((element.text or "").removeprefix("\n"))
    elif kind != "file":
        control.holds.append(value or "")


def _kind(element: Any) -> str:
    if element.tag == "button":
        return element.get("type") or "submit"
    if element.tag != "input":
        return str(element.tag)
    classes = (element.get("class") or "").split()
    known = {"vDateField": "date", "vTimeField": "time"}
    return next((known[each] for each in classes if each in known), element.get("type") or "text")


def _with_fieldset(element: Any, fieldset: Any) -> Iterator[tuple[Any, Any]]:
    """Each control, with the innermost group that it stands in."""
    for each in element:
        if each.tag in {"input", "select", "textarea", "button"} and "disabled" not in each.attrib:
            yield each, fieldset
        yield from _with_fieldset(each, each if each.tag == "fieldset" else fieldset)


def _is_of_all(element: Any) -> bool:
    """A sentence about the form as a whole."""
    return element.get("role") == "alert" or "nonfield" in (element.get("class") or "")


def _named_by(fieldset: Any) -> str:
    return fieldset.get("aria-describedby") or ""


def _value(option: Any) -> str:
    value = option.get("value")
    return _text(option) if value is None else str(value)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
