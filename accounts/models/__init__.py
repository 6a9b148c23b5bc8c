"""People, sanctions, subscriptions, notifications, API keys, legal pages, and the record of deeds."""

from __future__ import annotations

from accounts.models.mailing import Mailbox, Mailing, MailItem
from accounts.models.people import (
    MAX_WORDS,
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
from accounts.models.push import PushSubscription
from accounts.models.records import AuditEntry, FeedKey, Notification, Preference

__all__ = [
    "MAX_WORDS",
    "ApiToken",
    "AuditEntry",
    "Consent",
    "FeedKey",
    "LegalPage",
    "MailItem",
    "Mailbox",
    "Mailing",
    "Notification",
    "Preference",
    "PushSubscription",
    "Sanction",
    "SanctionQuerySet",
    "Subscription",
    "User",
    "UserManager",
    "display_name",
]
