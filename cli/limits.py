"""`mkt tenant limits`: what the tenant may take of what all share, shown and set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Final

import typer

from cli.command import command, group
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import limits
from pipeline import tenant_limits

app = group("tenant_group")

#: What takes a limit away again, so that the settings decide.
DEFAULT: Final = "default"


def _option(name: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--{name.replace('_', '-')}", metavar=f"N|{DEFAULT}", help=help_text(f"limits.{name}"), show_default=False
    )
    return option


@command(app, "limits", "limits.group")
def limits_(
    session: Session,
    weight: Annotated[str | None, _option("weight")] = None,
    max_jobs: Annotated[str | None, _option("max_jobs")] = None,
    max_rows_per_day: Annotated[str | None, _option("max_rows_per_day")] = None,
    max_file_bytes: Annotated[str | None, _option("max_file_bytes")] = None,
) -> None:
    """Show the tenant's limits, or set those that are given."""
    given = {
        "weight": _read("--weight", weight, float, *tenant_limits.WEIGHTS),
        "max_jobs": _read("--max-jobs", max_jobs, int, 0, 2**31 - 1),
        "max_rows_per_day": _read("--max-rows-per-day", max_rows_per_day, int, 0, 2**63 - 1),
        "max_file_bytes": _read("--max-file-bytes", max_file_bytes, int, 1, 2**63 - 1),
    }
    changed = {name: value[0] for name, value in given.items() if value is not None}
    tenant_id = session.tenant.tenant_id
    if changed:
        tenant_limits.change(session.context, tenant_id, session.user_id, changed)
    with session.context.database.reading(tenant_id) as unit:
        own, whole = limits.load(unit), tenant_limits.in_force(unit, session.settings)
    if session.asked.json:
        session.screen.document({"tenant": session.tenant.slug, "set": asdict(own), "in_force": asdict(whole)})
        return
    if changed:
        session.screen.say("limits.set", tenant=session.tenant.slug)
    session.screen.table(
        ("limit", "value"),
        [
            (session.words.say(f"limits.name.{name}"), _told(session, name, value, own=getattr(own, name) is not None))
            for name, value in asdict(whole).items()
        ],
    )


def _read(
    option: str, value: str | None, kind: Callable[[str], float], least: float, most: float
) -> tuple[float | None] | None:
    """Return what an option says, in a tuple: a number, or None for the default. None: it was not given."""
    if value is None:
        return None
    if value == DEFAULT:
        return (None,)
    try:
        number = kind(value)
    except ValueError:
        number = least - 1
    if not least <= number <= most:  # nor is there room for a NaN
        raise RefusedError(Refusal.BAD_OPTION, option=option, value=value)
    return (number,)


def _told(session: Session, name: str, value: float | None, *, own: bool) -> str:
    words = session.words
    text = words.say("limits.any") if value == 0 and name != "weight" else str(words.value(value))
    return text if own else words.say("limits.of_settings", value=text)
