"""How names of columns and words in cells are compared, and how they are shown."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from pipeline.addresses import BLANKS

#: Characters of a column's name, and of any text that is compared.
MAX_NAME: Final = 200

#: Columns that a sentence lists at most.
_LISTED: Final = 30

_NO_WORD: Final = re.compile(r"[\W_]+")
#: What programs and people add to a column's name to say that it must be filled in.
_REQUIRED: Final = re.compile(
    r"[(\[]\s*(?:obrigat[óo]ri[oa]|required|obligatori[oa]|requerid[oa]|opcional|optional|\*)\s*[)\]]", re.IGNORECASE
)


def comparable(text: str) -> str:
    """Return what two texts have in common that differ only in case, accents and punctuation; bounded in length.

    ``"E-mail (obrigatório)*"`` becomes ``"e mail"``; a text without a letter or digit becomes empty.
    """
    # Normalising takes time quadratic in a run of accents, and a cell is as long as whoever wrote it likes.
    plain = unicodedata.normalize("NFKD", _REQUIRED.sub(" ", text[:MAX_NAME].strip(BLANKS)))
    decomposed = unicodedata.normalize("NFKD", plain.casefold())
    kept = "".join(c for c in decomposed if not unicodedata.combining(c) and c not in _UNSEEN)
    return _NO_WORD.sub(" ", kept).strip()


def spellings(column: str) -> tuple[str, ...]:
    """Return a column's name as `comparable` leaves it, and without what forms and databases put around names.

    ``"2. E-mail"``, ``"DS_EMAIL"``, ``"txtEmail"`` and ``"Pessoa - Email"`` are also ``"e mail"`` or ``"email"``.
    """
    plain = comparable(column)
    column = _PERSON.sub("", column)
    bare = _AROUND.sub("", comparable(_HUMP.sub(" ", column[:MAX_NAME])))
    return (plain, bare) if bare and bare != plain else (plain,)


#: Numbers of questions, and prefixes that say of what kind a field is.
_AROUND: Final = re.compile(
    r"^(?:(?:q|p|n)?\d{1,2}[a-d]? )?(?:(?:ds|dsc|nm|tx|txt|str|vc|vch|fld|field|campo|input|frm|form) )?"
)
#: Whose field it is, as exports of several tables say before its name.
_PERSON: Final = re.compile(
    r"^\s*(?:pessoa|contato|contacto|contact|person|persona|people|lead)\s+[-\u2013\u2014:|/>]\s+", re.IGNORECASE
)
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

#: Characters of no width inside of a word; as punctuation they would cut it in two.
_UNSEEN: Final = frozenset(c for c in BLANKS if unicodedata.category(c) == "Cf")


def column_name(cell: str) -> str:
    """Return a column's name as it is shown and stored: one line, trimmed, without what nobody sees, bounded in length."""
    text = cell[: MAX_NAME * 2].strip(BLANKS)
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip(BLANKS)
    if text[:1] == "#" and text[1:].strip(BLANKS):  # a header that is marked as a remark
        text = text[1:].strip(BLANKS)
    words = " ".join("".join(" " if c in _SPACES else c for c in text if c not in _UNSEEN).split())
    return unicodedata.normalize("NFC", "".join(c if c.isprintable() else "\ufffd" for c in words)[:MAX_NAME].strip())


_SPACES: Final = frozenset(BLANKS) - _UNSEEN


def unique_names(headers: Sequence[str]) -> tuple[str, ...]:
    """Return a name for every column: an empty one is called after its position, a repeated one gets a number.

    ``("city", "city", "")`` becomes ``("city", "city_2", "column_3")``.
    """
    shown = [column_name(header) for header in headers]
    kept = set(shown)
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    names: list[str] = []
    for position, header in enumerate(shown, 1):
        stem = header or f"column_{position}"
        name = stem
        while name in taken or (name != header and name in kept):
            numbers[stem] = numbers.get(stem, 1) + 1
            name = f"{stem}_{numbers[stem]}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def header_fingerprint(columns: Sequence[str]) -> str:
    """Return the SHA-256 (hex) of the comparable names of columns, in their order: what a saved mapping is found by."""
    return hashlib.sha256("\n".join(map(comparable, columns)).encode()).hexdigest()


def listed(columns: Sequence[str]) -> str:
    """Name columns in a sentence; of very many, the first ones."""
    shown = ", ".join(columns[:_LISTED])
    return shown if len(columns) <= _LISTED else f"{shown}, … ({len(columns)})"
