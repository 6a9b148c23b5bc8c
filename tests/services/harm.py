"""What goes wrong on a site of two workers: each deed breaks something, and mends it."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress
from threading import Event

import redis

from tests.support import services
from tests.support.product import Process


class Harm:
    """`done`: what was done so far. `outage` is how long Redis is away, in seconds."""

    def __init__(self, server: Process, postgres: services.Postgres, store: services.Redis, outage: float) -> None:
        self.server, self.postgres, self.redis, self.outage = server, postgres, store, outage
        self.done: list[str] = []
        self._pause = Event()

    @property
    def deeds(self) -> list[Callable[[], None]]:
        of_redis = [self.stop_redis, self.flush_redis, self.freeze_redis, self.restart_redis]
        return [self.kill_a_worker, self.crash_postgres, self.restart_postgres, *of_redis]

    def rage(
        self, deeds: list[Callable[[], None]], chance: random.Random, pause: float, is_over: Callable[[], bool]
    ) -> None:
        """These deeds in an order of chance, and again until it is over, with a pause before each."""
        self._chance = chance
        waiting = chance.sample(deeds, len(deeds))
        while (waiting or not is_over()) and not self._pause.wait(pause * (0.5 + chance.random())):
            deed = waiting.pop() if waiting else chance.choice(deeds)
            deed()
            self.done.append(deed.__name__)

    def stop(self) -> None:
        """Begin nothing more."""
        self._pause.set()

    def kill_a_worker(self) -> None:
        with suppress(ProcessLookupError, FileNotFoundError, IndexError):
            os.kill(self._chance.choice(sorted(self.server.workers())), signal.SIGKILL)

    def restart_redis(self) -> None:
        self.redis.stop()
        self.redis.start()

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.redis.url) as client:
            client.flushall()

    def stop_redis(self) -> None:
        self.redis.stop()
        self._pause.wait(self.outage)
        self.redis.start()

    def freeze_redis(self) -> None:
        """It takes connections and does not answer."""
        self.redis.process.send_signal(signal.SIGSTOP)
        self._pause.wait(self.outage)
        self.redis.process.send_signal(signal.SIGCONT)

    def restart_postgres(self) -> None:
        self.postgres.stop()
        self.postgres.start()

    def crash_postgres(self) -> None:
        """The log gets another epoch: everybody has to start anew."""
        self.postgres.crash()
        self.postgres.start()
