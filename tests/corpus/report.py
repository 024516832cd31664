"""The table of what the corpus shows: ``python -m tests.corpus.report``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.corpus.judging import Finding, Judgement, Verdict, judge
from tests.corpus.topics import TOPICS, all_cases

_HEAD = ("topic", "files", "rows", "right", "said", "silently wrong")


def report() -> str:
    """Read the whole corpus; return a Markdown table of rows by topic, and a list of every miss with its reason."""
    judgements = [judge(case) for case in all_cases()]
    table = [_HEAD, ("---", *["---:"] * (len(_HEAD) - 1))]
    table += [_line(topic, [each for each in judgements if each.case.topic == topic]) for topic in TOPICS]
    table.append(_line("all", judgements))
    lines = [f"| {' | '.join(cells)} |" for cells in table]
    missed = [f"* `{each.case.id}`: {why}" for each in judgements for why in _misses(each)]
    return "\n".join([*lines, "", *missed]) + "\n"


def _line(topic: str, judgements: list[Judgement]) -> tuple[str, ...]:
    figures = [len(judgements), sum(len(each.findings) for each in judgements)]
    figures += [sum(each.count(verdict) for each in judgements) for verdict in Verdict]
    return (topic, *map(str, figures))


def _misses(judgement: Judgement) -> Iterator[str]:
    yield from judgement.faults
    if judgement.case.known:
        yield f"known: {judgement.case.known}"
    missed = [finding for finding in judgement.findings if finding.verdict is not Verdict.RIGHT]
    by_verdict: dict[Verdict, list[Finding]] = {}
    for finding in missed:
        by_verdict.setdefault(finding.verdict, []).append(finding)
    for verdict, findings in by_verdict.items():
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        yield f"{verdict}: {findings[0].what}{more}"


if __name__ == "__main__":
    sys.stdout.write(report())
