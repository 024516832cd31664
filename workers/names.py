"""The names of tasks and queues: the contract with other services, in one place. A test holds the Procfile to it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from db.statuses import ChunkStage


class TaskName(StrEnum):
    """Every task, by the name that stands in messages. Arguments are keywords, JSON, ids only."""

    INTAKE = "mkt.intake"  # from other services: a storage URL becomes an import job
    RECORD_DELIVERY = "mkt.record_delivery"  # from other services: what was heard of a message to a contact
    SEND = "mkt.send"  # from other services: a campaign becomes a job that sends it
    SPLIT = "mkt.split"
    PARSE_CHUNK = "mkt.parse_chunk"
    MARK_DUPLICATES = "mkt.mark_duplicates"
    UPSERT_CHUNK = "mkt.upsert_chunk"
    LINK_CHUNK = "mkt.link_chunk"
    VALIDATE_CHUNK = "mkt.validate_chunk"
    PLAN_SEND = "mkt.plan_send"
    SEND_CHUNK = "mkt.send_chunk"
    DEAL_UNDO = "mkt.deal_undo"
    UNDO_CHUNK = "mkt.undo_chunk"
    ERASE = "mkt.erase"
    PURGE = "mkt.purge"
    SETTLE = "mkt.settle"
    SWEEP = "mkt.sweep"  # from beat: sends again what is due and silent
    REVALIDATE = "mkt.revalidate"  # from beat: judges again what is due
    COMPLETE_OPT_OUTS = "mkt.complete_opt_outs"  # from beat: reads the addresses of opt-outs that other services added
    UPKEEP = "mkt.upkeep"  # from beat: partitions of the months ahead, what was kept long enough


class QueueName(StrEnum):
    """Queues by kind of work, so that none waits behind another kind's."""

    INTAKE = "intake"  # requests of other services, and splits: long, few
    CHUNK = "chunk"  # parse, mark, upsert, link: the bulk
    DNS = "dns"  # validate: waits for the network, in processes of its own
    SETTLE = "settle"  # ends of jobs: short, and somebody is waiting for them
    BEAT = "beat"  # the clock's ticks


#: The task of each stage, and the queue of each task.
STAGE_TASKS: Final[dict[ChunkStage, TaskName]] = {
    ChunkStage.SPLIT: TaskName.SPLIT,
    ChunkStage.PARSE: TaskName.PARSE_CHUNK,
    ChunkStage.MARK: TaskName.MARK_DUPLICATES,
    ChunkStage.UPSERT: TaskName.UPSERT_CHUNK,
    ChunkStage.LINK: TaskName.LINK_CHUNK,
    ChunkStage.VALIDATE: TaskName.VALIDATE_CHUNK,
    ChunkStage.PLAN: TaskName.PLAN_SEND,
    ChunkStage.SEND: TaskName.SEND_CHUNK,
    ChunkStage.DEAL: TaskName.DEAL_UNDO,
    ChunkStage.UNDO: TaskName.UNDO_CHUNK,
    ChunkStage.ERASE: TaskName.ERASE,
    ChunkStage.PURGE: TaskName.PURGE,
    ChunkStage.SETTLE: TaskName.SETTLE,
}
TASK_QUEUES: Final[dict[TaskName, QueueName]] = {
    TaskName.INTAKE: QueueName.INTAKE,
    TaskName.RECORD_DELIVERY: QueueName.INTAKE,
    TaskName.SEND: QueueName.INTAKE,
    TaskName.SPLIT: QueueName.INTAKE,
    TaskName.PARSE_CHUNK: QueueName.CHUNK,
    TaskName.MARK_DUPLICATES: QueueName.CHUNK,
    TaskName.UPSERT_CHUNK: QueueName.CHUNK,
    TaskName.LINK_CHUNK: QueueName.CHUNK,
    TaskName.VALIDATE_CHUNK: QueueName.DNS,
    TaskName.PLAN_SEND: QueueName.INTAKE,
    TaskName.SEND_CHUNK: QueueName.CHUNK,
    TaskName.DEAL_UNDO: QueueName.INTAKE,
    TaskName.UNDO_CHUNK: QueueName.CHUNK,
    TaskName.ERASE: QueueName.INTAKE,
    TaskName.PURGE: QueueName.INTAKE,
    TaskName.SETTLE: QueueName.SETTLE,
    TaskName.SWEEP: QueueName.BEAT,
    # Behind the chunks of a long import it would never come to its turn: the ticks have a queue that all processes read.
    TaskName.REVALIDATE: QueueName.BEAT,
    TaskName.COMPLETE_OPT_OUTS: QueueName.BEAT,
    TaskName.UPKEEP: QueueName.BEAT,
}
