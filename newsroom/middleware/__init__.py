"""Middleware around every view: health, metrics, static files, compression, content security, language."""
