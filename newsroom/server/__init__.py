"""What we change in uvicorn and ASGI: processes, protocols, threads, shutdown; and the worker."""
