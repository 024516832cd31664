"""Redis and RabbitMQ lose messages in different ways, and are told different things."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings
from pipeline.limits import VISIBILITY_TIMEOUT
from workers.celery_settings import celery_settings


def test_redis_keeps_a_message_as_long_as_its_task_may_run(tmp_path: Path) -> None:
    made = celery_settings(Settings(home=tmp_path))
    assert made["broker_transport_options"]["visibility_timeout"] == VISIBILITY_TIMEOUT
    assert made["worker_disable_prefetch"]


@pytest.mark.parametrize("url", ["amqp://user:secret@broker:5672//", "amqps://broker/mkt"])
def test_rabbitmq_confirms_what_it_has_taken_and_hears_nothing_of_redis_s_options(tmp_path: Path, url: str) -> None:
    made = celery_settings(Settings(home=tmp_path, broker_url=url))
    assert made["broker_url"] == url
    assert made["broker_transport_options"]["confirm_publish"]
    assert "visibility_timeout" not in made["broker_transport_options"]
    assert not made["worker_disable_prefetch"]


def test_nobody_waits_for_a_confirmation_for_ever(tmp_path: Path) -> None:
    schedule = celery_settings(Settings(home=tmp_path))["beat_schedule"].values()
    assert all(entry["options"]["confirm_timeout"] > 0 for entry in schedule)
