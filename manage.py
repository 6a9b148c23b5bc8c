#!/usr/bin/env python
"""Run a command of the newsroom: `manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    if sys.argv[1:2] == ["version"] or "--version" in sys.argv[1:]:
        from newsroom import __version__

        print(__version__)  # noqa: T201
        return
    if sys.argv[1:2] == ["demo"]:
        from newsroom.demo.environment import prepare

        prepare(sys.argv[2:])  # settings read the environment once, so this comes first
    if sys.argv[1:2] == ["serve"]:
        from newsroom.server.sharing import prepare as share_metrics

        share_metrics(sys.argv[2:])  # likewise

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError, OperationalError
    from environs import EnvError, EnvValidationError

    from newsroom.server.port import refuse

    try:
        execute_from_command_line(sys.argv)
    except EnvValidationError as error:
        reason = " ".join(str(each) for each in error.error_messages)
        refuse(f"{str(error).partition(' invalid: ')[0]}: {reason}")
    except (ImproperlyConfigured, EnvError) as error:
        refuse(f"{error}")  # the error names the variable: a traceback would hide it
    except DatabaseError as error:
        if type(error) not in {DatabaseError, OperationalError} or "--traceback" in sys.argv:
            raise
        from newsroom.database.fit import refusal

        refuse(f"The database cannot be used: {refusal() or error}".strip())


if __name__ == "__main__":
    main()
