"""CPF, CNPJ and CEP: what a spreadsheet takes from them are the zeros that they begin with."""

from __future__ import annotations

from typing import Final

from stdnum.br import cnpj, cpf

from pipeline.reading.values.numbers import Restored, restored, without_point

_CPF: Final = 11
_CNPJ: Final = 14
_CEP: Final = 8


def restored_cpf(text: str) -> Restored:
    """Return a CPF with all of its zeros; in a column of both, a CNPJ with its own.

    Zeros are put back where the check digits then hold. Too few digits, where they do not, are damaged.
    """
    number = restored(without_point(text))
    if not _is_digits(number.text):
        return number
    return _with_zeros(number.text, _CNPJ if len(number.text) > _CPF else _CPF)


def restored_cnpj(text: str) -> Restored:
    """Return a CNPJ with all of its zeros, put back where the check digits then hold; a CPF in its place stays."""
    number = restored(without_point(text))
    if not _is_digits(number.text) or (len(number.text) == _CPF and cpf.is_valid(number.text)):
        return number
    return _with_zeros(number.text, _CNPJ)


def restored_cep(text: str) -> Restored:
    """Return a CEP with the zero that it has lost. None begins with two zeros: six digits are damaged."""
    number = restored(without_point(text))
    if not _is_digits(number.text) or not _CEP - 2 <= len(number.text) < _CEP or number.text[0] == "0":
        return number
    if len(number.text) == _CEP - 2:
        return Restored(number.text, damaged=True)
    return Restored("0" + number.text)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _with_zeros(digits: str, length: int) -> Restored:
    if len(digits) >= length or not digits.strip("0"):
        return Restored(digits)
    filled = digits.zfill(length)
    holds = cpf.is_valid(filled) if length == _CPF else cnpj.is_valid(filled)
    return Restored(filled) if holds else Restored(digits, damaged=True)
