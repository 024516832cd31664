"""The panels of the page: figures as rows of ready words and lengths, which the template only lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pipeline import texts
from pipeline.reporting.charts import MOST_COLUMNS, Part, ceiling, columns
from pipeline.reporting.figures import LEFT_OUT, STATUSES, AudienceReport, Bundle, ImportReport, Month, People, Source
from pipeline.reporting.history import OF_CONTACTS, OF_RECORDS, Usual
from pipeline.reporting.manner import Manner
from pipeline.reporting.wording import rules

#: Imports, and other audiences, that stand on the page.
MOST_SOURCES: Final = 20
#: Shares of an import that have a column of their own.
SHOWN_SHARES: Final = ("error_rows", "invalid", "typos", "known_bounces")


def left_out(people: People, manner: Manner) -> list[Part]:
    """Return the members of an audience by what keeps campaigns from writing to them, the reachable first."""
    sizes = {"reachable": people.reachable, **people.left_out}
    return parts(("reachable", *LEFT_OUT), sizes, "left_out", manner)


def parts(keys: Sequence[str], sizes: Mapping[str, int], family: str, manner: Manner) -> list[Part]:
    """Return counts as parts of a whole, named by the catalogue."""
    return [Part(key, manner.say(f"{family}.{key}"), sizes.get(key, 0)) for key in keys]


def rows(parts: Sequence[Part], manner: Manner, whole: int | None = None) -> list[dict[str, Any]]:
    """Return parts as rows of a table; of a ``whole`` of which they are not all, else of their sum."""
    whole = sum(part.size for part in parts) if whole is None else whole
    return [
        {
            "key": part.key,
            "label": part.label,
            "contacts": manner.number(part.size),
            "share": manner.share(part.size, whole),
            "length": round(100 * part.size / whole, 2) if whole else 0,
        }
        for part in parts
        if part.size
    ]


def named(family: str, counts: Mapping[str, int], manner: Manner) -> list[dict[str, Any]]:
    """Name counts whose keys may come from a file: one that the catalogue does not know stands as it is."""
    known = texts.keys(manner.lang)
    found = [
        Part(key, manner.say(f"{family}.{key}") if f"report.{family}.{key}" in known else manner.name(key), size)
        for key, size in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return rows(found, manner)


def verdicts(source: Source) -> dict[str, int]:
    """Return the contacts of an import by verdict."""
    return {status: source.count(status) for status in STATUSES}


def reasons(reasons: Sequence[tuple[str, str, int]], manner: Manner) -> list[dict[str, Any]]:
    """Return verdicts by reason, the most frequent first."""
    whole = sum(contacts for _, _, contacts in reasons)
    return [
        {
            "key": status,
            "verdict": manner.say(f"verdict.{status}"),
            "reason": manner.reason(reason),
            "code": reason,
            "contacts": manner.number(contacts),
            "share": manner.share(contacts, whole),
            "length": round(100 * contacts / whole, 2),
        }
        for status, reason, contacts in sorted(reasons, key=lambda item: (-item[2], item[1]))
    ]


def growth(growth: Sequence[Month], manner: Manner) -> dict[str, Any] | None:
    """Return how an audience grew, as columns and as a table with the newest month first; None: there is nothing to draw."""
    if not growth:
        return None
    shown = growth[-MOST_COLUMNS:]
    top = ceiling(max(month.members for month in shown))
    first, last = shown[0], shown[-1]
    ticks = [shown[0], *([shown[len(shown) // 2]] if len(shown) > 2 else []), *([last] if len(shown) > 1 else [])]  # noqa: PLR2004 (room for one between two)
    return {
        "columns": columns([month.members for month in shown], top),
        "ticks": [manner.month(month.month) for month in ticks],
        "scale": [manner.number(value) for value in (top, top // 2, 0)],
        "alternative": manner.say(
            "text.growth",
            first=manner.month(first.month),
            last=manner.month(last.month),
            from_=manner.number(first.members),
            to=manner.number(last.members),
        ),
        "rows": [
            {
                "month": manner.month(month.month),
                "joined": manner.number(month.joined),
                "left": manner.number(month.left),
                "members": manner.number(month.members),
            }
            for month in reversed(shown)
        ],
    }


def source(source: Source, manner: Manner) -> dict[str, Any]:
    """Return an import as a row of the table of sources."""
    told = source.shares
    return {
        "file": manner.name(source.file_name),
        "user": manner.name(source.uploaded_by or ""),
        "date": manner.date(source.created_at),
        "kind": source.kind,
        "records": manner.number(source.counts.get("records")),
        "new": manner.number(source.counts.get("contacts_new")),
        "shares": {
            name: {
                "label": manner.say(f"share.{name}"),
                "now": manner.percent(told[name]),
                "usual": manner.say("usual", share=manner.percent(source.usual.shares[name]))
                if source.usual is not None and name in source.usual.shares
                else "",
                "is_worse": name in source.worse_than_usual,
            }
            for name in SHOWN_SHARES
        },
        "is_held": source.is_held,
        "is_released": source.quarantine is not None and not source.is_held,
        "is_worse": bool(source.worse_than_usual),
        "rules": rules(source, manner) if source.is_held else [],
    }


def bundles(sources: Sequence[Source], manner: Manner, *, by_month: bool) -> list[dict[str, Any]]:
    """Return imports taken together by user, or by month with the newest first."""

    def key(source: Source) -> str:
        return source.month if by_month else source.uploaded_by or ""

    bundles = Bundle.all_by(sources, key)
    return [
        {
            "name": manner.month(each.name) if by_month else manner.name(each.name),
            "imports": manner.number(each.imports),
            "records": manner.number(each.counts.get("records")),
            "new": manner.number(each.counts.get("contacts_new")),
            "shares": {name: manner.percent(each.shares[name]) for name in SHOWN_SHARES},
        }
        for each in (reversed(bundles) if by_month else bundles)
    ]


def overlap(report: AudienceReport | ImportReport, manner: Manner) -> dict[str, Any]:
    """Return the other audiences that people are in."""
    whole = report.people.contacts
    return {
        "contacts": manner.number(report.overlap.contacts),
        "share": manner.share(report.overlap.contacts, whole),
        "rows": [
            {
                "label": manner.name(each.audience),
                "contacts": manner.number(each.contacts),
                "share": manner.share(each.contacts, whole),
                "length": round(100 * each.contacts / whole, 2) if whole else 0,
            }
            for each in report.overlap.audiences[:MOST_SOURCES]
        ],
    }


def comparison(source: Source, manner: Manner) -> list[dict[str, Any]]:
    """Return an import's shares beside what is usual."""
    told = source.shares
    usual: Usual = source.usual or Usual(0, {})
    return [
        {
            "label": manner.say(f"share.{name}"),
            "here": manner.percent(told[name]),
            "usual": manner.percent(usual.shares.get(name)),
            "is_worse": name in source.worse_than_usual,
        }
        for name in (*OF_RECORDS, *OF_CONTACTS)
        if told[name] is not None
    ]


def errors(source: Source, manner: Manner) -> list[dict[str, Any]]:
    """Return the rows that were refused, by problem, the most frequent first."""
    return [
        {"label": manner.problem(code), "code": code, "rows": manner.number(rows_)}
        for code, rows_ in sorted(source.errors_by_code.items(), key=lambda item: (-item[1], item[0]))
    ]


def usual(source: Source, manner: Manner) -> str:
    """Say what is meant by usual."""
    if source.usual is None:
        return manner.say("usual_none")
    return manner.say("usual_one") if source.usual.imports == 1 else manner.say("usual_long", n=source.usual.imports)
