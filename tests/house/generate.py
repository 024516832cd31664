"""Writes the parts of the documents that follow from the code: ``make docs``. A test holds them fresh."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pydantic_core import PydanticUndefined
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from config.settings import Settings
from db.statuses import CHUNK_TRANSITIONS, COURSES, JOB_TRANSITIONS
from db.tables import NEIGHBOURS, metadata
from tests.chaos.catalogue import fault_list
from tests.corpus.report import report
from tests.house.catalogue import file_notices, file_problems, row_problems
from tests.house.eligibility import eligibility_rules, finding_choices, other_choices
from tests.house.repository import ROOT, with_block
from tests.house.verdicts import flag_table, list_table, rule_table

State = TypeVar("State", bound=StrEnum)


def settings_table() -> str:
    """Return one row per setting: variable, default, meaning."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.default
        assert default is not PydanticUndefined, f"{name} has no default"
        shown = "" if default in (None, ()) else f"`{','.join(default) if isinstance(default, tuple) else default}`"
        lines.append(f"| `MKT_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)


def job_chart() -> str:
    """Return the chart of a job's statuses and the sentence of every move."""
    return _chart(JOB_TRANSITIONS)


def course_chart() -> str:
    """Return the chart of what can be asked of a job, and the sentence of every move."""
    return _chart(COURSES)


def chunk_charts() -> str:
    """Return the charts of a chunk's stages, kind by kind."""
    return "\n\n".join(f"### {kind}\n\n{_chart(edges)}" for kind, edges in CHUNK_TRANSITIONS.items())


def _chart(edges: Mapping[tuple[State, State], str]) -> str:
    # The chart has who makes the move; the whole sentence would not fit, and a colon ends a label there.
    arrows = [f"    {old} --> {new}: {text.partition(':')[0]}" for (old, new), text in edges.items()]
    rows = [f"| {old} | {new} | {text} |" for (old, new), text in edges.items()]
    return "\n".join(
        ["```mermaid", "stateDiagram-v2", *arrows, "```", "", "| from | to | who, and when |", "|---|---|---|", *rows]
    )


def column_list() -> str:
    """Return every column of mkt's own tables, with its type and whether it may be empty."""
    own = [table for table in metadata.sorted_tables if table not in NEIGHBOURS]
    return "\n\n".join(f"### {table.fullname}\n\n{_columns(table)}" for table in sorted(own, key=lambda t: t.name))


def neighbour_columns() -> str:
    """Return every column that mkt relies on in the tables of other modules."""
    return "\n\n".join(f"### {table.fullname}\n\n{_columns(table)}" for table in NEIGHBOURS)


def _columns(table: Table) -> str:
    rows = [
        f"| `{column.name}` | {_type(column)} | {'' if column.nullable else 'not null'} | {'key' if column.primary_key else ''} |"
        for column in table.columns
    ]
    return "\n".join(["| column | type | | |", "|---|---|---|---|", *rows])


def _type(column: Column[Any]) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return column.type.compile(dialect=dialect).lower().replace('"c"', '"C"')


def corpus_report() -> str:
    """Return how the files of the corpus are read: rows by topic, and every one that does not arrive whole."""
    return report().strip()


#: (document, name of its block) -> what writes it
BLOCKS: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/reading.md", "corpus"): corpus_report,
    ("docs/settings.md", "settings"): settings_table,
    ("docs/architecture.md", "job statuses"): job_chart,
    ("docs/architecture.md", "job courses"): course_chart,
    ("docs/architecture.md", "chunk stages"): chunk_charts,
    ("docs/reliability.md", "faults"): fault_list,
    ("docs/schema.md", "columns"): column_list,
    ("docs/neighbours.md", "columns"): neighbour_columns,
    ("docs/problems.md", "row problems"): row_problems,
    ("docs/problems.md", "file problems"): file_problems,
    ("docs/problems.md", "file notices"): file_notices,
    ("docs/campaigns.md", "rules"): eligibility_rules,
    ("docs/campaigns.md", "findings"): finding_choices,
    ("docs/campaigns.md", "choices"): other_choices,
    ("docs/verdicts.md", "rules"): rule_table,
    ("docs/verdicts.md", "flags"): flag_table,
    ("docs/verdicts.md", "lists"): list_table,
}


def main() -> None:
    """Write every block into its document."""
    for (document, name), make in BLOCKS.items():
        path = ROOT / document
        path.write_text(with_block(path.read_text("utf-8"), name, make()), "utf-8")


if __name__ == "__main__":
    main()
