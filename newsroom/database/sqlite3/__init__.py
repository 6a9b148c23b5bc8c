"""Django's SQLite backend for a server with many threads: see `base`."""
