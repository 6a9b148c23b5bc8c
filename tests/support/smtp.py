"""A real SMTP server that keeps what it is given, or refuses, or hangs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.services import free_port, wait_for


@dataclass
class Sink:
    """`to_recipients` and `to_texts` are replies that it gives first, one each time; "" is none at all."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    to_recipients: list[str] = field(default_factory=list)
    to_texts: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipients:
            return await _reply(self.to_recipients.pop(0))
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.to_texts:
            return await _reply(self.to_texts.pop(0))
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def mail_to(self, address: str, number: int = 1) -> EmailMessage:
        """The n-th mail to `address`; waits for it."""
        wait_for(lambda: len(self._to(address)) >= number, what=f"mail {number} to {address}")
        return self._to(address)[number - 1]

    def _to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in list(self.mails) if address in str(mail["To"])]


async def _reply(reply: str) -> str:
    if not reply:
        await asyncio.Event().wait()  # until the client is tired of it
    return reply


def links(mail: EmailMessage) -> list[str]:
    """The addresses in the plain text of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return re.findall(r"https?://\S+", body.get_content())


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    sink = Sink()
    sink.start()
    try:
        yield sink
    finally:
        sink.stop()
