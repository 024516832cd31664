"""How much a piece of text looks like what people in a contact file are called, judged by its characters beyond ASCII.

Bytes read in the wrong encoding give letters that no language has side by side, symbols inside words, and capitals inside
words in small letters. Each character beyond ASCII is scored together with its two neighbours: by how often the words of
`accents` have just that, and by whether it agrees in case. Scores are natural logarithms of shares.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from itertools import takewhile
from typing import Final, NamedTuple

from pipeline.reading.text.accents import WEIGHTS

#: What stands beside a letter that begins or ends a word.
_EDGE: Final = " "
_VOWELS: Final = frozenset("aeiouyáéíóúàèìòùâêîôûãõäëïöüåæœø")

#: How much of a letter's share is explained by both neighbours, by each of them alone, by what kinds of letters they are
#: (an edge, a vowel, a consonant), and by nothing.
_BOTH, _EACH, _KINDS, _NOTHING = 0.55, 0.30, 0.13, 0.02
_LETTERS_OF_KIND: Final = {" ": 1, "v": 6, "c": 20}
#: A letter of no word that we know, and how many neighbours it may have.
_UNSEEN: Final = 0.02
_NEIGHBOURS: Final = 30.0

#: A letter in the other case than its word: some programs raise or lower only the letters of ASCII.
_WRONG_CASE: Final = -4.5
#: A small letter at the beginning of a name.
_SMALL_INITIAL: Final = -1.5
#: Symbols that stand where they should not, or nowhere; control characters; bytes that are no character in an encoding.
_MISPLACED: Final = -13.0
_IMPLAUSIBLE: Final = -15.0
_CONTROL: Final = -18.0
_UNDEFINED: Final = -20.0

_NBSP: Final = "\u00a0"
_ORDINALS: Final = "ºª"
#: The words that an ordinal sign may end.
_ORDINAL_WORDS: Final = frozenset(
    {
        "n",
        "nr",
        "d",
        "dr",
        "dra",
        "sr",
        "sra",
        "m",
        "ma",
        "pe",
        "prof",
        "profa",
        "eng",
        "cap",
        "ten",
        "sgt",
        "cia",
        "art",
    }
)
#: An apostrophe that stands for a vowel, as in d'Ávila and l'école, or before the English s.
_APOSTROPHES: Final = "\u2019\u00b4"
_ELISION: Final = -7.5
#: A space that must not break a line, between a small letter and a capital: two names.
_GLUE: Final = -9.0


class _Place(NamedTuple):
    """Where a symbol belongs: what may stand before and after it (d digit, l letter, s space or edge, p other), and its score."""

    before: str
    after: str
    score: float


#: Ordinary symbols of contact files.
_PLACES: Final = {
    "º": _Place("dl", "sp", -5.0),
    "ª": _Place("dl", "sp", -5.5),
    "°": _Place("dl", "spd", -6.5),
    "\u2019": _Place("lsp", "s", -9.5),  # right quotation mark, apostrophe
    "\u2018": _Place("sp", "l", -9.0),  # left quotation mark
    "“": _Place("sp", "ld", -7.0),
    "”": _Place("ldp", "sp", -7.0),
    "«": _Place("sp", "lds", -8.5),
    "»": _Place("ldsp", "sp", -8.5),
    "\u2013": _Place("sd", "sd", -5.5),  # en dash
    "—": _Place("sd", "sd", -7.0),
    "•": _Place("s", "s", -7.0),
    "·": _Place("s", "s", -8.0),
    "…": _Place("l", "sp", -10.0),
    "€": _Place("sdp", "sdp", -6.5),
    "£": _Place("sp", "d", -8.0),
    "®": _Place("ld", "sp", -8.0),
    "©": _Place("sp", "sd", -7.5),
    "™": _Place("ld", "sp", -9.0),
    "¿": _Place("sp", "l", -8.0),
    "¡": _Place("sp", "l", -8.0),
    "½": _Place("sd", "sp", -9.0),
    "²": _Place("l", "sp", -10.0),
    "§": _Place("s", "sd", -9.0),
    "\u00b4": _Place("s", "s", -11.0),  # acute accent
    _NBSP: _Place("lsdp", "lsdp", -8.0),
}


def score(text: str) -> float:
    """Return the sum of the scores of the characters beyond ASCII; 0 for text without any, the less the worse."""
    return sum(_score_at(text, at) for at, character in enumerate(text) if not character.isascii())


def _score_at(text: str, at: int) -> float:
    character = text[at]
    if character in _PLACES:
        return _symbol(text, at)
    if character.isalpha():
        before, after = text[at - 1] if at else _EDGE, text[at + 1] if at + 1 < len(text) else _EDGE
        return _letter(_neighbour(before), character.lower(), _neighbour(after)) + _case(text, at)
    if "\udc80" <= character <= "\udcff":
        return _UNDEFINED
    return _IMPLAUSIBLE if character.isprintable() else _CONTROL


def _neighbour(character: str) -> str:
    return character.lower() if character.isalpha() else _EDGE


def _kind_of_letter(neighbour: str) -> str:
    if neighbour == _EDGE:
        return neighbour
    return "v" if neighbour in _VOWELS else "c"


class _Shares(NamedTuple):
    """How often the known words have an accented letter: between two neighbours, after and before one, between kinds, at all."""

    both: Counter[tuple[str, str, str]]
    left: Counter[tuple[str, str]]
    right: Counter[tuple[str, str]]
    kinds: Counter[tuple[str, str, str]]
    alone: Counter[str]


@functools.cache
def _shares() -> _Shares:
    shares = _Shares(Counter(), Counter(), Counter(), Counter(), Counter())
    for word, weight in WEIGHTS.items():
        padded = f"{_EDGE}{word}{_EDGE}"
        for at, letter in enumerate(padded):
            if letter.isalpha() and not letter.isascii():
                before, after = _neighbour(padded[at - 1]), _neighbour(padded[at + 1])
                shares.both[before, letter, after] += weight
                shares.left[before, letter] += weight
                shares.right[letter, after] += weight
                shares.kinds[_kind_of_letter(before), letter, _kind_of_letter(after)] += weight
                shares.alone[letter] += weight
    return shares


@functools.cache
def _letter(before: str, letter: str, after: str) -> float:
    shares = _shares()
    total, alone = shares.alone.total(), shares.alone[letter]
    if not alone:
        return math.log(_UNSEEN / total / _NEIGHBOURS**2)
    kinds = _kind_of_letter(before), letter, _kind_of_letter(after)
    share = (
        _BOTH * shares.both[before, letter, after]
        + _EACH * shares.left[before, letter] * shares.right[letter, after] / alone
        + _KINDS * shares.kinds[kinds] / _LETTERS_OF_KIND[kinds[0]] / _LETTERS_OF_KIND[kinds[2]]
        + _NOTHING * alone / _NEIGHBOURS**2
    )
    return math.log(share / total)


def _case(text: str, at: int) -> float:
    """Score whether a letter has the case of its word, as far as the letters of ASCII around it show one."""
    first = "".join(takewhile(str.isalpha, reversed(text[:at])))
    rest = [character for character in first + "".join(takewhile(str.isalpha, text[at + 1 :])) if character.isascii()]
    if not first:
        return _SMALL_INITIAL if text[at].islower() else 0.0
    small = sum(map(str.islower, rest))
    large = len(rest) - small
    wrong = small and large <= 1 if text[at].isupper() else large > 1 and not small
    return _WRONG_CASE if wrong else 0.0


def _symbol(text: str, at: int) -> float:
    symbol, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    word = "".join(takewhile(str.isalpha, reversed(text[:at])))[::-1]
    if word and after.isalpha():
        if symbol in _APOSTROPHES:
            return _ELISION if _elides(word, text[at + 1 :]) else _MISPLACED
        if symbol == _NBSP:
            return _GLUE if before.islower() and after.isupper() else _MISPLACED
    if symbol in _ORDINALS and word and word.lower() not in _ORDINAL_WORDS:
        return _MISPLACED
    place = _PLACES[symbol]
    return place.score if _kind(before) in place.before and _kind(after) in place.after else _MISPLACED


def _elides(word: str, rest: str) -> bool:
    if word in {"d", "l", "D", "L", "O"}:
        return rest[0].lower() in _VOWELS and rest[0].isupper() == word.isupper() if word != "O" else rest[0].isupper()
    return rest[0] in "sS" and not rest[1:2].isalpha()


def _kind(character: str) -> str:
    if not character or character.isspace():
        return "s"
    if character.isdecimal():
        return "d"
    return "l" if character.isalpha() else "p"
