"""Django's PostgreSQL backend, faster for frequent statements: see `base`."""
