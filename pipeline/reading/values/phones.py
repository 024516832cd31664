"""Phones in E.164, as people in Brazil write them: ``(11) 98765-4321``, ``0xx11 3333-4444``, ``55 11 98765-4321``."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import phonenumbers

#: Where a number without a country code is from.
_REGION: Final = "BR"
_COUNTRY: Final = "55"

#: Area codes that are in use, and a mobile or fixed line in one of them (ANATEL; as in phonenumbers, less its old trunked
#: radio). With a country code, a number of the same shape.
_NATIONAL: Final = re.compile(
    r"(?:[14689][1-9]|2[12478]|3[1-578]|5[13-5]|7[13-579])(?:9[0-9]{8}|[2-5][0-9]{7})", re.ASCII
)
_AREA_CODE_MISSING: Final = 9  # digits of a number without its area code, at most
_WITH_COUNTRY: Final = frozenset({12, 13})  # digits of a number with the country code, written without its plus

#: What can be read without the library: digits and what stands between them.
_SIMPLE: Final = re.compile(r"\+?[0-9 ().-]{8,24}")
_BETWEEN: Final = str.maketrans("", "", " ().-+")

#: Longest cell that is looked into, in characters.
_LONGEST: Final = 120
_SEVERAL: Final = re.compile(r":::|[/;,|\n]|\s(?:e|ou|y|o|or|and)\s")
_ANY_CARRIER: Final = re.compile(r"0\s?xx\s?", re.IGNORECASE)
_INTERNATIONAL: Final = re.compile(r"^\+?00\s?55")
_EXTENSION: Final = re.compile(r"\s*(?:ramal|r\.|rm\.?|ext\.?|extens[aã]o|x)\s*:?\s*[0-9]{1,6}\)?\s*$", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\+?\s?\(?\s?[0-9][0-9\s().-]*[0-9]")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212\uff0d]")
#: Three digits, three, four: nobody writes a Brazilian number like that, though the digits might be one.
_NORTH_AMERICAN: Final = re.compile(r"\([2-9][0-9]{2}\)|^(?:1[ .-]?)?[2-9][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4}$")


def e164(text: str) -> str | None:
    """Return the first number of a cell that is certain in E.164, such as ``+5511987654321``; None: there is none.

    Not certain are numbers without an area code, mobiles of the old eight digits, and whatever phonenumbers calls invalid.
    """
    if len(text) > _LONGEST:
        return None
    if not text.isascii():
        text = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    if _SIMPLE.fullmatch(text):
        digits = text.translate(_BETWEEN)
        if text[0] != "+" and len(digits) <= _AREA_CODE_MISSING:
            return None
        if (number := _brazilian(text, digits)) is not None:
            return number
    return next((number for piece in _SEVERAL.split(text) if (number := _one(piece.strip())) is not None), None)


def _brazilian(text: str, digits: str) -> str | None:
    if not digits or _NORTH_AMERICAN.search(text):
        return None
    if text[0] == "+" or (digits.startswith(_COUNTRY) and len(digits) in _WITH_COUNTRY):
        if not digits.startswith(_COUNTRY):
            return None
        digits = digits[len(_COUNTRY) :]
    elif digits[0] == "0":
        digits = digits[1:]
    return f"+{_COUNTRY}{digits}" if _NATIONAL.fullmatch(digits) else None


def _one(text: str) -> str | None:
    bare = _EXTENSION.sub("", _ANY_CARRIER.sub("0", _INTERNATIONAL.sub("+55", text)))
    found = _DIGITS.search(bare)
    if found is None or any(map(str.isdigit, bare[: found.start()] + bare[found.end() :])):
        return None
    if found[0][0] != "+" and _NORTH_AMERICAN.search(found[0].strip()):
        return None
    try:
        number = phonenumbers.parse(found[0], _REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if written.startswith(f"+{_COUNTRY}") and len(written) <= 1 + len(_COUNTRY) + _AREA_CODE_MISSING:
        return None
    return written
