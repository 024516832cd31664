"""Yes and no as people write them, for columns that somebody has said are opt-outs or opt-ins."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.reading.reading import Field, OptOut, OptOutRule
from pipeline.reading.table.words import comparable, spellings

#: English, Portuguese and Spanish, as `table.words.comparable` leaves them. What is in no list is not guessed at.
YES: Final = frozenset(
    {"1", "1 0", "true", "t", "yes", "y", "on", "x", "sim", "s", "verdadeiro", "v", "verdadero", "si"}
)
NO: Final = frozenset({"0", "0 0", "false", "f", "no", "n", "off", "nao", "falso"})
#: Words that say by themselves who is in and who is out, whatever the column is called.
OUT: Final = frozenset(
    {"opt out", "optout", "opted out", "unsubscribe", "unsubscribed", "descadastrado", "descadastrada", "dado de baja"}
)
IN: Final = frozenset(
    {"opt in", "optin", "opted in", "subscribe", "subscribed", "inscrito", "inscrita", "suscrito", "suscrita"}
)


#: Words that hardly mean anything else, in a column that nobody has spoken of.
_TELLING: Final = OUT | frozenset(
    {
        *("bounced", "hard bounce", "hard bounced", "complained", "spam complaint", "blocklisted", "blacklisted"),
        *(
            "descadastrou",
            "descadastro",
            "inscricao cancelada",
            "nao deseja receber",
            "nao receber",
            "rejeitado por spam",
        ),
        *("baja", "desuscrito", "desuscrita", "suscripcion cancelada", "no desea recibir"),
    }
)


#: Names of columns that hardly mean anything else.
_HEADINGS: Final = (
    OUT
    | IN
    | frozenset(
        {
            *(
                "unsubscribes",
                "has opted out of email",
                "email opt out",
                "email opted out",
                "opt out email",
                "opt in email",
            ),
            *("do not email", "do not contact", "donotemail", "no email", "is unsubscribed", "email unsubscribed"),
            *("bounced", "bounce", "hard bounce", "hard bounced", "complained", "complaint", "spam complaint"),
            *("blocklisted", "blacklisted", "suppressed", "unsubscribed at", "unsubscribe date", "email optout"),
            *(
                "descadastro",
                "descadastros",
                "descadastrou",
                "descadastrados",
                "nao enviar",
                "nao receber",
                "bloqueado",
            ),
            *(
                "aceita receber",
                "aceita receber emails",
                "aceita emails",
                "aceita email",
                "aceite email",
            ),
            *(
                "recebe emails",
                "recebe email",
                "cancelou inscricao",
                "inscricao cancelada",
                "suprimido",
            ),
            *("baja", "desuscrito", "desuscrita", "acepta recibir", "acepta emails", "no desea recibir"),
        }
    )
)


def speaks_of_opt_outs(column: str, cells: Iterable[str]) -> bool:
    """Say whether a column's name, or some cell of it, reads like an opt-out. No reason to obey it, but one to ask."""
    names = (name.replace("e mail", "email") for name in spellings(column))
    return not _HEADINGS.isdisjoint(names) or any(comparable(cell) in _TELLING for cell in cells if cell)


def rule_for(column: str, field: Field) -> OptOutRule:
    """Return how a column is read that is mapped to `Field.OPT_OUT` (a yes opts out) or `Field.OPT_IN` (a no does).

    Raises ValueError for any other field.
    """
    if field == Field.OPT_OUT:
        out, stays = YES | OUT, NO | IN
    elif field == Field.OPT_IN:
        out, stays = NO | OUT, YES | IN
    else:
        raise ValueError(field)
    return OptOutRule(
        column, dict.fromkeys(sorted(out), OptOut.UNSUBSCRIBE) | dict.fromkeys(sorted(stays), OptOut.NONE)
    )


def reader_of(rule: OptOutRule) -> Callable[[str], OptOut]:
    """Return the function that reads a cell by ``rule``: a blank one, a dash or an empty list opts nobody out."""

    @functools.lru_cache(maxsize=1024)
    def read(cell: str) -> OptOut:
        if not cell.strip(_SILENT):
            return OptOut.NONE
        return rule.values.get(comparable(cell), rule.otherwise)

    return read


#: What stands in a cell that says nothing.
_SILENT: Final = BLANKS + "-\u2013\u2014[]{}"
