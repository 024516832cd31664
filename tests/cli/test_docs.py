"""The command line, its page in the docs and the catalogue say the same."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.main import app
from cli.rows import RowStatus
from db.outcomes import Outcome
from db.statuses import (
    AudienceStatus,
    CampaignOutcome,
    ChunkStage,
    ConsentSource,
    DeliveryKind,
    JobStatus,
    LegalBasis,
    OptOutKind,
    OverrideDecision,
    VerdictStatus,
)
from pipeline import texts
from pipeline.delivery_files import EventProblem
from pipeline.reading import Field
from pipeline.verdicts import ReasonCode

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
COMMON = {"--tenant", "--user", "--lang", "--json", "--help"}

#: Keys that are put together at run time.
FAMILIES: dict[str, Iterable[str]] = {
    "cli.status": JobStatus,
    "cli.stage": [*ChunkStage, "settled"],
    "cli.audience_status": AudienceStatus,
    "cli.audience": AudienceStatus,
    "cli.row_status": RowStatus,
    "cli.privacy.basis": LegalBasis,
    "cli.privacy.opt_out": OptOutKind,
    "cli.privacy.campaign_outcome": CampaignOutcome,
    "cli.privacy.campaign": ["sent", *CampaignOutcome],
    "cli.privacy.delivery": DeliveryKind,
    "cli.privacy.decided": OverrideDecision,
    "cli.contact.outcome": [*(set(Outcome) - {Outcome.OPTED_OUT, Outcome.KEPT_OUT}), "dry_run"],
    "cli.contact.job_status": JobStatus,
    "cli.row_outcome": set(Outcome) - {Outcome.OPTED_OUT, Outcome.KEPT_OUT},
    "cli.export_name": [*Outcome, "rows", "rejects"],
    "cli.verdict": VerdictStatus,
    "cli.field": Field,
    "cli.decision": OverrideDecision,
    "cli.overrides": [
        *OverrideDecision,
        *(f"already_{decision}" for decision in OverrideDecision),
        *(f"{choice}_{state}" for choice in ("risky_roles", "smtputf8") for state in ("on", "off")),
        "forgotten",
    ],
    "cli.delivery_problem": [f"{problem}.{part}" for problem in EventProblem for part in ("title", "remedy")],
    "cli.resolver": ["ok", "dead", "lying_nxdomain", "lying_answers"],
    "cli.step": ["split", "parse", "upsert", "link", "validate", "plan", "send"],
    "verdicts": ReasonCode,
    "cli.consent.basis": LegalBasis,
    "cli.consent.source": ConsentSource,
}


def commands() -> Iterator[tuple[str, set[str]]]:
    """Yield every command with its options."""
    yield from walk(typer.main.get_command(app), "mkt")


def walk(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:  # noqa: ANN401 (typer's own classes are private)
    children = getattr(command, "commands", {})
    for name, child in children.items():
        yield from walk(child, f"{path} {name}")
    if not children:
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        yield path, {option for option in options if option.startswith("--")}


def sections() -> dict[str, str]:
    """Return the page's sections by each command in their headings."""
    found = {}
    for section in re.split(r"^##+ ", PAGE, flags=re.MULTILINE):
        heading, _, body = section.partition("\n")
        for code in re.findall(r"`(mkt [^`]*)`", heading):
            found[" ".join(word for word in code.split() if word.islower())] = body
    return found


def test_every_command_and_option_is_in_the_docs_and_nothing_else_is() -> None:
    documented, there = sections(), dict(commands())

    assert set(documented) == set(there)
    for path, options in there.items():
        assert {option for option in options - COMMON if f"`{option}" not in documented[path]} == set(), path
    assert {option for option in COMMON - {"--help"} if f"`{option}" not in PAGE} == set()


def test_every_reading_command_has_json() -> None:
    without = {path for path, options in commands() if "--json" not in options}

    assert without == {
        "mkt demo",
        "mkt up",
        "mkt services start",
        "mkt services stop",
        "mkt services env",
        "mkt db upgrade",
    }


def spoken() -> Iterator[str]:
    """Yield the keys that stand in the code of the command line."""
    for path in (ROOT / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                key = str(node.args[0].value)
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("say", "tell"):
                    yield f"cli.{key}"
                elif name == "count":
                    yield from (f"cli.count.{key}.{form}" for form in ("one", "other"))
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("table", "facts"):
                yield from (f"cli.column.{name}" for name in headings(node.args[0]))


def headings(argument: ast.expr) -> Iterator[str]:
    elements = argument.elts if isinstance(argument, ast.Tuple | ast.List) else []
    for element in elements:
        first = element.elts[0] if isinstance(element, ast.Tuple) else element
        if isinstance(first, ast.Constant):
            yield str(first.value)


@pytest.mark.parametrize("lang", texts.LANGUAGES)
def test_no_sentence_is_missing(lang: str) -> None:
    families = {
        f"{prefix}_{value}" if prefix == "cli.audience" else f"{prefix}.{value}"
        for prefix, values in FAMILIES.items()
        for value in values
    }
    # These stages are those of chunks that wait: no job is shown in them.
    idle = {"cli.stage.waiting", "cli.stage.parsed", "cli.stage.done"}

    assert (set(spoken()) | families) - idle - texts.keys(lang) == set()
    assert len(set(spoken())) > 60
