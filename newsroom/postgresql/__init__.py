"""Django's PostgreSQL backend for what is asked all the time: see `base`."""
