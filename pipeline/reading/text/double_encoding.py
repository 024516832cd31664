"""Text that was encoded in UTF-8 twice: "JoÃ£o" for "João". Some program took the bytes of UTF-8 for characters."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pipeline.reading.text.plausibility import score

#: The encodings in which UTF-8 was misread, the commonest first.
_MISREADERS: Final = ("cp1252", "mac-roman", "cp850")
#: The bytes, one after the other, of what our languages have beyond ASCII in UTF-8: Latin letters, punctuation, signs such as
#: the euro's, the byte order mark. Others would make Armenian of a quotation mark and a letter.
_CONTINUATIONS: Final = bytes(range(0x80, 0xC0))
_SEQUENCES: Final = (
    (b"\xc2\xc3\xc4\xc5", _CONTINUATIONS),
    (b"\xe2", b"\x80\x82\x84", _CONTINUATIONS),
    (b"\xef", b"\xbb", b"\xbf"),
)
#: Encoded more than twice is rare, more than three times unheard of.
_ROUNDS: Final = 3
#: How much more plausible a repair must be than what was there, and how many characters around it are looked at.
_GAIN: Final = 6.0
_AROUND: Final = 24

_CELL_WORD: Final = re.compile(r"[^\s,;|\"]+", re.ASCII)


class DoubleEncoding(NamedTuple):
    """How many lines of a text are affected, of how many, and the first word before and after its repair."""

    lines: int
    of_lines: int
    before: str
    after: str


class _Misreading(NamedTuple):
    """How to find UTF-8 that was misread in one encoding, and the byte of each character."""

    pattern: re.Pattern[str]
    to_byte: dict[str, int]

    def undone(self, text: str) -> str:
        return self.pattern.sub(lambda match: self._undo(match, text), text)

    def _undo(self, match: re.Match[str], text: str) -> str:
        try:
            repaired = bytes(map(self.to_byte.__getitem__, match[0])).decode()
        except UnicodeDecodeError:
            return match[0]
        before, after = text[max(0, match.start() - _AROUND) : match.start()], text[match.end() : match.end() + _AROUND]
        gain = score(before + repaired + after) - score(before + match[0] + after)
        return repaired if gain > _GAIN else match[0]


def repair(text: str) -> str | None:
    """Return the text with every run that was UTF-8 twice (or thrice) as it once was; None if there is none.

    A run is repaired only if that is clearly more plausible than what stands there; all else is left alone.
    """
    if text.isascii():
        return None
    repaired = text
    for _ in range(_ROUNDS):
        before = repaired
        for misreading in _MISREADINGS:
            repaired = misreading.undone(repaired)
        if repaired == before:
            break
    return None if repaired == text else repaired


def find_double_encoding(text: str) -> DoubleEncoding | None:
    """Look for lines of a text that were UTF-8 twice; None if there are none."""
    lines = re.split(r"\r\n?|\n", text.rstrip("\r\n"))
    affected = [(line, repaired) for line in lines if (repaired := repair(line)) is not None]
    if not affected:
        return None
    line, repaired = affected[0]
    words = ((word[0], repair(word[0])) for word in _CELL_WORD.finditer(line))
    before, after = next(((word, whole) for word, whole in words if whole is not None), (line, repaired))
    return DoubleEncoding(len(affected), len(lines), before, after)


def _misreading(encoding: str) -> _Misreading:
    to_byte = {bytes([byte]).decode(encoding, "ignore") or chr(byte): byte for byte in range(0x80, 0x100)}
    if encoding == "cp1252":  # a program that took it for ISO 8859-1 has controls where cp1252 has “ and €
        to_byte |= {chr(byte): byte for byte in range(0x80, 0xA0)}

    def one_of(wanted: bytes) -> str:
        return f"[{re.escape(''.join(character for character, byte in to_byte.items() if byte in wanted))}]"

    sequences = ("".join(map(one_of, sequence)) for sequence in _SEQUENCES)
    return _Misreading(re.compile(f"(?:{'|'.join(sequences)})+"), to_byte)


_MISREADINGS: Final = tuple(map(_misreading, _MISREADERS))
