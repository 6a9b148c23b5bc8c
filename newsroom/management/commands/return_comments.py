from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from comments.actions.returning import return_comments
from newsroom.database.fit import must_fit


class Command(BaseCommand):
    help = (
        "Give somebody the comments that came in with `import_comments --keep-addresses` and were written under the "
        "address that they have confirmed here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="Of an account here.")

    def handle(self, *args: Any, **options: Any) -> None:
        must_fit()
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None:
            raise CommandError("There is no account with this address.", returncode=1)
        if not person.is_confirmed:
            raise CommandError("This address is not confirmed: its owner has to follow the link first.", returncode=1)
        self.stdout.write(f"Comments that are theirs now: {return_comments(person)}")
