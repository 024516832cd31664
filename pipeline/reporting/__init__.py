"""Reports: what an audience or an import is worth, as figures, as sentences and as a page. Pure: figures come in, a page goes out."""

from pipeline.reporting.advice import Advice, advise
from pipeline.reporting.figures import (
    AudienceReport,
    Bundle,
    ImportReport,
    Month,
    Overlap,
    OverlapWith,
    People,
    Source,
    document,
    months,
)
from pipeline.reporting.history import History, Usual, shares, worse_than_usual
from pipeline.reporting.manner import Manner
from pipeline.reporting.page import render
from pipeline.reporting.wording import broken_rules, remark, rules, sentence, state

__all__ = [
    "Advice",
    "AudienceReport",
    "Bundle",
    "History",
    "ImportReport",
    "Manner",
    "Month",
    "Overlap",
    "OverlapWith",
    "People",
    "Source",
    "Usual",
    "advise",
    "broken_rules",
    "document",
    "months",
    "remark",
    "render",
    "rules",
    "sentence",
    "shares",
    "state",
    "worse_than_usual",
]
