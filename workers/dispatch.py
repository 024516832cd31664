"""Sending hints over Celery. A hint that cannot be sent is no loss: the sweep sends it again."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from celery import Celery

from db.chunks import ChunkRef
from db.statuses import Lane
from workers.celery_settings import SILENCE
from workers.errors import BrokerError
from workers.names import STAGE_TASKS, TASK_QUEUES, QueueName

log = structlog.get_logger()


def hint_arguments(ref: ChunkRef) -> dict[str, str | int]:
    """Return the message of a hint: ids and the attempt it was due for, never data."""
    return {
        "tenant_id": str(ref.tenant_id),
        "import_job_id": str(ref.import_job_id),
        "chunk_no": ref.chunk_no,
        "attempts": ref.attempts,
    }


def queue_of(ref: ChunkRef) -> QueueName:
    """Return where a hint is sent. One that names no lane, as those that are sent again, goes where everybody looks.

    What somebody has begun goes ahead of all that waits, to whoever is free first: every process reads that queue.
    """
    if ref.is_urgent:
        return QueueName.BEAT
    return QueueName.EXPRESS if ref.lane is Lane.EXPRESS else TASK_QUEUES[STAGE_TASKS[ref.stage]]


class CeleryDispatch:
    """Sends hints through the app's producer pool; never raises."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def __call__(self, refs: Sequence[ChunkRef]) -> None:
        """Send one message per hint."""
        try:
            for ref in refs:
                queue = str(queue_of(ref))
                self._app.send_task(
                    str(STAGE_TASKS[ref.stage]), kwargs=hint_arguments(ref), queue=queue, confirm_timeout=SILENCE
                )
        except (BrokerError, OSError, RuntimeError) as error:
            # The broker is away, full or silent. Not an error of the work: what was due stays due in the database.
            log.warning("hints_not_sent", hints=len(refs), error=type(error).__name__)


def messages_waiting(app: Celery) -> int | None:
    """Return how many hints of large jobs wait in the broker's queues, or None where it does not say.

    Queues that have other messages, too, do not count: the clock's, and that of other services.
    """
    connection = app.connection_for_read()
    try:
        with connection:
            connection.ensure_connection(max_retries=1, timeout=SILENCE)
            channel = connection.default_channel
            # Declared as Celery does it, not only asked for: an empty queue of Redis is none.
            return sum(
                int(channel.queue_declare(str(queue), durable=True, auto_delete=False).message_count)
                for queue in QueueName
                if queue not in (QueueName.BEAT, QueueName.INTAKE, QueueName.EXPRESS)
            )
    except (BrokerError, OSError, RuntimeError, *connection.connection_errors, *connection.channel_errors) as error:
        log.warning("messages_not_counted", error=type(error).__name__)
        return None
