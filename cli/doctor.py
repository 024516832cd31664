"""`mkt doctor`: is everything there and moving? One line for each finding, with what to do."""

from __future__ import annotations

import typer

from cli.command import command
from cli.examine import examine
from cli.findings import Finding, Level
from cli.session import Session
from cli.words import ENGLISH, Words

app = typer.Typer()

_MARKS = {Level.OK: "✓", Level.WARNING: "!", Level.BROKEN: "✗"}


@command(app, "doctor", "doctor")
def doctor(session: Session) -> None:
    """Examine the installation; exit code 1 where something is broken."""
    found = []
    for finding in examine(session.settings):
        found.append(finding)
        if not session.asked.json:
            session.screen.line(f"{_MARKS[finding.level]} {sentence(session.words, finding)}")
    broken = sum(finding.level is Level.BROKEN for finding in found)
    if session.asked.json:
        english = Words(ENGLISH)
        session.screen.document(
            [
                {
                    "check": f.check,
                    "level": f.level,
                    "state": f.state,
                    "details": dict(f.params),
                    "sentence": sentence(english, f),
                }
                for f in found
            ]
        )
    else:
        warnings = sum(finding.level is Level.WARNING for finding in found)
        key = "broken" if broken else "warned" if warnings else "healthy"
        session.screen.say(f"doctor.{key}", n=broken or warnings)
    raise typer.Exit(1 if broken else 0)


def sentence(words: Words, finding: Finding) -> str:
    """Say what is the matter and what to do."""
    return words.say(f"doctor.{finding.check}.{finding.state}", **finding.params)
