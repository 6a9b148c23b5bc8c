"""Composition root and kernel: settings, URLs, ASGI, and what every app may use."""
