"""Workers for one tenant's imports. The whole database is searched: each test has people of its own."""

from __future__ import annotations

from tests.pipeline.conftest import work

__all__ = ["work"]
