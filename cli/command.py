"""How a command is declared: ``--tenant``, ``--user``, ``--lang`` and ``--json`` belong to all of them, said once, here.

They are understood before the command's name (`mkt --tenant acme job list`) and after it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Final

import typer

from cli.session import Asked, Session
from cli.words import help_text
from pipeline import texts


def _language(value: str | None) -> str | None:
    if value is not None and value not in texts.LANGUAGES:
        raise typer.BadParameter(", ".join(texts.LANGUAGES))
    return value


Tenant = Annotated[str | None, typer.Option("--tenant", metavar="SLUG", help=help_text("tenant"), show_default=False)]
User = Annotated[str | None, typer.Option("--user", metavar="NAME", help=help_text("user"), show_default=False)]
Lang = Annotated[
    str | None,
    typer.Option(
        "--lang", metavar="|".join(texts.LANGUAGES), help=help_text("lang"), callback=_language, show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help=help_text("json"))]

#: The most lines that can be asked for with --limit and the like.
MOST: Final = 2**31 - 1

_COMMON = {"tenant_": Tenant, "user_": User, "lang_": Lang, "json_": Json}


def group(key: str) -> typer.Typer:
    """Make a group of commands, with its help."""
    return typer.Typer(
        help=help_text(key),
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def command(
    app: typer.Typer, name: str, key: str, *, with_json: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as the command ``name``. Its first parameter gets the `Session`; the common options are added."""
    common = {option: kind for option, kind in _COMMON.items() if with_json or option != "json_"}

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function, eval_str=True)
        own = list(signature.parameters.values())[1:]

        def run(ctx: typer.Context, **values: Any) -> None:  # noqa: ANN401 (whatever the command declares)
            asked: Asked = ctx.obj
            asked.add(**{option.rstrip("_"): values.pop(option) for option in common})
            with Session(asked) as session:
                function(session, **values)

        keyword = inspect.Parameter.KEYWORD_ONLY
        added = [
            inspect.Parameter("ctx", keyword, annotation=typer.Context),
            *(p.replace(kind=keyword) for p in own),
            *(
                inspect.Parameter(option, keyword, default=False if option == "json_" else None, annotation=kind)
                for option, kind in common.items()
            ),
        ]
        # What typer reads instead of the function's own: the session is ours to give, the common options are everybody's.
        run.__signature__ = inspect.Signature(added)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in added}
        app.command(name, help=help_text(key))(run)
        return function

    return decorate
