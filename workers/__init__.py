"""Processes: the Celery app, the embedded servers, and what keeps them running."""
