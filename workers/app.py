"""The Celery app: ``celery -A workers.app worker``. Settings, logs, and what is bound to every task."""

from __future__ import annotations

import gc
import logging
import sys
from typing import Any

import structlog
from celery import Celery, signals
from celery.beat import SchedulingError

from config.hash_keys import HashKeysError
from config.logs import configure_logs
from config.settings import settings
from pipeline.hash_keys import HashKeysRefusedError
from workers.celery_settings import celery_settings
from workers.process import check_keys, close_process_context
from workers.tasks import register

app = Celery("mkt", set_as_current=False)
app.config_from_object(celery_settings(settings()))
register(app)

log = structlog.get_logger()


@signals.setup_logging.connect(weak=False)
def _set_up_logging(**_: Any) -> None:
    # Being connected is what stops Celery from configuring logging itself.
    configure_logs(settings())
    logging.getLogger("celery.beat").addFilter(in_one_line)


def in_one_line(record: logging.LogRecord) -> bool:
    """Let beat say in one line what it cannot send: it tries again a second later, and two tracebacks each fill the disk."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, SchedulingError):
        record.msg, record.args, record.exc_info = str(error), (), None
    return True


@signals.worker_init.connect(weak=False)
def _refuse_other_keys(**_: Any) -> None:
    try:
        check_keys()
    except (HashKeysError, HashKeysRefusedError) as error:
        sys.exit(str(error))


@signals.worker_init.connect(weak=False)
def _share_modules(**_: Any) -> None:
    # The children go through what they were forked with for garbage otherwise, which copies every page of it, and do so
    # once more when they end.
    gc.freeze()


@signals.task_prerun.connect(weak=False)
def _bind(task_id: str, task: Any, kwargs: dict[str, Any], **_: Any) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        task_id=task_id,
        task=task.name,
        redelivered=bool((task.request.delivery_info or {}).get("redelivered")),
        **{
            name: kwargs[name]
            for name in ("tenant_id", "import_job_id", "chunk_no", "attempts", "request_id")
            if name in kwargs
        },
    )


@signals.task_postrun.connect(weak=False)
def _unbind(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()


@signals.worker_process_shutdown.connect(weak=False)
def _close(**_: Any) -> None:
    close_process_context()
