"""Workers for the length of one command, where none answer: the Procfile's, without Flower."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cli.session import Session
from workers.names import QueueName
from workers.procfile import child_environment, parse_procfile
from workers.supervisor import ProcessEvent, Supervisor

PROCFILE: Final = Path(__file__).resolve().parents[1] / "Procfile"
#: What an import needs of it.
CREW: Final = ("worker", "dns", "beat")
#: Seconds that workers have to answer.
PATIENCE: Final = 1.0


def served_queues() -> dict[str, list[str]]:
    """Return the workers that read each queue, by name of the queue.

    Raises kombu.exceptions.OperationalError where the broker does not answer.
    """
    # Celery is slow to import, and most commands do without.
    from workers.app import app  # noqa: PLC0415

    answers = app.control.inspect(timeout=PATIENCE).active_queues() or {}
    served: dict[str, list[str]] = {str(queue): [] for queue in QueueName}
    for worker, queues in answers.items():
        for queue in queues:
            served.setdefault(queue["name"], []).append(worker)
    return served


def require_broker(session: Session) -> None:
    """Raise kombu.exceptions.OperationalError where the broker does not answer, before anything depends on it."""
    from workers.app import app  # noqa: PLC0415 (as above)

    session.start_broker()
    with app.connection_for_write(connect_timeout=PATIENCE) as connection:
        connection.ensure_connection(max_retries=1, timeout=PATIENCE)


def is_served(session: Session) -> bool:
    """Return whether somebody reads every queue."""
    session.start_broker()
    return all(served_queues().values())


@contextmanager
def crew(session: Session) -> Iterator[bool]:
    """See to it that workers run while the block does; yields whether they are ours and end with it."""
    if is_served(session):
        yield False
        return
    session.screen.tell("workers_started")
    folder = session.settings.home_path / "logs"
    specs = [spec for spec in parse_procfile(PROCFILE) if spec.name in CREW]
    # They are stopped when the job has ended or is given up: there is nothing that they should still finish.
    env = child_environment(session.settings.model_copy(update={"soft_shutdown": 0.0}))

    def tell(event: ProcessEvent) -> None:
        if event.kind != "started" and event.retry_in is not None:
            session.screen.tell("worker_ended", name=event.process, log=str(folder / f"{event.process}.log"))

    supervisor = Supervisor(specs, env=env, log_folder=folder, on_event=tell)
    supervisor.start()
    try:
        yield True
    finally:
        supervisor.stop()
