"""What operators see of a running site: figures beside a process's own counters, request ids, reports."""
