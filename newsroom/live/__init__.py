"""The bus: streams, events, offsets, sockets. Knows no article, comment or template."""
