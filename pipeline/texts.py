"""The one catalogue of sentences for people, and numbers and times as they read them.

Every sentence stands in ``pipeline/catalogue/<subject>.<language>.toml``; its key is the subject and the path inside the
file, joined by dots: ``problems.syntax_no_at.title``. Placeholders are those of `str.format`.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

#: The languages in which everything can be said; the tags are BCP 47.
LANGUAGES: Final = ("en", "pt-BR")

_MOMENT: Final = {"en": "%Y-%m-%d %H:%M:%S %Z", "pt-BR": "%d/%m/%Y %H:%M:%S %Z"}
_SEPARATORS: Final = {"en": str.maketrans({}), "pt-BR": str.maketrans(",.", ".,")}


def text(key: str, lang: str, /, **params: object) -> str:
    """Return the sentence of ``key`` with its placeholders filled in.

    Raises KeyError for a key or a language that the catalogue does not have, and for a placeholder left empty.
    """
    return _catalogue(lang)[key].format(**params)


def keys(lang: str) -> frozenset[str]:
    """Return every key of a language. Raises KeyError for a language that the catalogue does not have."""
    return frozenset(_catalogue(lang))


def template(key: str, lang: str) -> str:
    """Return the sentence of ``key`` with its placeholders as they stand in the catalogue. Raises KeyError."""
    return _catalogue(lang)[key]


def number(value: float, lang: str, *, digits: int = 0) -> str:
    """Write a number with ``digits`` decimals: 1,234.5 in English, 1.234,5 in Portuguese."""
    return f"{value:,.{digits}f}".translate(_SEPARATORS[lang])


def moment(value: datetime, lang: str, timezone: str) -> str:
    """Write an aware time in an IANA time zone, with that zone: ``2026-11-23 18:03:12 -03``, ``23/11/2026 18:03:12 -03``."""
    return value.astimezone(ZoneInfo(timezone)).strftime(_MOMENT[lang])


@functools.cache
def _catalogue(lang: str) -> dict[str, str]:
    if lang not in LANGUAGES:
        raise KeyError(lang)
    suffix = f".{lang}.toml"
    sentences: dict[str, str] = {}
    for file in resources.files("pipeline").joinpath("catalogue").iterdir():
        if file.name.endswith(suffix):
            subject = file.name.removesuffix(suffix)
            sentences.update(_flatten(subject, tomllib.loads(file.read_text(encoding="utf-8"))))
    return sentences


def _flatten(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield f"{prefix}.{name}", value
        else:
            yield from _flatten(f"{prefix}.{name}", value)
