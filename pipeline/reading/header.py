"""From a header to columns with a meaning: unique names, and which of them hold the address and the name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from pipeline.addresses import BLANKS, judge
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.layout import printable
from pipeline.reading.reading import Field

#: Columns of a file, and characters of a column's name.
MAX_COLUMNS: Final = 1_000
MAX_NAME: Final = 200

#: Names of the columns that we recognise without being told, in order of preference: English, Portuguese, Spanish.
#: They are compared without case, accents and punctuation; of two columns that are alike then, the one that is exactly
#: as it stands here wins, and then the first.
NAMES: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.EMAIL: (
        *("email", "e-mail", "Email Address", "E-mail Address", "Mail Address", "mail"),
        *("Endereço de e-mail", "Endereço de email", "Endereço email", "Endereço eletrônico", "Correio eletrônico"),
        *(
            "Correo electrónico",
            "Correo",
            "Dirección de correo electrónico",
            "Dirección de correo",
            "Dirección de email",
        ),
        *(
            "Email 1",
            "E-mail 1",
            "E-mail 1 - Value",
            "Primary Email",
            "Email principal",
            "E-mail principal",
            "Correo principal",
        ),
        *("Contact Email", "Customer Email", "Subscriber Email", "User Email", "Your email"),
        *(
            "E-mail do contato",
            "Email do contato",
            "E-mail do cliente",
            "Email do cliente",
            "Seu e-mail",
            "Seu email",
            "E-mail pessoal",
            "Email pessoal",
        ),
        *(
            "Email de contacto",
            "Email del cliente",
            "Su correo electrónico",
            "Tu correo electrónico",
            "Email personal",
            "Correo personal",
        ),
        *(
            "Work Email",
            "Business Email",
            "E-mail comercial",
            "Email comercial",
            "E-mail corporativo",
            "Email corporativo",
        ),
        *("E-mail profissional", "Email profissional", "Correo corporativo", "Correo de trabajo", "Personal Email"),
    ),
    Field.NAME: (
        *(
            "name",
            "Full Name",
            "nome",
            "Nome completo",
            "nombre",
            "Nombre completo",
            "Nombre y apellidos",
            "Nombre y apellido",
        ),
        *("Contact Name", "Nome do contato", "Nombre del contacto", "contact", "contato", "contacto"),
        *("Customer Name", "Nome do cliente", "Nombre del cliente", "customer", "cliente"),
        *("Display Name", "Razão social", "Razón social"),
    ),
}

_NO_WORD: Final = re.compile(r"[\W_]+")


def names_email(header: str) -> bool:
    """Say whether a header is one of those that name an e-mail address."""
    return _normalized(header) in _NORMALIZED[Field.EMAIL]


def is_address(cell: str) -> bool:
    """Say whether a cell is an e-mail address and nothing else."""
    return "@" in cell and judge(cell).problem is None


def unique_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a name for every column: trimmed, an empty one after its position, a repeated one with a number.

    ``("city", "city", "")`` becomes ``("city", "city_2", "column_3")``.
    """
    trimmed = [" ".join(printable(header).strip(BLANKS)[:MAX_NAME].split()) for header in headers]
    taken = set(trimmed)
    names: list[str] = []
    for position, header in enumerate(trimmed, 1):
        stem = header or f"column_{position}"
        name, number = stem, 1
        while name in names or (name != header and name in taken):
            number += 1
            name = f"{stem}_{number}"
        names.append(name)
    return tuple(names)


def mapping_of(columns: Sequence[str], wanted: Mapping[str, str], *, file_name: str) -> dict[str, str]:
    """Give every column its field: those that are ``wanted`` first, then by their names; the others are attributes.

    The result may lack an e-mail column. Raises FileProblem for a wanted column or field that there is not, or two
    columns for one field.
    """
    mapping = _wanted_mapping(columns, wanted, file_name)
    for field in (Field.EMAIL, Field.NAME):
        if field not in mapping.values():
            column = _recognised(field, [column for column in columns if column not in mapping])
            if column is not None:
                mapping[column] = field
    return {column: str(mapping.get(column, Field.ATTRIBUTE)) for column in columns}


def _wanted_mapping(columns: Sequence[str], wanted: Mapping[str, str], file_name: str) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for asked, field in wanted.items():
        column = _find(asked, columns)
        if column is None:
            raise FileProblem(FileProblemCode.UNKNOWN_COLUMN, file=file_name, column=asked, columns=listed(columns))
        if field not in list(Field):
            raise FileProblem(
                FileProblemCode.UNKNOWN_FIELD, file=file_name, column=asked, field=field, fields=", ".join(Field)
            )
        if field != Field.ATTRIBUTE and field in mapping.values():
            both = [name for name, other in mapping.items() if other == field]
            raise FileProblem(
                FileProblemCode.MAPPING_AMBIGUOUS, file=file_name, field=field, columns=listed([*both, column])
            )
        mapping[column] = field
    return mapping


def listed(columns: Sequence[str]) -> str:
    """Name columns in a sentence; of very many, the first ones."""
    shown = ", ".join(columns[:_LISTED])
    return shown if len(columns) <= _LISTED else f"{shown}, … ({len(columns)})"


_LISTED: Final = 30


def _find(asked: str, columns: Sequence[str]) -> str | None:
    if asked in columns:
        return asked
    alike = [column for column in columns if _normalized(column) == _normalized(asked)]
    return alike[0] if len(alike) == 1 else None


def _recognised(field: Field, columns: Sequence[str]) -> str | None:
    ranks = _NORMALIZED[field]
    known = [column for column in columns if _normalized(column) in ranks]
    return min(known, key=lambda column: (ranks[_normalized(column)], column not in NAMES[field]), default=None)


def _normalized(header: str) -> str:
    # Normalising takes time quadratic in a run of accents, and a cell is as long as whoever wrote it likes.
    decomposed = unicodedata.normalize("NFKD", header[:MAX_NAME].casefold())
    return _NO_WORD.sub(" ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()


def _ranks(names: Sequence[str]) -> dict[str, int]:
    return {_normalized(name): rank for rank, name in reversed(list(enumerate(names)))}


#: `NAMES` as they are compared, each with its rank; of two that are compared alike, the better one's.
_NORMALIZED: Final = {field: _ranks(names) for field, names in NAMES.items()}
