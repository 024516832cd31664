"""Connections to PostgreSQL: whose they are."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from config.endpoints import database_url
from config.settings import Settings
from db.engines import Engines


def test_threads_that_ask_first_at_once_share_one_engine(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that nobody keeps would leave its connections open until it is forgotten."""
    at_once = threading.Barrier(4, timeout=30)
    make = Engines._make

    def make_together(self: Engines) -> Engine:
        at_once.wait()
        return make(self)

    monkeypatch.setattr(Engines, "_make", make_together)
    engines = Engines(database_url(settings))
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(engines.engine) for _ in range(4)]
        assert len({id(each.result()) for each in asked}) == 1
    engines.dispose()
