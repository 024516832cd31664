"""Which encoding a file is in, decided by its first bytes among those that are read, and whether it is text at all."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from pipeline.problems import FileNotice, FileProblem, FileProblemCode
from pipeline.reading.reading import Notice
from pipeline.reading.text.decoding import ENCODINGS, UTF16, decode
from pipeline.reading.text.double_encoding import find_double_encoding
from pipeline.reading.text.single_bytes import judge

#: How much of a file is looked at. Of a longer one the last character may be cut in two.
SAMPLE_BYTES: Final = 1 << 18

#: What `wanted` may be for text that was encoded in UTF-8 twice and shall be repaired.
TWICE: Final = "utf-8-twice"
#: Other names of the encodings, without hyphens, underscores and spaces.
_ALIASES: Final = {name.replace("-", ""): name for name in (*ENCODINGS, TWICE)} | {
    "utf8sig": "utf-8", "utf8bom": "utf-8", "ascii": "utf-8", "usascii": "utf-8",
    "utf16le": "utf-16-le", "utf16be": "utf-16-be", "unicode": "utf-16", "utf16": "utf-16", "ucs2": "utf-16",
    "windows1252": "cp1252", "win1252": "cp1252", "1252": "cp1252", "ansi": "cp1252",
    "latin1": "iso-8859-1", "l1": "iso-8859-1", "88591": "iso-8859-1", "iso88591": "iso-8859-1",
    "latin9": "iso-8859-15", "l9": "iso-8859-15", "885915": "iso-8859-15", "iso885915": "iso-8859-15",
    "macintosh": "mac-roman", "mac": "mac-roman", "macos": "mac-roman", "macosroman": "mac-roman",
    "ibm850": "cp850", "850": "cp850", "dos": "cp850", "oem850": "cp850",
}  # fmt: skip
_SEPARATORS: Final = re.compile(r"[-_ ]")

_BOMS: Final = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

#: Share of NULs among every second byte of UTF-16 without byte order mark, and at most among the others.
_NULS_HIGH: Final = 0.7
_NULS_LOW: Final = 0.1

#: Characters that text does not have, NUL among them. A stray one costs nothing, one in sixteen is no text.
_NO_TEXT: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {*b"\t\n\v\f\r\x1a\x1b"})
_NO_TEXT_SHARE: Final = 1 / 16

#: Below this confidence another encoding is named.
_CERTAIN: Final = 0.8
_DOUBLE_ENCODED_CONFIDENCE: Final = 0.5


@dataclass(frozen=True)
class Decision:
    """How bytes are text. ``has_bom``: a byte order mark stands before it; ``double_encoded``: it is to be repaired."""

    encoding: str
    has_bom: bool = False
    confidence: float = 1.0
    double_encoded: bool = False
    notices: tuple[Notice, ...] = ()

    def text(self, sample: bytes) -> str:
        """Return the text of a file's beginning, as `decide` got it."""
        return decode(
            sample[:SAMPLE_BYTES],
            self.encoding,
            has_bom=self.has_bom,
            double_encoded=self.double_encoded,
            complete=len(sample) < SAMPLE_BYTES,
        )


def decide(sample: bytes, *, file_name: str, wanted: str | None = None) -> Decision:
    """Decide on the encoding by the beginning of a file, its first `SAMPLE_BYTES`; a shorter sample is the whole file.

    ``wanted`` is the encoding that somebody named. Raises FileProblem for what is no text, and for an encoding that is
    not read.
    """
    sample = sample[:SAMPLE_BYTES]
    decision = _detected(sample) if wanted is None else _wanted(sample, wanted, file_name)
    if _is_rubbish(sample, decision):
        raise FileProblem(FileProblemCode.NOT_TEXT, file=file_name)
    return decision if decision.double_encoded else _with_double_encoding(sample, decision)


def _wanted(sample: bytes, wanted: str, file_name: str) -> Decision:
    name = _ALIASES.get(_SEPARATORS.sub("", wanted.strip().lower()))
    if name is None:
        known = ", ".join((*ENCODINGS, TWICE))
        raise FileProblem(FileProblemCode.UNKNOWN_ENCODING, file=file_name, encoding=wanted, encodings=known)
    bom = _bom(sample)
    marked = _BOMS.get(bom)
    if name == "utf-16":
        name = marked if marked in UTF16 else _utf16_of(sample) or "utf-16-le"
    if name == TWICE:
        return Decision(marked or "utf-8", has_bom=marked is not None, double_encoded=True)
    # A mark of another encoding is part of the text; that of UTF-8 is none in any, and some programs put it everywhere.
    return Decision(name, has_bom=marked == name or (marked == "utf-8" and name not in UTF16))


def _detected(sample: bytes) -> Decision:
    bom = _bom(sample)
    marked = _BOMS.get(bom)
    if marked in UTF16:
        return Decision(marked, has_bom=True)
    unmarked = _utf16_of(sample) if not bom else None
    if unmarked:
        return Decision(unmarked)
    content = sample[len(bom) :]
    right, wrong = _utf8_counts(content, complete=len(sample) < SAMPLE_BYTES)
    if not wrong:
        return Decision("utf-8", has_bom=bool(bom))
    if right >= wrong:
        return Decision("utf-8", has_bom=bool(bom), confidence=right / (right + wrong))
    return _single_bytes(content, has_bom=bool(bom), most=wrong / (right + wrong))


def _single_bytes(content: bytes, *, has_bom: bool, most: float) -> Decision:
    judgement = judge(content)
    confidence = min(judgement.confidence, most)
    if confidence >= _CERTAIN:
        return Decision(judgement.encoding, has_bom, confidence)
    notice = Notice(
        FileNotice.ENCODING_UNCERTAIN,
        {
            "encoding": judgement.encoding,
            "alternative": judgement.alternative,
            "example": judgement.example,
            "other_example": judgement.other_example,
        },
    )
    return Decision(judgement.encoding, has_bom, confidence, notices=(notice,))


def _with_double_encoding(sample: bytes, decision: Decision) -> Decision:
    found = find_double_encoding(decision.text(sample))
    if found is None:
        return decision
    notice = Notice(
        FileNotice.DOUBLE_ENCODED,
        {"rows": found.lines, "of_rows": found.of_lines, "example": found.before, "repaired": found.after},
    )
    confidence = min(decision.confidence, _DOUBLE_ENCODED_CONFIDENCE)
    return Decision(decision.encoding, decision.has_bom, confidence, notices=(*decision.notices, notice))


def _bom(sample: bytes) -> bytes:
    return next((bom for bom in _BOMS if sample.startswith(bom)), b"")


def _utf16_of(sample: bytes) -> str | None:
    """Say which UTF-16 bytes without a mark are: most characters of our languages have a zero for their high byte."""
    half = len(sample) // 2
    even, odd = (sample[at : 2 * half : 2].count(0) for at in (0, 1))
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high > _NULS_HIGH * half and low <= _NULS_LOW * half:
            return name
    return None


def _utf8_counts(content: bytes, *, complete: bool) -> tuple[int, int]:
    """Count the characters beyond ASCII that are right as UTF-8, and the bytes that are not."""
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(content, complete)
    beyond = [character for character in text if not character.isascii()]
    wrong = sum("\udc80" <= character <= "\udcff" for character in beyond)
    return len(beyond) - wrong, wrong


def _is_rubbish(sample: bytes, decision: Decision) -> bool:
    if decision.encoding not in UTF16:
        content = sample.rstrip(b"\0")  # some programs fill a file up with them
        return len(content) - len(content.translate(None, _CONTROLS)) > _NO_TEXT_SHARE * len(content)
    text = decision.text(sample)
    strange = sum(
        unicodedata.category(character) in _NO_TEXT and character not in "\t\n\v\f\r\x1a" for character in text
    )
    return strange > _NO_TEXT_SHARE * len(text)
