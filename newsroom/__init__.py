"""What every app may use (the kernel), and what combines the apps (the roof), in one folder.

The roof is `pages`, `demo`, `management`, `settings`, `urls` and `asgi`. Everything else is kernel and knows no app. So
this package imports `accounts`, `articles` and `comments`, but only from the roof. `tests/architecture.py` checks that.
"""

__version__ = "0.2.0"
