"""How events reach a client: WebSocket, server-sent events, any ASGI server."""
