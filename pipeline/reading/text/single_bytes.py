"""Which of the encodings with one byte a character makes names and words out of bytes beyond ASCII."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple

from pipeline.reading.text.decoding import decode
from pipeline.reading.text.plausibility import score

#: The encodings, and how likely each is before a byte is looked at. ISO 8859-1 is not among them: where it has printable
#: characters, cp1252 has the same.
_CANDIDATES: Final = {"cp1252": 0.5, "mac-roman": 0.2, "cp850": 0.2, "iso-8859-15": 0.04}
_FIRST: Final = "cp1252"

#: A word with bytes beyond ASCII, and the character on either side.
_WORD: Final = re.compile(rb"(?s)(?:^|.)([A-Za-z]{0,60}[\x80-\xff][A-Za-z\x80-\xff]{0,60})(?=(.?))")
#: What may stand around a word.
_AROUND: Final = '\r\n\t ,;|"'
#: How many different words decide; the longest is cut where only rubbish is as long.
_MAX_WORDS: Final = 4_000
_MAX_WORD: Final = 60

#: Scores of words are not independent of each other, and the model is a rough one: differences count only in part.
_TEMPER: Final = 0.6
_CAUTION: Final = 0.5  # a single word proves less than its score
#: The mean score of a character below which no reading is believed, and below which a word is no word.
_POOR: Final = -11.5
_NO_WORD: Final = -10.0
#: How much better than the chosen reading of a word another must be to cast doubt: of one that is no word, and of any.
_DOUBT: Final = 3.0
_STRONG_DOUBT: Final = 8.0
_UNBELIEVED: Final = 0.5
_DOUBTED: Final = 0.7


class Judgement(NamedTuple):
    """The likeliest encoding, how sure that is, the likeliest other, and a word in both readings."""

    encoding: str
    confidence: float
    alternative: str
    example: str
    other_example: str


class _Candidate(NamedTuple):
    encoding: str
    words: tuple[str, ...]
    scores: tuple[float, ...]

    @property
    def total(self) -> float:
        count = len(self.words)
        return math.log(_CANDIDATES[self.encoding]) + _TEMPER * count / (count + _CAUTION) * sum(self.scores)

    def mean(self, at: int) -> float:
        return self.scores[at] / max(1, sum(not character.isascii() for character in self.words[at]))


def judge(sample: bytes) -> Judgement:
    """Decide in which encoding a sample is that has bytes beyond ASCII and is not UTF-8."""
    words = _words(sample)
    candidates = sorted(_candidates(words), key=lambda candidate: -candidate.total)
    best, *others = candidates
    confidence = 1 / sum(math.exp(other.total - best.total) for other in candidates)
    alternative, at = (others or [best])[0], 0
    doubts = [(other, at) for other in others for at in range(len(words)) if _is_doubtful(best, other, at)]
    if doubts:
        confidence = min(confidence, _DOUBTED)
        alternative, at = doubts[0]
    else:
        at = next((at for at, word in enumerate(best.words) if word != alternative.words[at]), 0)
    letters = sum(len(word) - len(word.encode("ascii", "ignore")) for word in best.words)
    if sum(best.scores) / max(1, letters) < _POOR:
        confidence = min(confidence, _UNBELIEVED)
    return Judgement(
        best.encoding,
        confidence,
        alternative.encoding,
        best.words[at].strip(_AROUND),
        alternative.words[at].strip(_AROUND),
    )


def _is_doubtful(best: _Candidate, other: _Candidate, at: int) -> bool:
    gain = other.scores[at] - best.scores[at]
    return gain > (_DOUBT if best.mean(at) < _NO_WORD else _STRONG_DOUBT)


def _words(sample: bytes) -> list[bytes]:
    """Return the different words that have bytes beyond ASCII, with the characters around them, in order."""
    found: Iterable[bytes] = (match[0][: _MAX_WORD + 1] + match[2] for match in _WORD.finditer(sample))
    return list(islice(dict.fromkeys(found), _MAX_WORDS))


def _candidates(words: list[bytes]) -> Iterable[_Candidate]:
    """Read the words in each encoding; one that reads all of them like the first is left out."""
    first: tuple[str, ...] = ()
    for encoding in _CANDIDATES:
        texts = tuple(decode(word, encoding) for word in words)
        if texts != first:
            yield _Candidate(encoding, texts, tuple(map(score, texts)))
        if encoding == _FIRST:
            first = texts
