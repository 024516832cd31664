"""What a report says in sentences, on the page and on the terminal alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.reporting.advice import Act, Advice
from pipeline.reporting.figures import Source
from pipeline.reporting.manner import Manner


def sentence(advice: Advice, sources: Sequence[Source], manner: Manner) -> str:
    """Return what to do, in words."""
    if advice.act is Act.NOTHING:
        return manner.say("next.nothing")
    about = next((source for source in sources if source.import_job_id == advice.import_job_id), None)
    return manner.say(
        f"next{'_one' if advice.count == 1 else ''}.{advice.act}",
        count=advice.count,
        file=manner.name(advice.file_name or ""),
        rules=", ".join(rules(about, manner)) if about is not None else "",
        shares=", ".join(manner.say(f"share.{name}") for name in advice.shares),
    )


def rules(source: Source, manner: Manner) -> list[str]:
    """Return why an import was put into quarantine, in words."""
    return broken_rules(source.quarantine["rules"] if source.quarantine else [], manner)


def broken_rules(stored: Sequence[Mapping[str, Any]], manner: Manner) -> list[str]:
    """Return rules of a quarantine, as they are stored, in words."""
    return [
        manner.say("rule.inherited", id=rule["import_job_id"][-12:])
        if "share" not in rule
        else manner.say(f"rule.{rule['rule']}", share=manner.percent(rule["share"]), limit=manner.limit(rule["limit"]))
        for rule in stored
    ]


def state(source: Source, manner: Manner) -> str:
    """Return what must be said of an import as a whole, if anything."""
    if source.is_held:
        return manner.say("held")
    return manner.say("worse") if source.worse_than_usual else ""


def remark(name: str, source: Source, manner: Manner) -> str:
    """Return what must be said of one of its shares, if anything."""
    return manner.say("worse") if name in source.worse_than_usual else ""
