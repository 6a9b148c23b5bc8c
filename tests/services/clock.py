"""manage.py on a machine whose clock jumps: by SIGUSR1 three hours on, by SIGUSR2 six hours back.

As on a real machine, what counts the seconds since the start (`time.monotonic`) does not jump.
"""

from __future__ import annotations

import runpy
import signal
from datetime import UTC, datetime, timedelta

import time_machine

with time_machine.travel(datetime.now(UTC)) as clock:
    signal.signal(signal.SIGUSR1, lambda *_: clock.shift(timedelta(hours=3)))
    signal.signal(signal.SIGUSR2, lambda *_: clock.shift(timedelta(hours=-6)))
    runpy.run_path("manage.py", run_name="__main__")
