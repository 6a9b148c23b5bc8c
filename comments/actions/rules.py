"""Making, changing and trying moderators' rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must_head, must_moderate, must_moderate_somewhere
from accounts.audit import record
from accounts.models import User
from articles.models import Section
from comments.access import find_rule
from comments.actions import rulebook
from comments.actions.asking import ask, unasked
from comments.actions.guards import Said
from comments.actions.judging import Facts, draft_of
from comments.models import MAX_RULE_NAME, Discussion, Rule
from comments.moderation import (
    KINDS,
    Author,
    BadSettings,
    Judgement,
    check_of,
    forms_of,
    judge,
    settings_of,
)
from comments.moderation import Rule as Judge
from newsroom.errors import Invalid
from newsroom.text import clean_line

MOST_RULES = 200
RECORDED = ("name", "kind", "settings", "action", "mode", "section_id", "until", "version")


@transaction.atomic
def make_rule(*, actor: User, name: str, kind: str, action: str, **more: Any) -> Rule:
    """A new rule; in shadow, unless `mode` says otherwise. `more`: mode, section, until, and the settings of its kind.

    All processes judge by it once this has committed. Raises Forbidden, Invalid.
    """
    rulebook.open_for_change()
    actor = acting(actor)
    if Rule.objects.count() >= MOST_RULES:
        raise Invalid(_("At most %d rules fit in here.") % MOST_RULES)
    rule = Rule(version=0)
    _set(rule, actor, {"name": name, "kind": kind, "action": action, "mode": Rule.Mode.SHADOW} | more, {})
    return rule


@transaction.atomic
def change_rule(rule_id: int, *, actor: User, **changes: Any) -> Rule:
    """Change any of name, action, mode, section, until, and the settings of its kind; the kind stays.

    What a live rule finds or does is changed in shadow, unless `mode` is among the changes. Raises Forbidden, Invalid,
    NotFound.
    """
    rulebook.open_for_change()
    actor = acting(actor)
    rule = find_rule(actor, rule_id)
    before = _values(rule)
    _must_run(actor, rule)
    if "kind" in changes and changes.pop("kind") != rule.kind:
        raise _invalid({"kind": _("The kind of a rule stays.")})
    is_other = bool(changes.keys() - {"name", "until", "mode"})
    if is_other and rule.mode == Rule.Mode.LIVE:
        changes.setdefault("mode", Rule.Mode.SHADOW)
    _set(rule, actor, changes, before)
    return rule


@transaction.atomic
def drop_rule(rule_id: int, *, actor: User) -> None:
    """Delete a rule. What it has found stays, with its name. Raises Forbidden, NotFound."""
    rulebook.open_for_change()
    actor = acting(actor)
    rule = find_rule(actor, rule_id)
    _must_run(actor, rule)
    record(actor, "rule.dropped", rule.subject, _values(rule), {})
    rule.delete()


@dataclass(frozen=True, slots=True)
class Tried:
    """The text as it would be stored, and what the rules say of it."""

    text: str
    judgement: Judgement


def try_text(
    text: str, *, actor: User, discussion: Discussion | None = None, rule: int | Mapping[str, Any] | None = None
) -> Tried:
    """What the rules say of a text by an author nothing speaks against. Stores nothing.

    `rule`: only this one, whatever its mode: its id, or what `make_rule` takes. Otherwise all that are not off. Raises
    Forbidden, Invalid, NotFound.
    """
    section = discussion.article.section_id if discussion and discussion.article else None
    if discussion is None:
        must_moderate_somewhere(actor)
    else:
        must_moderate(actor, section)
    said, now = Said.of(text), timezone.now()
    facts = Facts(edition=None, section=section, author=Author())
    rules = _chosen(actor, rule, section)
    draft = draft_of(said, discussion, facts, now)
    draft = replace(draft, answers=ask(unasked(rules, draft), draft))
    return Tried(said.text, judge(draft, rules))


def _chosen(actor: User, rule: int | Mapping[str, Any] | None, section: int | None) -> list[Judge]:
    if rule is None:
        rows = Rule.objects.exclude(mode=Rule.Mode.OFF)
        return [each for each, until in rulebook.read(rows) if until is None or timezone.now() < until]
    row = find_rule(actor, rule) if isinstance(rule, int) else _drafted(rule)
    if not isinstance(rule, int):
        _must_run(actor, row)
    return [replace(each, section=section) for each, _until in rulebook.read([row])]


def _drafted(given: Mapping[str, Any]) -> Rule:
    rule = Rule(mode=Rule.Mode.SHADOW)
    _fill(rule, {"name": _("Draft"), "action": Rule.Action.FLAG} | dict(given))
    return rule


def _must_run(actor: User, rule: Rule) -> None:
    """A live rule is the business of those who lead the moderators, and so is any that sends texts elsewhere. Raises
    Forbidden.
    """
    is_for_heads = rule.mode == Rule.Mode.LIVE or (rule.kind in KINDS and KINDS[rule.kind].asks_outside)
    (must_head if is_for_heads else must_moderate)(actor, rule.section_id)


def _set(rule: Rule, actor: User, changes: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    _fill(rule, changes)
    _must_run(actor, rule)
    if Rule.objects.filter(name=rule.name).exclude(pk=rule.pk).exists():
        raise _invalid({"name": _("Another rule has this name.")})
    if rule.pk and _values(rule) == before:
        return
    rule.version, rule.changed_by, rule.changed_at = rule.version + 1, actor, timezone.now()
    rule.save()
    record(actor, "rule.set", rule.subject, before, _values(rule))


def _fill(rule: Rule, changes: Mapping[str, Any]) -> None:
    """Set these fields. Raises Invalid, which names all that do not fit."""
    given = {name: _clean(value) for name, value in changes.items()}
    rule.kind = given.pop("kind", rule.kind)
    if rule.kind not in KINDS:
        raise _invalid({"kind": _("One of: %s.") % ", ".join(KINDS)})
    errors: dict[str, str] = {}
    if KINDS[rule.kind].asks_outside and not settings.HOOK_SECRETS:
        errors["kind"] = _("Whoever runs the site has to set HOOK_SECRETS first.")
    if "section" in given:
        rule.section = _section(given.pop("section"), errors)
    if "until" in given:
        rule.until = _end(given.pop("until"), errors)
    rule.name = str(given.pop("name", rule.name))
    rule.action, rule.mode = given.pop("action", rule.action), given.pop("mode", rule.mode)
    try:
        kept = {name: value for name, value in rule.settings.items() if name in forms_of(KINDS[rule.kind].check)}
        rule.settings = settings_of(check_of(rule.kind, kept | given))
    except BadSettings as bad:
        errors |= bad.errors
    if not 0 < len(rule.name) <= MAX_RULE_NAME:
        errors["name"] = _("From {least} to {most} characters.").format(least=1, most=MAX_RULE_NAME)
    if rule.action not in KINDS[rule.kind].actions:
        errors["action"] = _("One of: %s.") % ", ".join(KINDS[rule.kind].actions)
    if rule.mode not in Rule.Mode.values:
        errors["mode"] = _("One of: %s.") % ", ".join(Rule.Mode.values)
    if errors:
        raise _invalid(errors)


def _clean(value: Any) -> Any:
    """Texts, and those in a list, without signs that no column can hold."""
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return clean_line(value) if isinstance(value, str) else value


def _section(given: Section | str | None, errors: dict[str, str]) -> Section | None:
    """A section, or its slug."""
    found = Section.objects.filter(slug=given).first() if isinstance(given, str) else given
    if given is not None and found is None:
        errors["section"] = _("There is no such section.")
    return found


def _end(given: datetime | None, errors: dict[str, str]) -> datetime | None:
    if given is not None and given <= timezone.now():
        errors["until"] = _("This lies in the past.")
    return given


def _values(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in RECORDED if name != "version"}


def _invalid(errors: Mapping[str, str]) -> Invalid:
    return Invalid(_("Some fields need another look."), errors={name: [said] for name, said in errors.items()})
