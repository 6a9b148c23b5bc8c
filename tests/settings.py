"""The product's settings, with what only tests need: a known secret and a cheap password hash."""

import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault(
    "NEWSROOM_DATA",
    str(Path(__file__).parent.parent / "var" / "tests" / os.environ.get("PYTEST_XDIST_WORKER", "alone")),
)

from newsroom.settings import *  # noqa: F403

SECOND_LOOK_PERCENT = 0  # by chance; tests of it say 100
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405  a file: the live layer reads in threads of its own
    DATABASES["default"]["ENGINE"] = "tests.support.sqlite3"  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # noqa: F405
    DATABASES["default"]["OPTIONS"]["init_command"] = (  # noqa: F405
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON"
    )
else:
    DATABASES["default"]["ENGINE"] = "tests.support.postgresql"  # noqa: F405
    DATABASES["default"]["OPTIONS"]["pool"]["timeout"] = 60  # noqa: F405  all cores may be busy with other tests
