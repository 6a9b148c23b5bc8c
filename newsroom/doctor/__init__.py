"""Examines a running installation for `manage.py doctor`: what is wrong, and what to do. It changes nothing."""
