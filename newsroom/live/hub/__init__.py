"""The hub of a process: it reads each stream once and hands its events to all listeners."""
