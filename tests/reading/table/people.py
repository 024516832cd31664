"""Records of people, their header, and the table that is understood from such."""

from __future__ import annotations

from pipeline.reading.reading import ReadingOptions, SavedMapping, Surroundings
from pipeline.reading.table.understand import Table, understand

PEOPLE = [
    ["Ana Souza", "ana.souza@exemplo.com.br", "(11) 98765-4321", "São Paulo"],
    ["João Lima", "joao@exemplo.com.br", "(21) 91234-5678", "Niterói"],
    ["Bia Rocha", "bia@exemplo.com.br", "", "Itajaí"],
]
HEADER = ["Nome", "E-mail", "Telefone", "Cidade"]


def table(
    sample: list[list[str]],
    *,
    columns: tuple[str, ...] | None = None,
    options: ReadingOptions | None = None,
    mappings: tuple[SavedMapping, ...] = (),
) -> Table:
    return understand(
        sample,
        columns=columns,
        options=options or ReadingOptions(),
        surroundings=Surroundings(mappings=mappings),
        file_name="f.csv",
        part_name=None,
    )
