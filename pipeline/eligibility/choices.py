"""What a tenant, and a campaign in departure from its tenant, can choose: names, values, and documents that hold what was chosen.

A document is a JSON object; the policy is the defaults with the tenant's document over them, and the campaign's over both.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

from pipeline.eligibility.policy import (
    AGES,
    CONSENT_SOURCES,
    FINDINGS,
    LEAST_FRESHNESS,
    LEGAL_BASES,
    FrequencyCap,
    Policy,
)
from pipeline.verdicts import DAY

Document = Mapping[str, Any]


@unique
class NoChoice(StrEnum):
    """Why something cannot be chosen."""

    UNKNOWN_KEY = "unknown_key"
    BAD_VALUE = "bad_value"


class PolicyError(ValueError):
    """A choice that cannot be made; ``params`` say which, and what would do."""

    def __init__(self, why: NoChoice, **params: str) -> None:
        super().__init__(f"{why}: {params}")
        self.why = why
        self.params = params


@dataclass(frozen=True)
class Key:
    """One thing that can be chosen: how its values look to people, how they are read, and which ones JSON may have."""

    values: str
    read: Callable[[str], Any]
    accepts: Callable[[Any], bool]


def _one_of(*words: str) -> Key:
    return Key("|".join(words), lambda text: text, lambda value: value in words)


def _list_of(words: Sequence[str], empty: str, none: Any) -> Key:  # noqa: ANN401 (JSON)
    def accepts(value: Any) -> bool:  # noqa: ANN401 (JSON)
        return value == none or (isinstance(value, list) and bool(value) and set(map(str, value)) <= set(words))

    return Key(
        f"{empty}|{','.join(words)}",
        lambda text: none if text == empty else list(dict.fromkeys(text.split(","))),
        accepts,
    )


def _read_switch(text: str) -> bool:
    return {"yes": True, "no": False}[text]


def _read_cap(text: str) -> dict[str, int] | None:
    if text == "none":
        return None
    found = re.fullmatch(r"([0-9]+)/([0-9]+)d?", text)
    if found is None:
        raise ValueError(text)
    return {"messages": int(found[1]), "days": int(found[2])}


def _is_cap(value: Any) -> bool:  # noqa: ANN401 (JSON)
    return value is None or (
        isinstance(value, dict) and value.keys() == {"messages", "days"} and all(map(_is_count, value.values()))
    )


def _is_count(value: Any) -> bool:  # noqa: ANN401 (JSON)
    return type(value) is int and 0 < value <= 100_000  # noqa: PLR2004 (more of either is no cap)


#: More is for ever.
_MOST_FRESHNESS: Final = 1000


def _is_freshness(value: Any) -> bool:  # noqa: ANN401 (JSON)
    return type(value) in (int, float) and LEAST_FRESHNESS <= value <= _MOST_FRESHNESS


def _age_of(reason_code: str) -> Key:
    least = round((AGES.get(reason_code) or 0) * LEAST_FRESHNESS)

    def accepts(value: Any) -> bool:  # noqa: ANN401 (JSON)
        return type(value) is int and max(least, 1) <= value <= 10_000 * DAY

    days = -(-least // DAY)
    return Key(f"{max(days, 1)}d…", lambda text: int(text.removesuffix("d")) * DAY, accepts)


_IN_OR_OUT: Final = _one_of("in", "out")
#: What stands in a document, apart from the two that hold a choice for each of several names.
_PLAIN: Final = {
    "not_yet_checked": _IN_OR_OUT,
    "unknown": _IN_OR_OUT,
    "freshness": Key(f"{LEAST_FRESHNESS}…{_MOST_FRESHNESS}", float, _is_freshness),
    "consent_required": Key("yes|no", _read_switch, lambda value: isinstance(value, bool)),
    "legal_bases": _list_of(LEGAL_BASES, "any", None),
    "excluded_sources": _list_of(CONSENT_SOURCES, "none", []),
    "frequency_cap": Key("none|3/7d", _read_cap, _is_cap),
    "duplicate_mailbox": _IN_OR_OUT,
}
#: What can be chosen, by the name that people write: a finding's own, ``max_age.REASON``, or that in the document.
CHOICES: Final[Mapping[str, Key]] = {
    **dict.fromkeys(FINDINGS, _IN_OR_OUT),
    **_PLAIN,
    **{f"max_age.{reason}": _age_of(reason) for reason in AGES if reason != "not_yet_checked"},
}


def policy_of(*documents: Document) -> Policy:
    """Return the defaults with each of these documents over what is before it. Raises PolicyError."""
    policy = Policy()
    for document in map(checked, documents):
        values = dict(document)
        values["findings"] = {**policy.findings, **values.get("findings", {})}
        values["max_age"] = {**policy.max_age, **values.get("max_age", {})}
        if isinstance(values.get("legal_bases"), list):
            values["legal_bases"] = tuple(values["legal_bases"])
        if "excluded_sources" in values:
            values["excluded_sources"] = tuple(values["excluded_sources"])
        if values.get("frequency_cap"):
            values["frequency_cap"] = FrequencyCap(**values["frequency_cap"])
        policy = dataclasses.replace(policy, **values)
    return policy


def checked(document: Document) -> Document:
    """Return the document, all of whose names and values are known. Raises PolicyError for the first that is not."""
    if not isinstance(document, dict):
        raise PolicyError(NoChoice.BAD_VALUE, key="policy", value=str(document), values="{…}")
    for name, value in _flat(document):
        if name not in CHOICES:
            raise PolicyError(NoChoice.UNKNOWN_KEY, key=name, keys=", ".join(_names()))
        if not CHOICES[name].accepts(value):
            raise PolicyError(NoChoice.BAD_VALUE, key=name, value=str(value), values=CHOICES[name].values)
    return document


def chosen(document: Document, settings: Mapping[str, str], unset: Sequence[str] = ()) -> dict[str, Any]:
    """Return the document with these choices, as people write them, and without the unset ones. Raises PolicyError."""
    made = {name: dict(value) if isinstance(value, dict) else value for name, value in document.items()}
    for name in (*settings, *unset):
        if name not in CHOICES:
            raise PolicyError(NoChoice.UNKNOWN_KEY, key=name, keys=", ".join(_names()))
        group, _, member = _path(name).rpartition(".")
        place = made.setdefault(group, {}) if group else made
        place.pop(member, None)
        if name in settings:
            place[member] = _read(name, settings[name])
        if group and not place:
            del made[group]
    return dict(checked(made))


def _read(name: str, text: str) -> Any:  # noqa: ANN401 (JSON)
    try:
        value = CHOICES[name].read(text.strip())
    except (KeyError, ValueError, OverflowError):
        raise PolicyError(NoChoice.BAD_VALUE, key=name, value=text, values=CHOICES[name].values) from None
    if not CHOICES[name].accepts(value):
        raise PolicyError(NoChoice.BAD_VALUE, key=name, value=text, values=CHOICES[name].values)
    return value


def _flat(document: Document) -> list[tuple[str, Any]]:
    """Return names as people write them, with their values."""
    found: list[tuple[str, Any]] = []
    for name, value in document.items():
        if name == "findings" and isinstance(value, dict):
            found += [(key if key in FINDINGS else f"findings.{key}", each) for key, each in value.items()]
        elif name == "max_age" and isinstance(value, dict):
            found += [(f"max_age.{key}", each) for key, each in value.items()]
        else:
            found.append((f"{name}.*" if name in FINDINGS else name, value))
    return found


def _path(name: str) -> str:
    return f"findings.{name}" if name in FINDINGS else name


def _names() -> list[str]:
    return [*FINDINGS, *_PLAIN, "max_age.REASON"]
