"""`mkt metrics`: figures of the whole installation, in the text format of Prometheus (exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import typer

from cli.command import command
from cli.session import Session
from config.endpoints import database_url
from db import metrics
from db.metrics import METRICS, Sample

app = typer.Typer()


@command(app, "metrics", "metrics")
def show(session: Session) -> None:
    """Print the figures; starts and changes nothing."""
    samples = metrics.look(database_url(session.settings))
    if session.asked.json:
        session.screen.document([{"name": s.name, "labels": dict(s.labels), "value": s.value} for s in samples])
        return
    for line in exposition(samples):
        session.screen.line(line)


def exposition(samples: Iterable[Sample]) -> Iterator[str]:
    """Yield the lines of the text format: what a metric means, what kind it is, and its samples, metric by metric."""
    found = sorted(samples, key=lambda sample: (sample.name, sorted(sample.labels.items())))
    for name, meaning in METRICS.items():
        yield f"# HELP {name} {meaning}"
        yield f"# TYPE {name} gauge"
        for sample in found:
            if sample.name == name:
                labels = ",".join(f'{label}="{_escaped(value)}"' for label, value in sorted(sample.labels.items()))
                yield f"{name}{{{labels}}} {sample.value:.15g}" if labels else f"{name} {sample.value:.15g}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
