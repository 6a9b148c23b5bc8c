"""Asks the programs outside that rules of the kind `hook` name, while no lock is held and no transaction is open."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from comments.moderation import Answer, Draft, Hook, Rule
from newsroom import webhooks
from newsroom.text import clean_line

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 4  # questions of a process under way: a slow program must not take all threads that serve
FAILURES = 3  # in a row, after which a program is left alone for a while
REST_SECONDS = 30.0
MOST_SAID = 200  # characters of the answer's detail

type Answers = Mapping[Hashable, Answer]


@dataclass(eq=False)
class Unasked(Exception):
    """The text is judged once these have been asked. Whoever raises it takes the transaction back."""

    hooks: tuple[Hook, ...]
    draft: Draft


class _Reply(msgspec.Struct):
    score: Annotated[float, Meta(ge=0, le=1)]
    spans: Annotated[list[tuple[int, int]], Meta(max_length=100)] = []
    detail: str = ""


def unasked(rules: Iterable[Rule], draft: Draft) -> tuple[Hook, ...]:
    """What has to be asked about the draft, and has not been."""
    checks = (rule.check for rule in rules if rule.is_for(draft))
    return tuple(each for each in checks if isinstance(each, Hook) and each not in draft.answers)


def with_answers[T](attempt: Callable[[Answers], T], between: Callable[[], object] = lambda: None) -> T:
    """What `attempt(answers)` returns, a transaction of its own. If it raises Unasked, the programs are asked, and it
    is tried anew; `between` is called once before they are.
    """
    answers: dict[Hashable, Answer] = {}
    while True:  # ends: each time there are more answers, and rules change seldom
        try:
            return attempt(answers)
        except Unasked as waiting:
            if not answers:
                between()
            answers |= ask(waiting.hooks, waiting.draft)


def ask(hooks: Iterable[Hook], draft: Draft) -> dict[Hashable, Answer]:
    """The answers, or why there is none. All are asked at the same time."""
    begun = {hook: _begin(hook, draft) for hook in hooks}
    return {hook: _answer(hook, future) for hook, future in begun.items()}


def _begin(hook: Hook, draft: Draft) -> Future[Answer] | None:
    if _Rest.of(hook.url).goes_on() or not _free().acquire(blocking=False):
        return None
    future = _pool().submit(_ask, hook, draft)
    future.add_done_callback(lambda _done: _free().release())
    return future


def _answer(hook: Hook, future: Future[Answer] | None) -> Answer:
    if future is None:
        return Answer(failure="busy")
    try:
        answer = future.result(timeout=hook.seconds + 0.5)  # the look-up of a name takes as long as it takes
    except TimeoutError:
        answer = Answer(failure="timeout")
    _Rest.of(hook.url).note(answer)
    return answer


def _ask(hook: Hook, draft: Draft) -> Answer:
    data = {"text": draft.text, "links": list(draft.addresses), "section": draft.section}
    try:
        reply = msgspec.json.decode(webhooks.ask(hook.url, "comment.judge", data, seconds=hook.seconds), type=_Reply)
    except webhooks.Unanswered as failure:
        return Answer(failure=str(failure))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Answer(failure="answer")
    if any(not 0 <= start < end <= len(draft.text) for start, end in reply.spans):
        return Answer(failure="answer")
    return Answer(reply.score, tuple(sorted(set(reply.spans))), clean_line(reply.detail)[:MOST_SAID])


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="hooks")


@cache
def _free() -> BoundedSemaphore:
    return BoundedSemaphore(MOST_AT_ONCE)


@dataclass
class _Rest:
    """Whether a program is left alone, since it has failed several times."""

    host: str
    failures: int = 0
    until: float = 0.0

    @staticmethod
    @cache
    def of(url: str) -> _Rest:
        return _Rest(urlsplit(url).netloc)

    def goes_on(self) -> bool:
        return time.monotonic() < self.until

    def note(self, answer: Answer) -> None:
        self.failures = self.failures + 1 if answer.failure else 0
        if self.failures >= FAILURES:
            self.until, self.failures = time.monotonic() + REST_SECONDS, 0
            logger.warning("The scorer at %s does not answer (%s) and rests.", self.host, answer.failure)
