"""The live layer's metrics for operators: see `newsroom.metrics` and docs/live.md."""

from __future__ import annotations

from newsroom.metrics import counter, histogram

NUMBERED = counter("newsroom_live_events_numbered_total", "Events that got their offset in this server.")
DELIVERIES = counter("newsroom_live_deliveries_total", "Events handed to connections, each counted per connection.")
RESETS = counter("newsroom_live_resets_total", "Times that a reader was told to load anew.")
SLOW_CLOSES = counter("newsroom_live_slow_closes_total", "Connections closed because their peer did not read.")
HANDSHAKES_DROPPED = counter(
    "newsroom_handshakes_dropped_total", "Connections dropped before their headers, since too many stood at the door."
)
RING_TO_SEND = histogram(
    "newsroom_live_ring_to_send_seconds",
    "From the ring for a stream to its events being handed to the last connection.",
    (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)
