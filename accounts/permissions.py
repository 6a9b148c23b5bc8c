"""What a role may do in the admin, as Django permission names ("articles.change_article"). No groups, no tables."""

from __future__ import annotations

from fnmatch import fnmatchcase

_DRAFTS = [f"articles.{deed}_{thing}" for deed in ("add", "view", "change") for thing in ("article", "photo")]
_DISCUSSIONS = ["comments.add_discussion", "comments.change_discussion", "comments.*_openinghours"]
_PATTERNS: dict[str, list[str]] = {
    "reader": [],
    "journalist": [*_DRAFTS, "articles.view_*"],  # the admin of articles decides which articles are their own
    "moderator": ["comments.*", "articles.view_*", "accounts.view_user", "accounts.*_sanction"],
    "editor": ["articles.*", "comments.view_*", *_DISCUSSIONS, "accounts.view_legalpage", "accounts.change_legalpage"],
    "administrator": ["*"],
}


def allowed(role: str, permission: str) -> bool:
    return any(fnmatchcase(permission, pattern) for pattern in _PATTERNS[role])


def is_allowed_somewhere(role: str, app_label: str) -> bool:
    """Whether the role may do anything at all in an app."""
    return any(pattern == "*" or pattern.startswith(f"{app_label}.") for pattern in _PATTERNS[role])
