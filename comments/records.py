"""The shapes of people's records and of words to them, for moderators alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Sanction, User
from accounts.representations import author_json, masked
from comments.ladder import Proposal
from comments.models import CannedText, FormalWarning, PersonNote
from comments.reads.people import Known, Record
from newsroom.api.renderers import iso

type Json = dict[str, Any]


def known_json(known: Known) -> Json:
    """A person of a list: {id, name, role, avatar, email, confirmed, active, since, comments, reports}, the address
    masked.
    """
    person = known.person
    return author_json(person) | {
        "email": masked(person.email),
        "confirmed": person.is_confirmed,
        "active": person.is_active,
        "since": iso(person.date_joined),
        "comments": dict(known.comments),
        "reports": dict(known.reports),
    }


def record_json(record: Record, *, shows_address: bool) -> Json:
    """A person's record, with the newest sanctions, warnings and notes."""
    person = record.known.person
    slugs = {pk: slug for pk, (slug, _name) in record.sections.items()}
    return known_json(record.known) | {
        "email": person.email if shows_address else masked(person.email),
        "sanctions": [sanction_json(each, slugs) for each in record.sanctions],
        "proposals": [proposal_json(each) for each in record.proposals],
        "warnings": [warning_json(each) for each in record.warnings],
        "notes": [note_json(each) for each in record.notes],
    }


def sanction_json(sanction: Sanction, slugs: Mapping[int, str]) -> Json:
    """A sanction with its note and who imposed and ended it. `slugs`: id → slug of the sections."""
    return {
        "id": sanction.pk,
        "scope": sanction.scope,
        "section": slugs.get(sanction.section) if sanction.section is not None else None,
        "until": iso(sanction.until),
        "reason": sanction.reason,
        "note": sanction.note,
        "text": sanction.text,
        "imposed_by": _name_of(sanction.imposed_by),
        "created_at": iso(sanction.created_at),
        "lifted_by": _name_of(sanction.lifted_by),
        "lifted_at": iso(sanction.lifted_at),
    }


def warning_json(warning: FormalWarning) -> Json:
    """A warning with who issued it, and whether it was acknowledged or taken back."""
    return {
        "id": warning.pk,
        "reason": warning.reason,
        "text": warning.text,
        "section": warning.section.slug if warning.section else None,
        "decision": warning.decision_id,
        "issued_by": _name_of(warning.issued_by),
        "created_at": iso(warning.created_at),
        "acknowledged_at": iso(warning.acknowledged_at),
        "withdrawn_at": iso(warning.withdrawn_at),
    }


def proposal_json(proposal: Proposal) -> Json:
    """{reason, count, overturned, measure, days}: what the ladder proposes; `days` only with the measure days."""
    measure = "warning" if proposal.is_warning else "for_good" if proposal.is_for_good else "days"
    return {
        "reason": proposal.reason,
        "count": proposal.count,
        "overturned": proposal.overturned,
        "measure": measure,
        "days": proposal.days if measure == "days" else None,
    }


def canned_json(text: CannedText) -> Json:
    """Words that are kept ready."""
    return {
        "id": text.pk,
        "reason": text.reason,
        "language": text.language,
        "text": text.text,
        "changed_by": _name_of(text.changed_by),
        "changed_at": iso(text.changed_at),
    }


def note_json(note: PersonNote) -> Json:
    return {
        "id": note.pk,
        "text": note.text,
        "by": _name_of(note.written_by),
        "created_at": iso(note.created_at),
    }


def _name_of(person: User | None) -> Json | None:
    return author_json(person) if person else None
