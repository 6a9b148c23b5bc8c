"""What goes with a person's account, beside the rows that are deleted with it."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from comments.models import Decision, RuleHit


def forget_findings(sender: Any, instance: User, **_more: Any) -> None:
    """Empty what rules have quoted from the person's comments; that they found something stays. Called before an
    account is deleted.
    """
    RuleHit.objects.filter(comment__author=instance).exclude(detail="", spans=[]).update(detail="", spans=[])
    by_rules = Decision.objects.filter(comment__author=instance, moderator=None).exclude(rule="")
    by_rules.exclude(note="").update(note="")
