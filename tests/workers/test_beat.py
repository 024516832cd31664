"""What the clock says of itself."""

from __future__ import annotations

import logging

import pytest
from celery import Celery
from celery.beat import ScheduleEntry, Scheduler

from config.settings import Settings
from workers.app import in_one_line
from workers.celery_settings import celery_settings


def test_a_task_that_cannot_be_sent_is_one_line_of_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})
    clock = Celery("clock", set_as_current=False)
    clock.config_from_object({**celery_settings(away), "task_publish_retry": False})
    entry = ScheduleEntry(name="sweep", task="mkt.sweep", schedule=1.0, app=clock)
    beat = logging.getLogger("celery.beat")
    beat.addFilter(in_one_line)
    try:
        Scheduler(clock, lazy=True).apply_entry(entry)
    finally:
        beat.removeFilter(in_one_line)
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "sweep" in said.getMessage()
    assert (said.exc_info, said.getMessage().count("\n")) == (None, 0)
