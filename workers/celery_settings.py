"""Celery's settings, each with its why. PostgreSQL is the truth; messages are hints that may be lost or doubled."""

from __future__ import annotations

import os
from typing import Any

from kombu.entity import Exchange, Queue

from config.endpoints import broker_url
from config.settings import Settings
from pipeline.limits import LIMITS, VISIBILITY_TIMEOUT
from workers.names import TASK_QUEUES, QueueName, TaskName

#: Seconds that a process has between the soft limit, where it may tidy up, and the hard one, where it is killed.
SOFT_MARGIN = 15
UPKEEP_INTERVAL = 3600.0
#: Seconds for which a sender may not know whom an opt-out is about that another service wrote oddly.
OPT_OUTS_INTERVAL = 10.0


def celery_settings(settings: Settings) -> dict[str, Any]:
    """Return the configuration of the Celery app."""
    longest = max(limits.task for limits in LIMITS.values())
    return {
        "broker_url": broker_url(settings),
        # No result backend: a task's result is what its chunk's row says. A backend that is down would turn work
        # that was done into FAILURE, and every producer would subscribe to a channel per task.
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        # The message outlives the death of the main process; a second delivery finds another attempt number.
        "task_acks_late": True,
        # A child that is killed must not put its message back at once, without end: the sweep does it, counted.
        "task_reject_on_worker_lost": False,
        "task_acks_on_failure": True,
        "task_acks_on_timeout": True,
        # The outer bound; each stage's own stands on its task.
        "task_time_limit": longest,
        "task_soft_time_limit": longest - SOFT_MARGIN,
        "broker_transport_options": {
            # Three times the longest task, so that nothing is delivered again while it still runs.
            "visibility_timeout": VISIBILITY_TIMEOUT,
            # Scan for lost messages at every interval; by default it is every tenth, and recovery takes 100 s more.
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            # A worker that dies while it restores holds everybody else up for this long, not for 5 minutes.
            "unacked_mutex_expire": 60,
            # A broker that accepts and never answers is noticed; the hint is sent again by the sweep.
            "socket_timeout": 15,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        # One message per process at a time: what waits in Redis can be taken by whoever is free.
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        # After a lost connection the work goes on and commits; the doubled message is skipped by the claim.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # A stopping worker has this long to finish, then gives its messages back at once.
        "worker_soft_shutdown_timeout": settings.soft_shutdown,
        # One that has nothing to do stops at once; a hint that was on its way to it is sent again by the sweep.
        "worker_enable_soft_shutdown_on_idle": False,
        # The broker may come later than we do, and may be away for longer than a hundred tries.
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A publisher gives up soon: it must never hold up the work, and the sweep publishes again.
        "task_publish_retry": True,
        "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
        "broker_pool_acquire_timeout": 5,
        # No delayed messages: what is due later has its time in the database. A stray one cannot fill the memory.
        "worker_eta_task_limit": 100,
        # A wrong queue name is an error at once instead of a queue that nobody reads.
        "task_create_missing_queues": False,
        "task_queues": [Queue(str(name), Exchange(str(name)), routing_key=str(name)) for name in QueueName],
        "task_default_queue": str(QueueName.CHUNK),
        "task_routes": {str(task): {"queue": str(queue)} for task, queue in TASK_QUEUES.items()},
        # Memory that a library leaks is given back; both are looked at only between tasks.
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 400_000,
        # JSON only: a pickle from whoever can reach Redis would be code.
        "task_serializer": "json",
        "result_serializer": "json",
        "event_serializer": "json",
        "accept_content": ["json"],
        "result_accept_content": ["json"],
        # What Flower lives on. Arguments are ids, so it can show them.
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        # The logs are ours (config.logs), in the main process and in the children.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "timezone": "UTC",
        "enable_utc": True,
        # Ticks say only "look now": late ones expire instead of piling up, doubled ones find nothing to do.
        "beat_schedule": {
            "sweep": {
                "task": str(TaskName.SWEEP),
                "schedule": settings.sweep_interval,
                "options": {"expires": max(settings.sweep_interval, 5.0)},
            },
            "revalidate": {
                "task": str(TaskName.REVALIDATE),
                "schedule": settings.revalidation_interval,
                "options": {"expires": settings.revalidation_interval},
            },
            "complete_opt_outs": {
                "task": str(TaskName.COMPLETE_OPT_OUTS),
                "schedule": OPT_OUTS_INTERVAL,
                "options": {"expires": OPT_OUTS_INTERVAL},
            },
            "upkeep": {
                "task": str(TaskName.UPKEEP),
                "schedule": UPKEEP_INTERVAL,
                "options": {"expires": UPKEEP_INTERVAL},
            },
        },
        "beat_schedule_filename": os.environ.get("MKT_BEAT_SCHEDULE", str(settings.home_path / "beat-schedule")),
        "beat_enable_remote_control": True,
    }
