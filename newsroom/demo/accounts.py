"""One confirmed account for each role, with its own password in a file that only the folder's owner can read."""

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


class Damaged(Exception):
    """The file of accounts holds none."""


class Account(TypedDict):
    role: str
    email: str
    password: str


def ensure(path: Path) -> list[Account]:
    """The accounts in the file `path`; creates what is missing.

    A lost file gets new passwords, and a lost database gets its accounts again. A password that somebody has changed
    stays. Raises Damaged, OSError.
    """
    made = [Account(role=role, email=f"{role}@example.org", password=secrets.token_urlsafe(9)) for role in NAMES]
    fresh = json.dumps(made, indent=2) + "\n"
    try:
        text = kept(path, fresh)
        accounts = [_account(each) for each in json.loads(text)]
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(f"{path} is damaged. Remove it, and the accounts get new passwords.") from error
    for account in accounts:
        _ensure(account, reset=text == fresh)
    return accounts


def _account(each: dict[str, str]) -> Account:
    return Account(role=User.Role(each["role"]), email=each["email"], password=each["password"])


def _ensure(account: Account, *, reset: bool) -> None:
    user = User.objects.filter(email=account["email"]).first()
    if user is None:
        role = User.Role(account["role"])
        User.objects.create_user(account["email"], NAMES[role], account["password"], role=role, is_confirmed=True)
    elif reset:
        user.set_password(account["password"])
        user.save(update_fields=["password"])
