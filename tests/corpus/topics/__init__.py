"""The files of the corpus, by topic; each module has ``cases()``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from tests.corpus.case import Case

#: Modules of this package, in the order in which reports name them.
TOPICS = (
    "encodings",
    "dialects",
    "quotes",
    "raggedness",
    "headers",
    "names",
    "presets",
    "brazil",
    "programs",
    "values",
    "wild",
    "excel",
    "workbooks",
    "formats",
    "packing",
    "addresses",
    "optouts",
    "sensitive",
    "bad",
)


def all_cases() -> Iterator[Case]:
    """Yield every case of every topic. A case's ``topic`` is the module that it stands in."""
    for topic in TOPICS:
        for case in import_module(f"tests.corpus.topics.{topic}").cases():
            yield case.under(topic)
