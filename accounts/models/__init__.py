"""People, how they stand, what they follow, what they are told, the keys of their programs, and who did what."""

from __future__ import annotations

from accounts.models.people import (
    ApiToken,
    Consent,
    LegalPage,
    Sanction,
    SanctionQuerySet,
    Subscription,
    User,
    UserManager,
    display_name,
)
from accounts.models.records import AuditEntry, Notification

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Consent",
    "LegalPage",
    "Notification",
    "Sanction",
    "SanctionQuerySet",
    "Subscription",
    "User",
    "UserManager",
    "display_name",
]
