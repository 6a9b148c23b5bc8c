"""Each person has a set of duties instead of one role. The role stays as the badge that everybody sees.

Backwards, a person gets the highest role of whose duties none is missing and none was limited to sections: never more
than they had.
"""

from typing import Any

from django.db import migrations, models

# As it was when this migration was written; what the code says later does not matter here.
DUTIES = {
    "administrator": {"administrate": "everywhere"},
    "editor": {"edit": "everywhere"},
    "moderator": {"moderate": "everywhere", "head": "everywhere"},
    "journalist": {"contribute": "everywhere"},
}
ENOUGH = {  # the role, and duties any of which, held everywhere, gave at least as much
    "administrator": {"administrate"},
    "editor": {"edit"},
    "moderator": {"head", "moderate"},
    "journalist": {"contribute", "write"},
}


def give(apps: Any, _editor: Any) -> None:
    people = apps.get_model("accounts", "User").objects
    for role, duties in DUTIES.items():
        people.filter(role=role).update(duties=duties)


def take(apps: Any, _editor: Any) -> None:
    people = apps.get_model("accounts", "User").objects
    for person in people.exclude(role="reader").only("role", "duties"):
        held = {duty for duty, sections in person.duties.items() if sections == "everywhere"}
        role = next((role for role, enough in ENOUGH.items() if held & enough), "reader")
        if role != person.role:
            people.filter(pk=person.pk).update(role=role)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_addresses")]

    operations = [
        migrations.AddField(
            "user",
            "duties",
            models.JSONField(db_default={}, default=dict, editable=False, verbose_name="duties"),
        ),
        migrations.RunPython(give, take),
    ]
