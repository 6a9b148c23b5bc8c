#!/usr/bin/env python
"""Run a command of the newsroom: `manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    if sys.argv[1:2] == ["demo"]:
        from newsroom.demo.environment import prepare

        prepare(sys.argv[2:])  # settings read the environment once, so this comes first

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
