"""What can be said when a server cannot be started or stopped."""

from __future__ import annotations


class ServersError(Exception):
    """An embedded server cannot be had; the text is one sentence with the remedy, for people."""
