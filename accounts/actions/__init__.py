"""All actions that change people. Each is one transaction."""

from __future__ import annotations

from accounts.actions.duties import drop_section, give_duties
from accounts.actions.following import (
    change_preferences,
    drop_push,
    forget_notifications,
    keep_push,
    read_notifications,
    resume_mails,
    subscribe,
    unsubscribe,
)
from accounts.actions.joining import TakenMeanwhile, accept_terms, confirm, join
from accounts.actions.keys import close_feed, create_token, digest_of, open_feed, revoke_token, touch_token
from accounts.actions.legal import write_legal_page
from accounts.actions.profiles import change_profile, drop_avatar, remove_avatar, show_avatar
from accounts.actions.sanctions import AlreadyLifted, end_sanctions, impose_sanction, lift_sanction
from accounts.actions.sessions import (
    end_session,
    end_sessions,
    log_out_everywhere,
    second_factor_changed,
    touch_session,
)

__all__ = [
    "AlreadyLifted",
    "TakenMeanwhile",
    "accept_terms",
    "change_preferences",
    "change_profile",
    "close_feed",
    "confirm",
    "create_token",
    "digest_of",
    "drop_avatar",
    "drop_push",
    "drop_section",
    "end_sanctions",
    "end_session",
    "end_sessions",
    "forget_notifications",
    "give_duties",
    "impose_sanction",
    "join",
    "keep_push",
    "lift_sanction",
    "log_out_everywhere",
    "open_feed",
    "read_notifications",
    "remove_avatar",
    "resume_mails",
    "revoke_token",
    "second_factor_changed",
    "show_avatar",
    "subscribe",
    "touch_session",
    "touch_token",
    "unsubscribe",
    "write_legal_page",
]
