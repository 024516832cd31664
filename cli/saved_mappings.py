"""`mkt mapping`: mappings of columns that the tenant keeps; `mkt import --save-mapping` makes them."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.command import command, group
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from db import mappings
from pipeline.reading import Field

app = group("mapping_group")


@command(app, "list", "mapping_list")
def list_(session: Session) -> None:
    """List the mappings, the newest first."""
    with session.context.database.reading(session.tenant.tenant_id) as unit:
        found = mappings.everything(unit)
    if session.asked.json:
        session.screen.document(
            [{"name": each.name, "mapping": each.mapping, "saved_at": each.saved_at} for each in found]
        )
    elif found:
        session.screen.table(
            ("name", "columns", "saved_at"),
            [
                (
                    each.name,
                    ", ".join(
                        f"{column} → {field}" for column, field in each.mapping.items() if field != Field.ATTRIBUTE
                    ),
                    each.saved_at,
                )
                for each in found
            ],
        )
    else:
        session.screen.say("no_mappings")


@command(app, "remove", "mapping_remove")
def remove(
    session: Session, name: Annotated[str, typer.Argument(metavar="NAME", help=help_text("mapping_name"))]
) -> None:
    """Forget a mapping."""
    user_id = session.user_id
    with session.context.database.unit(session.tenant.tenant_id) as unit:
        removed = mappings.remove(unit, name, user_id=user_id)
    if not removed:
        raise RefusedError(Refusal.NO_MAPPING, name=name)
    if session.asked.json:
        session.screen.document({"name": name})
    else:
        session.screen.say("mapping_removed", name=name)
