"""Rules of eligibility in people's words: their titles, what they found, and what they looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cli.words import Words
from pipeline import texts
from pipeline.eligibility import Evidence


def rule_title(words: Words, rule: str) -> str:
    """Return what it means that a rule matches."""
    return texts.text(f"eligibility.rules.{rule}", words.lang)


def reason_text(words: Words, reason: str) -> str:
    """Return which of several things a rule found: a kind of opt-out, what a link lacks, a verdict's reason or flag."""
    for family in ("kinds", "lacks"):
        if (key := f"eligibility.{family}.{reason}") in texts.keys(words.lang):
            return texts.text(key, words.lang)
    return words.flag(reason)


def evidence_sentence(words: Words, evidence: Evidence) -> str:
    """Return the sentence of one thing that a rule looked at."""
    params = {name: _value(words, name, value) for name, value in evidence.params.items()}
    if "file_name" in evidence.params:
        params["origin"] = origin_text(words, evidence.params)
    return texts.text(f"eligibility.evidence.{evidence.code}", words.lang, **params)


def origin_text(words: Words, origin: Mapping[str, Any]) -> str:
    """Return where a row came from: the record of a file, with who uploaded it and when; else that no file brought it."""
    if origin.get("file_name") is None:
        return texts.text("eligibility.origin.none", words.lang)
    params = {name: words.value(value) for name, value in origin.items()}
    key = "job" if origin.get("row_number") is None else "part" if origin.get("part_no") else "row"
    return texts.text(f"eligibility.origin.{key}", words.lang, **params)


def _value(words: Words, name: str, value: object) -> object:
    if name == "kind":
        return texts.text(f"eligibility.kinds.{value}", words.lang)
    if name in ("finding", "reason_code"):
        return f"{words.flag(str(value)).rstrip('.')} ({value})"
    if name == "status":
        return words.say(f"verdict.{value}")
    if value is None:
        return texts.text("eligibility.nothing", words.lang)
    return words.value(value if isinstance(value, int | datetime) else str(value))
