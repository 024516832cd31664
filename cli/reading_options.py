"""The options that say how a file is read and what is made of it: the same for every command that takes a file."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError

from cli.refusals import Refusal, RefusedError
from cli.words import help_text
from db.statuses import ConsentSource, Duplicates, FieldPolicy, LegalBasis, OnExisting
from pipeline.options import ImportOptions
from pipeline.reading import DateOrder, Field

#: Names of delimiters that are hard to type.
_DELIMITERS: Final = {"tab": "\t", "\\t": "\t", "space": " "}

_Mapping = Annotated[list[str], typer.Option("--map", metavar="COLUMN=FIELD", help=help_text("map"))]
_Names = list[str]

#: How a file is read, by the name of the option in `ImportOptions`.
READING: Final[dict[str, tuple[Any, Any]]] = {
    "map": (_Mapping, []),
    "mapping": (Annotated[str | None, typer.Option("--mapping", metavar="NAME", help=help_text("mapping"))], None),
    "encoding": (Annotated[str | None, typer.Option("--encoding", metavar="NAME", help=help_text("encoding"))], None),
    "delimiter": (
        Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=help_text("delimiter"))],
        None,
    ),
    "quote": (Annotated[str | None, typer.Option("--quote", metavar="CHAR", help=help_text("quote"))], None),
    "header_row": (
        Annotated[int | None, typer.Option("--header-row", min=0, metavar="N", help=help_text("header_row"))],
        None,
    ),
    "sheets": (Annotated[_Names, typer.Option("--sheet", metavar="NAME", help=help_text("sheet"))], []),
    "keep": (Annotated[_Names, typer.Option("--keep", metavar="COLUMN", help=help_text("keep"))], []),
    "date_order": (Annotated[DateOrder | None, typer.Option("--date-order", help=help_text("date_order"))], None),
    "several": (
        Annotated[str, typer.Option("--several", metavar="first|reject", help=help_text("several"))],
        "first",
    ),
    "clear_token": (
        Annotated[str | None, typer.Option("--clear-token", metavar="TEXT", help=help_text("clear_token"))],
        None,
    ),
}
#: What becomes of contacts, in the same way.
MERGING: Final[dict[str, tuple[Any, Any]]] = {
    "on_existing": (
        Annotated[OnExisting, typer.Option("--on-existing", help=help_text("on_existing"))],
        OnExisting.FILL,
    ),
    "policies": (
        Annotated[list[str], typer.Option("--policy", metavar="FIELD=POLICY", help=help_text("policy"))],
        [],
    ),
    "duplicates": (
        Annotated[Duplicates, typer.Option("--duplicates", help=help_text("duplicates"))],
        Duplicates.FIRST,
    ),
    "allow_opt_outs": (
        Annotated[int | None, typer.Option("--allow-opt-outs", min=0, metavar="N", help=help_text("allow_opt_outs"))],
        None,
    ),
}
#: What is said of consent for the whole file, and of people who were taken out of the audience.
CONSENT: Final[dict[str, tuple[Any, Any]]] = {
    "basis": (
        Annotated[LegalBasis | None, typer.Option("--basis", help=help_text("consent.basis"), show_default=False)],
        None,
    ),
    "source": (
        Annotated[ConsentSource | None, typer.Option("--source", help=help_text("consent.source"), show_default=False)],
        None,
    ),
    "collected_at": (
        Annotated[str | None, typer.Option("--collected-at", metavar="DATE", help=help_text("consent.collected_at"))],
        None,
    ),
    "consent_form": (
        Annotated[str | None, typer.Option("--consent-form", metavar="TEXT", help=help_text("consent.consent_form"))],
        None,
    ),
    "evidence": (
        Annotated[str | None, typer.Option("--evidence", metavar="TEXT", help=help_text("consent.evidence"))],
        None,
    ),
    "readmit": (Annotated[bool, typer.Option("--readmit", help=help_text("consent.readmit_option"))], False),
}


def with_options(*families: dict[str, tuple[Any, Any]]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options; it takes them together as its parameter ``options``, an `ImportOptions`."""
    offered = {name: option for family in families for name, option in family.items()}

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function, eval_str=True)
        own = [parameter for parameter in signature.parameters.values() if parameter.name != "options"]
        keyword = inspect.Parameter.KEYWORD_ONLY

        @functools.wraps(function)
        def run(session: Any, **values: Any) -> None:  # noqa: ANN401 (whatever the command declares)
            function(session, options=_options({name: values.pop(name) for name in offered}), **values)

        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                *own,
                *(
                    inspect.Parameter(name, keyword, default=default, annotation=kind)
                    for name, (kind, default) in offered.items()
                ),
            ]
        )
        return run

    return decorate


def _options(asked: dict[str, Any]) -> ImportOptions:
    """Make the options of what was typed. Raises RefusedError for what is none."""
    asked["map"] = _pairs(asked["map"], "--map", Refusal.BAD_MAP)
    if "policies" in asked:
        asked["policies"] = _pairs(asked["policies"], "--policy", Refusal.BAD_POLICY)
        for field, policy in asked["policies"].items():
            if policy not in list(FieldPolicy) or field == Field.EMAIL:
                raise RefusedError(Refusal.BAD_POLICY, pair=f"{field}={policy}")
    if asked["delimiter"] is not None:
        asked["delimiter"] = _DELIMITERS.get(asked["delimiter"], asked["delimiter"])
    try:
        return ImportOptions.from_json(asked)
    except ValidationError as error:
        option = str(error.errors()[0]["loc"][0])
        raise RefusedError(
            Refusal.BAD_OPTION, option=f"--{option.replace('_', '-')}", value=str(asked[option])
        ) from None


def _pairs(pairs: list[str], option: str, refusal: Refusal) -> dict[str, str]:
    """Return what was said of each column. Raises RefusedError for one of which two things are said."""
    said: dict[str, str] = {}
    for pair in pairs:
        column, value = _pair(pair, refusal)
        if said.setdefault(column, value) != value:
            raise RefusedError(Refusal.BAD_OPTION, option=option, value=f"{column}={said[column]}, {pair}")
    return said


def _pair(pair: str, refusal: Refusal) -> tuple[str, str]:
    """Take ``COLUMN=FIELD`` apart; columns may contain ``=``."""
    column, equals, field = pair.rpartition("=")
    if not (column and equals and field):
        raise RefusedError(refusal, pair=pair)
    return column, field
