"""A report as one page of HTML that needs nothing else: no script, no font, no picture, no request."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.reporting import panels
from pipeline.reporting.advice import Act, Advice
from pipeline.reporting.charts import stretches
from pipeline.reporting.figures import FINDINGS, STATUSES, AudienceReport, ImportReport
from pipeline.reporting.manner import Manner
from pipeline.reporting.wording import sentence


def render(report: AudienceReport | ImportReport, advice: Sequence[Advice], manner: Manner) -> str:
    """Return the page. Whatever comes from people (names of files, audiences, users) is escaped."""
    own = _of_audience(report, manner) if isinstance(report, AudienceReport) else _of_import(report, manner)
    sources = report.imports if isinstance(report, AudienceReport) else [report.source]
    people = report.people
    return _template().render(
        m=manner,
        lang=manner.lang,
        style=Markup(_read("page.css")),  # noqa: S704 (our own file)
        report=report,
        people=people,
        left_out=panels.rows(panels.left_out(people, manner), manner),
        bar=stretches(panels.left_out(people, manner)),
        sources=[panels.source(each, manner) for each in sources[: panels.MOST_SOURCES]],
        all_sources=len(sources),
        shown_shares=panels.SHOWN_SHARES,
        bases=panels.named("basis", people.bases, manner),
        consent_sources=panels.named("consent_source", people.sources, manner),
        opted_out=panels.named("opted_out", people.opted_out, manner),
        findings=panels.rows(panels.parts(FINDINGS, people.findings, "finding", manner), manner, people.contacts),
        overlap=panels.overlap(report, manner),
        advice=[
            {"sentence": sentence(each, sources, manner), "command": each.command, "is_fine": each.act is Act.NOTHING}
            for each in advice
        ],
        **own,
    )


def _of_audience(report: AudienceReport, manner: Manner) -> dict[str, Any]:
    verdicts = panels.parts(STATUSES, report.people.verdicts, "verdict", manner)
    return {
        "is_audience": True,
        "title": manner.name(report.audience),
        "source": None,
        "verdicts": panels.rows(verdicts, manner),
        "ring": stretches(verdicts),
        "reasons": panels.reasons(report.people.reasons, manner),
        "growth": panels.growth(report.growth, manner),
        "uploaders": panels.bundles(report.imports, manner, by_month=False),
        "months": panels.bundles(report.imports, manner, by_month=True),
        "comparison": [],
        "usual": "",
        "errors": [],
    }


def _of_import(report: ImportReport, manner: Manner) -> dict[str, Any]:
    source = report.source
    verdicts = panels.parts(STATUSES, panels.verdicts(source), "verdict", manner)
    return {
        "is_audience": False,
        "title": manner.name(source.file_name),
        "source": source,
        "verdicts": panels.rows(verdicts, manner),
        "ring": stretches(verdicts),
        "reasons": panels.reasons(source.reasons, manner),
        "growth": None,
        "uploaders": [],
        "months": [],
        "comparison": panels.comparison(source, manner),
        "usual": panels.usual(source, manner),
        "errors": panels.errors(source, manner),
    }


def _read(name: str) -> str:
    return resources.files("pipeline.reporting").joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")
