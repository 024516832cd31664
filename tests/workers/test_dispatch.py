"""What the broker is asked: how many hints wait in it."""

from __future__ import annotations

from uuid import uuid4

from celery import Celery

from config.endpoints import broker_url
from config.settings import Settings
from db.chunks import ChunkRef
from db.statuses import ChunkStage, Lane
from workers.celery_settings import celery_settings
from workers.dispatch import CeleryDispatch, messages_waiting


def app_of(settings: Settings, broker: str) -> Celery:
    app = Celery("asking", set_as_current=False)
    app.config_from_object({**celery_settings(settings), "broker_url": broker})
    return app


def test_hints_are_counted_in_every_queue_that_has_nothing_but_those_of_large_jobs(settings: Settings) -> None:
    app = app_of(settings, broker_url(settings).replace("virtual_host=0", "virtual_host=7"))
    assert messages_waiting(app) == 0
    hints = [
        ChunkRef(uuid4(), uuid4(), 3, stage, 0, lane, is_urgent)
        for stage, lane, is_urgent in (
            (ChunkStage.PARSE, Lane.BULK, False),
            (ChunkStage.PARSE, Lane.EXPRESS, False),
            (ChunkStage.VALIDATE, None, False),
            (ChunkStage.SETTLE, None, False),
            (ChunkStage.SPLIT, Lane.BULK, False),
            (ChunkStage.PARSE, Lane.BULK, True),
        )
    ]
    CeleryDispatch(app)(hints)
    assert messages_waiting(app) == 3
    app.control.purge()
    app.close()


def test_a_broker_that_is_away_says_nothing(settings: Settings) -> None:
    app = app_of(settings, "redis://127.0.0.1:1/0")
    assert messages_waiting(app) is None
    app.close()
