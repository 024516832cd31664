"""Sentences that were stored in English, told in another language of the catalogue."""

from __future__ import annotations

import functools
import re
from typing import Final

from pipeline import texts
from pipeline.problems import FileProblemCode

#: Keys of a problem that are no variants of its sentence.
_OTHERS: Final = ("title", "remedy")
#: What the row of an erased person says, under the code that it had before.
_ERASED: Final = "problems.erased_person.template"


def retold(code: str, detail: str, lang: str) -> str:
    """Return a row's stored sentence in ``lang``, found by its English template; as it is where the catalogue has none like it."""
    if lang == "en":
        return detail
    if detail == texts.template(_ERASED, "en"):  # whatever was wrong with the row
        return texts.text(_ERASED, lang)
    for key, pattern in _templates(code):
        if found := pattern.fullmatch(detail):
            return texts.text(key, lang, **found.groupdict())
    return detail


def failure_retold(code: str, detail: str, lang: str) -> str:
    """Return the stored sentence of a job's failure in ``lang``, with its full stop; as it is where it is none of a file's problems."""
    if code not in set(FileProblemCode):
        return detail if detail.endswith((".", "!", "?")) else f"{detail}."
    if lang == "en":
        return detail
    key = f"file_problems.{code}"
    english = "; ".join(texts.template(f"{key}.{part}", "en") for part in ("template", "remedy")) + "."
    found = as_pattern(english).fullmatch(detail)
    if found is None:
        return detail
    return "; ".join(texts.text(f"{key}.{part}", lang, **found.groupdict()) for part in ("template", "remedy")) + "."


@functools.cache
def _templates(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the variants of a problem's sentence as patterns, those with the fewest placeholders first."""
    start = f"problems.{code}."
    keys = [key for key in texts.keys("en") if key.startswith(start) and key.removeprefix(start) not in _OTHERS]
    patterns = [(key, as_pattern(texts.template(key, "en"))) for key in keys]
    return tuple(sorted(patterns, key=lambda pair: (pair[1].groups, pair[0])))


def as_pattern(template: str) -> re.Pattern[str]:
    """Return what matches a sentence of this template, with its placeholders as named groups."""
    pieces = re.split(r"\{(\w+)\}", template)
    seen: set[str] = set()
    pattern = ""
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            pattern += re.escape(piece)
        else:  # a placeholder that stands twice has the same value both times
            pattern += f"(?P={piece})" if piece in seen else f"(?P<{piece}>.*)"
            seen.add(piece)
    return re.compile(pattern, re.DOTALL)
