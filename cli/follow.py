"""Following a job: what each step has done, how fast, and how long it will take; always on standard error.

On a terminal one bar for each step; elsewhere a plain line every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from rich.progress import BarColumn, Progress, TaskID

from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.show import error_console
from cli.words import Words
from db import reports
from db.reports import JobReport
from db.statuses import FINISHED_STATUSES, JobKind

#: Seconds between two looks at the job, and between two plain lines.
POLL: Final = 0.25
PLAIN_EVERY: Final = 3.0


@dataclass(frozen=True)
class Step:
    """A step of the job: how much is done, of how much; ``total`` None: not known yet."""

    name: str
    done: int
    total: int | None


def steps(progress: reports.Progress) -> list[Step]:
    """Return the steps in their order, as people are told of them."""
    records = progress.records if progress.split else None
    contacts = progress.contacts if progress.marked else None
    reading = [Step("split", progress.records, records), Step("parse", progress.parsed, records)]
    if progress.kind == JobKind.SUPPRESSION:
        return reading  # it has no contacts
    if progress.kind == JobKind.SEND:
        return [Step("plan", progress.records, records), Step("send", progress.parsed, records)]
    if progress.kind == JobKind.UNDO:
        return [Step("deal", progress.records, records), Step("undo", progress.parsed, records)]
    return [
        *reading,
        Step("upsert", progress.upserted, contacts),
        Step("link", progress.linked, contacts),
        Step("validate", progress.judged if progress.marked else 0, contacts),
    ]


class Pace:
    """How fast each step goes, in records a second from its first movement to its last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: dict[str, tuple[float, int]] = {}
        self._last: dict[str, tuple[float, int]] = {}

    def rate(self, step: Step) -> float | None:
        """Return the records per second of a step that has moved."""
        now = (self._clock(), step.done)
        began, before = self._first.setdefault(step.name, now)
        if self._last.setdefault(step.name, now)[1] != step.done:
            self._last[step.name] = now
        moved, done = self._last[step.name]
        return (done - before) / (moved - began) if moved > began else None

    def left(self, step: Step) -> float | None:
        """Return the seconds that the step will still take at its pace."""
        rate = self.rate(step)
        return None if not rate or step.total is None else (step.total - step.done) / rate


def follow(session: Session, import_job_id: UUID, *, check: Callable[[], None] = lambda: None) -> JobReport:
    """Show the job's progress until it has ended and return it. ``check`` is called at every look, and may raise.

    Raises RefusedError where there is no such job.
    """
    with _Bars(session) if error_console().is_terminal else _Lines(session) as face:
        while True:
            with session.context.database.reading(session.tenant.tenant_id) as unit:
                progress = reports.progress(unit, import_job_id)
                report = reports.job(unit, import_job_id)
            if progress is None or report is None:
                raise RefusedError(Refusal.NO_JOB, id=str(import_job_id))
            face.show(progress)
            if report.status in FINISHED_STATUSES:
                return report
            check()
            time.sleep(POLL)


def ended_within(session: Session, import_job_id: UUID, seconds: float) -> JobReport | None:
    """Wait so long for the job to end; None: it has not."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with session.context.database.reading(session.tenant.tenant_id) as unit:
            report = reports.job(unit, import_job_id)
        if report is not None and report.status in FINISHED_STATUSES:
            return report
        time.sleep(POLL)
    return None


class _Lines:
    """Plain lines: the step that is furthest on its way and not at its end."""

    def __init__(self, session: Session) -> None:
        self._screen, self._words = session.screen, session.words
        self._pace = Pace()
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, progress: reports.Progress) -> None:
        """Say where the job is, if it is time to."""
        told = [(step, *_told(self._words, step, self._pace)) for step in steps(progress)]  # measures, also when silent
        begun = [item for item in told if item[0].done and item[0].done != item[0].total]
        if begun and time.monotonic() - self._said >= PLAIN_EVERY:
            self._said = time.monotonic()
            step, amount, speed = begun[-1]
            self._screen.tell("progress.line", step=self._words.say(f"step.{step.name}"), amount=amount, speed=speed)


class _Bars:
    """One bar for each step, on a terminal."""

    def __init__(self, session: Session) -> None:
        self._words = session.words
        self._pace = Pace()
        self._bars: dict[str, TaskID] = {}
        columns = ("{task.description}", BarColumn(), "{task.fields[amount]}", "{task.fields[speed]}")
        self._progress = Progress(*columns, console=error_console())

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, progress: reports.Progress) -> None:
        """Move the bars."""
        for step in steps(progress):
            amount, speed = _told(self._words, step, self._pace)
            if step.name not in self._bars:
                title = self._words.say(f"step.{step.name}")
                self._bars[step.name] = self._progress.add_task(title, total=None, amount="", speed="")
            self._progress.update(
                self._bars[step.name], completed=step.done, total=step.total, amount=amount, speed=speed
            )


def _told(words: Words, step: Step, pace: Pace) -> tuple[str, str]:
    """Return how much of a step is done, and how fast it goes, in words."""
    rate, left = pace.rate(step), pace.left(step)
    amount = words.say("progress.so_far", done=step.done)
    if step.total is not None:
        amount = words.say("progress.of", done=step.done, total=step.total)
    speed = "" if rate is None else words.say("progress.rate", n=round(rate))
    if left:
        speed = words.say("progress.left", rate=speed, time=words.seconds(left))
    return amount, speed
