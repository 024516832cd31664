"""The tasks: each opens nothing, knows no rule, and hands its ids to the pipeline.

Keyword arguments that a task does not know are ignored, so that a newer producer can talk to an older worker.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from celery import Celery

from db.chunks import ChunkRef
from db.statuses import ChunkStage
from pipeline import stages
from pipeline.limits import LIMITS
from pipeline.opt_outs import complete_opt_outs
from pipeline.outages import survived
from pipeline.retention import retain
from pipeline.revalidation import revalidate_due
from pipeline.sweep import sweep, upkeep_partitions
from workers.celery_settings import SOFT_MARGIN
from workers.deliveries import take_delivery
from workers.dispatch import messages_waiting
from workers.intake import take_in
from workers.messages import kept_for_later
from workers.names import STAGE_TASKS, TaskName
from workers.process import process_context
from workers.sending import take_send


def register(app: Celery) -> None:
    """Give the app its tasks, under their explicit names."""
    for stage in STAGE_TASKS:
        _register_stage(app, stage)

    @app.task(name=str(TaskName.INTAKE))
    def intake(**message: Any) -> None:  # noqa: ANN401 (JSON; checked by take_in)
        with kept_for_later():
            take_in(process_context(app), message)

    @app.task(name=str(TaskName.RECORD_DELIVERY), time_limit=120, soft_time_limit=100)
    def record_delivery(**message: Any) -> None:  # noqa: ANN401 (JSON; checked by take_delivery)
        with kept_for_later():
            take_delivery(process_context(app), message)

    @app.task(name=str(TaskName.SEND), time_limit=120, soft_time_limit=100)
    def send(**message: Any) -> None:  # noqa: ANN401 (JSON; checked by take_send)
        with kept_for_later():
            take_send(process_context(app), message)

    @app.task(name=str(TaskName.SWEEP), time_limit=120, soft_time_limit=100)
    def sweep_task(**_: Any) -> None:  # noqa: ANN401 (tolerated, unused)
        with survived():
            sweep(process_context(app), partial(messages_waiting, app))

    @app.task(name=str(TaskName.REVALIDATE), time_limit=240, soft_time_limit=240 - SOFT_MARGIN)
    def revalidate_task(**_: Any) -> None:  # noqa: ANN401 (as above)
        with survived():
            revalidate_due(process_context(app))

    @app.task(name=str(TaskName.COMPLETE_OPT_OUTS), time_limit=120, soft_time_limit=100)
    def complete_opt_outs_task(**_: Any) -> None:  # noqa: ANN401 (as above)
        with survived():
            complete_opt_outs(process_context(app))

    @app.task(name=str(TaskName.UPKEEP), time_limit=120, soft_time_limit=100)
    def upkeep_task(**_: Any) -> None:  # noqa: ANN401 (as above)
        with survived():
            upkeep_partitions(process_context(app))
            retain(process_context(app))


def _register_stage(app: Celery, stage: ChunkStage) -> None:
    limit = LIMITS[stage].task

    @app.task(name=str(STAGE_TASKS[stage]), time_limit=limit, soft_time_limit=limit - SOFT_MARGIN)
    def run_stage(*, tenant_id: str, import_job_id: str, chunk_no: int, attempts: int, **_: Any) -> None:  # noqa: ANN401 (tolerated, unused)
        ref = ChunkRef(UUID(tenant_id), UUID(import_job_id), chunk_no, stage, attempts)
        with survived():
            stages.run(process_context(app), ref)
