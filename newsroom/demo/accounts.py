"""One confirmed account for each role, with a password of its own that only the owner of the folder can read."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import TypedDict

from accounts.models import User
from newsroom.demo.environment import kept

NAMES = {
    User.Role.READER: "Rosa Reuter",
    User.Role.JOURNALIST: "Jonas Jahn",
    User.Role.MODERATOR: "Mona Moor",
    User.Role.EDITOR: "Erik Ebers",
    User.Role.ADMINISTRATOR: "Anna Amann",
}


class Account(TypedDict):
    role: str
    email: str
    password: str


def ensure(path: Path) -> list[Account]:
    """The accounts written in `path`, made where they are missing.

    A file that was lost gets new passwords, and a database that was lost gets its accounts back. A password that
    somebody changed by hand stays changed.
    """
    fresh = not path.exists()
    made = [Account(role=role, email=f"{role}@example.org", password=secrets.token_urlsafe(9)) for role in NAMES]
    accounts: list[Account] = json.loads(kept(path, json.dumps(made, indent=2) + "\n"))
    for account in accounts:
        _ensure(account, reset=fresh)
    return accounts


def _ensure(account: Account, *, reset: bool) -> None:
    user = User.objects.filter(email=account["email"]).first()
    if user is None:
        role = User.Role(account["role"])
        User.objects.create_user(account["email"], NAMES[role], account["password"], role=role, is_confirmed=True)
    elif reset:
        user.set_password(account["password"])
        user.save(update_fields=["password"])
