"""The decision how a file is read, from its first bytes alone: the same bytes always give the same decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.problems import FileProblem, FileProblemCode
from pipeline.reading.dialect import DELIMITERS, QUOTECHAR, Dialect, dialect_of
from pipeline.reading.encoding import encoding_of
from pipeline.reading.header import MAX_COLUMNS, is_address, listed, mapping_of, names_email, unique_names
from pipeline.reading.reading import Field, Reading, ReadingOptions

#: How much of a file decides how it is read.
SAMPLE_BYTES: Final = 1 << 18

#: How sure we are of the column of addresses: by its name or because somebody said so, and by what is in it.
_BY_NAME: Final = 1.0
_BY_CONTENT: Final = 0.8


def detect(sample: bytes, *, file_name: str, overrides: ReadingOptions | None = None) -> Reading:
    """Decide how the file that begins with ``sample`` (its first `SAMPLE_BYTES`) is read.

    The first record that is not blank is the header, unless one of its cells is an address: then the file has none, and
    its columns are ``column_1`` and so on. Raises FileProblem for what is no list of contacts, or not as ``overrides`` say.
    """
    sample = sample[:SAMPLE_BYTES]
    encoding = encoding_of(sample, file_name=file_name)
    text = sample.decode(encoding.codec, errors="surrogateescape")
    if not text.strip(BLANKS + QUOTECHAR + "".join(DELIMITERS)):
        raise FileProblem(FileProblemCode.FILE_EMPTY, file=file_name)
    dialect = dialect_of(text)
    row, header = dialect.records[0]
    has_header = any(map(names_email, header)) or not any(map(is_address, header))
    cells = header if has_header else [""] * max(len(record) for _, record in dialect.records)
    if len(cells) > MAX_COLUMNS:
        raise FileProblem(
            FileProblemCode.TOO_MANY_COLUMNS, file=file_name, row=row, count=len(cells), limit=MAX_COLUMNS
        )
    columns = unique_names(cells)
    wanted = overrides.mapping if overrides is not None else {}
    mapping = mapping_of(columns, wanted, file_name=file_name)
    if not has_header and Field.EMAIL not in mapping.values():
        mapping |= _by_content(dialect, columns, mapping)
    if Field.EMAIL not in mapping.values():
        raise FileProblem(FileProblemCode.NO_EMAIL_COLUMN, file=file_name, row=row, columns=listed(columns))
    return Reading(
        encoding=encoding.name,
        has_bom=encoding.has_bom,
        delimiter=dialect.delimiter,
        quotechar=QUOTECHAR,
        header_row=row if has_header else None,
        columns=columns,
        mapping=mapping,
        confidence=round(dialect.consistency * (_BY_NAME if has_header or wanted else _BY_CONTENT), 2),
    )


def _by_content(dialect: Dialect, columns: tuple[str, ...], mapping: Mapping[str, str]) -> dict[str, str]:
    """Map the column with the most addresses, the first of equals, to e-mail; a column that has a field already keeps it."""
    addresses = Counter(
        columns[at]
        for _, cells in dialect.records
        for at, cell in enumerate(cells)
        if mapping[columns[at]] == Field.ATTRIBUTE and is_address(cell)
    )
    return {column: str(Field.EMAIL) for column, _ in addresses.most_common(1)}
