"""Numbers that are names, such as phones and documents, after a spreadsheet or a program took them for quantities."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

#: Significant digits that a spreadsheet keeps of a number (IEEE 754 double precision).
_KEPT: Final = 15

#: Seven digits are the shortest name that a program took for a quantity: a CEP that had lost its zero. With fewer before
#: the point, the point may be somebody's way of writing a phone: 3333.0000.
_FLOAT: Final = re.compile(r"([0-9]{7,15})[.,]00?")
_SCIENTIFIC: Final = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{1,20}))?[eE]\+?([0-9]{1,2})")
_WHOLE_FLOAT: Final = re.compile(r"(-?[0-9]{1,15})\.0")


class Restored(NamedTuple):
    """The digits as they were, or the text as it came; ``damaged``: digits are lost for good."""

    text: str
    damaged: bool = False


def restored(text: str) -> Restored:
    """Return a number that is a name without ``.0`` and without an exponent, as far as all of its digits are there.

    ``11987654321.0`` and ``1,1987654321E+10`` become ``11987654321``; ``1,19877E+10`` is damaged. Other text stays.
    """
    if not text or text[0] not in "0123456789":
        return Restored(text)
    if found := _FLOAT.fullmatch(text):
        return Restored(found[1])
    if found := _SCIENTIFIC.fullmatch(text):
        whole, fraction, exponent = found[1], found[2] or "", int(found[3])
        if exponent and len(fraction.rstrip("0")) <= exponent <= len(fraction) and len(whole) + exponent <= _KEPT:
            return Restored(whole + fraction[:exponent])
        return Restored(text, damaged=True)
    return Restored(text)


def is_whole_float(text: str) -> bool:
    """Whether a text is a whole number as a program writes one that it holds as a float: ``34.0``."""
    return _WHOLE_FLOAT.fullmatch(text) is not None


def without_point(text: str) -> str:
    """Return ``34`` for ``34.0``, and any other text as it is."""
    found = _WHOLE_FLOAT.fullmatch(text) if text.endswith(".0") else None
    return text if found is None else found[1]
