"""What the pool of connections to PostgreSQL asks before it gives one away."""

from __future__ import annotations

from select import POLLIN, poll
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection


def check(connection: Connection[Any]) -> None:
    """Raises OperationalError for a connection that the server has ended.

    A server that restarts, or ends a session, says so or closes the line; an idle line is silent otherwise. Hence one
    that has said nothing is taken as it is: to ask cost every request a way there and back.
    """
    line = poll()
    line.register(connection.fileno(), POLLIN)
    if line.poll(0):
        connection.execute("")
