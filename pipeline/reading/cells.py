"""What stands in cells, whatever they are about: names as contacts carry them, what cannot be stored, what programs leave behind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from pipeline.addresses import BLANKS
from pipeline.problems import RowProblem
from pipeline.reading.text.double_encoding import repair

#: Characters of a contact's name. It bounds the time of normalising, which is quadratic in a run of accents.
MAX_NAME: Final = 300

#: What a spreadsheet shows in a cell that it could not calculate, in English, Portuguese and Spanish.
_CELL_ERRORS: Final = frozenset(
    {
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"),
        *(
            "#N/D",
            "#VALOR!",
            "#NOME?",
            "#NULO!",
            "#NÚM!",
            "#DESPEJAR!",
            "#¡REF!",
            "#¡VALOR!",
            "#¿NOMBRE?",
            "#¡DIV/0!",
            "#¡NUM!",
        ),
    }
)
#: What MySQL and PostgreSQL write for nothing.
_NULL: Final = r"\N"
#: What programs write for nothing where people see it: exactly so. "Null" is a name.
NOTHING: Final = frozenset({"NULL", "(NULL)", "(null)", "[NULL]", "<null>", "NaN", "nan", "NaT", "<NA>"})
#: The same in a cell of names, where these can hardly be words.
NO_NAME: Final = NOTHING | {"null", "None", "none", "undefined", "N/A", "n/a", "N/D", "n/d", "-", "--", "?", "."}
#: How text begins that was UTF-8 twice, read as Windows-1252, Mac Roman or code page 850 in between.
_TWICE: Final = re.compile(r"[ÂÃâ√├][^\x00-\x7f]")
#: What makes a record need a second look.
_ODD: Final = re.compile(r'[\x00\ufffd#]|="|\\N|[ÂÃâ√├][^\x00-\x7f]')
#: A character of `_ODD`: without one there is no need to look closer, and looking for one is quick.
_HINT: Final = re.compile("[\0\ufffd#\\\\=ÂÃâ√├]")
_FORMULA_TEXT: Final = re.compile('\\s*="([^"]*)"\\s*')

_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")
_LOST: Final = "\ufffd"


def is_odd(text: str) -> bool:
    """Say whether a record needs a second look, by the text of all its cells."""
    return _HINT.search(text) is not None and _ODD.search(text) is not None


def contact_name(raw_name: str) -> str:
    """Return a name as contacts carry it: one space between words, no control characters, NFC, at most `MAX_NAME` long."""
    words = " ".join(raw_name.split())[:MAX_NAME]
    if words.isascii() and words.isprintable():
        return words.rstrip()
    if not words.isprintable():
        words = "".join(character for character in words if unicodedata.category(character) not in ("Cc", "Cs"))
    return " ".join(unicodedata.normalize("NFC", words)[:MAX_NAME].strip(BLANKS).split())


def printable(text: str) -> str:
    """Return ``text`` with U+FFFD for what PostgreSQL cannot store: NUL and lone surrogates."""
    if "\x00" not in text and (text.isascii() or is_encodable(text)):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def is_encodable(text: str) -> bool:
    """Say whether a text has no lone surrogates: those stand for bytes that were no text."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def meant(cell: str) -> str:
    r"""Return what a program means by a cell: nothing by an error, ``\N`` or NUL, the text by the formula ``="0123"``."""
    cell = cell.replace("\0", "")
    if (text := _FORMULA_TEXT.fullmatch(cell)) is not None:
        return text[1]
    value = cell.strip(BLANKS)
    return "" if value == _NULL or value.upper() in _CELL_ERRORS else cell


def troubles(cell: str) -> Iterator[RowProblem]:
    """Yield what must be said about a cell: an error of a spreadsheet, a lost letter, text that was encoded twice."""
    value = cell.strip(BLANKS)
    if value.upper() in _CELL_ERRORS:
        yield RowProblem.CELL_ERROR
    if value in NOTHING:
        yield RowProblem.PLACEHOLDER
    if cell.isascii():
        return
    if _LOST in cell:
        yield RowProblem.CHARACTER_LOST
    if _TWICE.search(cell) and repair(cell) is not None:
        yield RowProblem.TEXT_DOUBLE_ENCODED
