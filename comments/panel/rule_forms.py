"""The fields of a rule as a form has them, and what was typed into them as an action takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Section
from comments.models import Rule
from comments.moderation import KINDS, forms_of
from comments.moderation.settings import Choice, Form, Number, Numbers, Texts
from newsroom.errors import Invalid

LABELS: Mapping[str, str | Promise] = {
    "words": gettext_lazy("Words, one a line"),
    "match": gettext_lazy("Find"),
    "language": gettext_lazy("Language"),
    "exceptions": gettext_lazy("Harmless words all the same, one a line"),
    "links.most": gettext_lazy("Links that pass (empty: any number)"),
    "allowed": gettext_lazy("Domains that always pass, one a line"),
    "held": gettext_lazy("Domains that are held, one a line"),
    "refused": gettext_lazy("Domains that are refused, one a line"),
    "young_days": gettext_lazy("Days in which an account’s first link is found (empty: none)"),
    "comments": gettext_lazy("A person’s first comments: so many"),
    "days": gettext_lazy("Days in which an account is new"),
    "history.share": gettext_lazy("Share of comments that were taken down, in percent"),
    "history.least": gettext_lazy("From so many comments on"),
    "people": gettext_lazy("Ids of these people (empty: everybody)"),
    "flood.most": gettext_lazy("Comments that pass"),
    "flood.seconds": gettext_lazy("Within so many seconds"),
    "copies.most": gettext_lazy("Times that the same text passes"),
    "caps.share": gettext_lazy("Share of capitals, in percent"),
    "caps.least": gettext_lazy("From so many letters on"),
    "languages": gettext_lazy("Codes of the languages that pass, one a line"),
    "language.least": gettext_lazy("From so many letters on"),
    "precision": gettext_lazy("Precision that is wanted, in percent"),
    "learned.threshold": gettext_lazy("Least score, in percent (empty: as the model proposes)"),
    "url": gettext_lazy("Address of the program"),
    "hook.threshold": gettext_lazy("Least score, in percent"),
    "hook.seconds": gettext_lazy("Seconds to wait for its answer"),
    "on_failure": gettext_lazy("Without an answer, texts"),
    "mode": gettext_lazy("Mode"),
}
OPTIONS: Mapping[str, str | Promise] = {
    "match.exact": gettext_lazy("whole words"),
    "match.stem": gettext_lazy("words that begin so"),
    "match.regex": gettext_lazy("patterns (regular expressions)"),
    "language.": gettext_lazy("any language"),
    "language.de": gettext_lazy("German"),
    "language.en": gettext_lazy("English"),
    "language.ru": gettext_lazy("Russian"),
    "on_failure.pass": gettext_lazy("pass"),
    "on_failure.hold": gettext_lazy("wait for a moderator"),
}
FIELDS: Mapping[str, Any] = {field.attname: field for field in Rule._meta.fields if field.name != "settings"}  # noqa: SLF001
_NUMBER = re.compile(r"-?\d{1,18}")
_MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Field:
    """`shape`: line, lines, number or choice, which has `options` (value, label)."""

    name: str
    label: str
    shape: str
    value: str
    error: str = ""
    options: Sequence[tuple[str, str]] = ()


def initial(rule: Rule) -> dict[str, str]:
    """What the form of a rule holds, as texts."""
    said = {"name": rule.name, "action": rule.action, "section": rule.section.slug if rule.section else ""}
    said["ends"] = timezone.localtime(rule.until).strftime(_MOMENT) if rule.until else ""
    return said | {name: _text(rule.settings.get(name)) for name in forms_of(KINDS[rule.kind].check)}


def blank(kind: str) -> dict[str, str]:
    """What the form of a new rule holds: the defaults of its kind."""
    check = KINDS[kind].check
    defaults = {name: _text(getattr(check, name, None)) for name in forms_of(check)}
    return {"name": "", "action": "hold", "mode": Rule.Mode.SHADOW.value, "section": "", "ends": ""} | defaults


def fields_of(kind: str, said: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> Iterator[Field]:
    """The settings of a kind, with what was typed and what is wrong with it."""
    for name, form in forms_of(KINDS[kind].check).items():
        label = LABELS.get(f"{kind}.{name}") or LABELS[name]
        error = " ".join(errors.get(name, ()))
        options = [(each, str(OPTIONS.get(f"{name}.{each}", each))) for each in getattr(form, "options", ())]
        yield Field(name, str(label), _shape(form), said.get(name, ""), error, options)


def said_of(kind: str, changes: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    """The changes of a version in words: label, what it was, and what it became."""
    for name, before, after in changes:
        if not before and not after:
            continue
        field = FIELDS.get(name)
        label = LABELS.get(f"{kind}.{name}") or LABELS.get(name) or (capfirst(field.verbose_name) if field else name)
        choices = {str(value): str(said) for value, said in field.flatchoices} if field else {}
        if name == "kind":
            choices = {each: str(known.label) for each, known in KINDS.items()}
        elif name == "section_id":
            choices = {str(pk): said for pk, said in Section.objects.values_list("pk", "name")}
        words = [choices.get(value) or str(OPTIONS.get(f"{name}.{value}", value)) for value in (before, after)]
        yield str(label), words[0], words[1]


def typed(kind: str, post: Mapping[str, str], names: set[str]) -> dict[str, Any]:
    """What `make_rule` takes, of these fields. What is no number stays a text, which the action refuses at its field.

    Raises Invalid for an end that is no moment.
    """
    values: dict[str, Any] = {name: post.get(name, "") for name in names & {"name", "action", "mode"}}
    if "section" in names:
        values["section"] = post.get("section") or None
    if "ends" in names:
        values["until"] = _moment(post.get("ends", ""))
    for name, form in forms_of(KINDS[kind].check).items():
        if name in names:
            values[name] = _value(form, post.get(name, ""))
    return values


def changed(rule: Rule, post: Mapping[str, str]) -> set[str]:
    """The fields that say something else than they did."""
    before = initial(rule)
    return {name for name, value in before.items() if name in post and _plain(post[name]) != _plain(value)}


def _plain(text: str) -> str:
    return "\n".join(text.split("\n")).replace("\r\n", "\n").strip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _shape(form: Form) -> str:
    match form:
        case Number():
            return "number"
        case Choice():
            return "choice"
        case Texts() | Numbers():
            return "lines"
    return "line"


def _value(form: Form, said: str) -> Any:
    match form:
        case Number():
            said = said.strip()
            return None if not said else int(said) if _NUMBER.fullmatch(said) else said
        case Numbers():
            return [int(each) if _NUMBER.fullmatch(each) else each for each in re.split(r"[\s,;]+", said) if each]
        case Texts():
            return [line for line in said.splitlines() if line.strip()]
    return said.strip()


def _moment(said: str) -> datetime | None:
    if not said.strip():
        return None
    try:
        moment = datetime.fromisoformat(said.strip())
        return moment if moment.tzinfo else timezone.make_aware(moment)
    except (ValueError, OverflowError) as error:
        sentence = _("This is no moment.")
        raise Invalid(_("Some fields need another look."), errors={"until": [sentence]}) from error
