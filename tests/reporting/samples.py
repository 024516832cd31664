"""Reports to render: a full one, whose names are as bad as names can be, a bare one, and one of an import."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from pipeline.reporting import AudienceReport, ImportReport, Month, Overlap, OverlapWith, People, Source, Usual
from pipeline.reporting.history import OF_CONTACTS
from pipeline.verdicts import RULES

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
EVIL = "<script>alert('x')</script> \"&\" {{ 7 * 7 }} {0} %s \u202egnp.exe"


def people(contacts: int = 1000, **changes: object) -> People:
    fifth = contacts // 5
    fields: dict[str, object] = {
        "contacts": contacts,
        "reachable": contacts - 3 * fifth,
        "left_out": {
            "opted_out": fifth,
            "invalid": fifth,
            "risky": 0,
            "not_yet_checked": fifth,
            "unknown": 0,
            "quarantined": 0,
        },
        "verdicts": {"valid": contacts - 2 * fifth, "risky": 0, "unknown": fifth, "invalid": fifth},
        "reasons": [(rule.status, str(rule.reason_code), number + 1) for number, rule in enumerate(RULES)],
        "opted_out": {"unsubscribe": fifth - 1, "bounce": 1},
        "findings": {"role_accounts": 3, "disposable": 20, "typos": 7, "known_bounces": 1},
        "bases": {"consentimento": fifth, "nao_informada": contacts - fifth, EVIL: 1},
        "sources": {"web_form": fifth, "not_stated": contacts - fifth, EVIL: 1},
        "quarantined": 0,
    }
    return People(**(fields | changes))  # type: ignore[arg-type]


def source(number: int = 1, *, name: str = EVIL, held: bool = True, **counts: int | None) -> Source:
    told: dict[str, int | None] = dict.fromkeys(OF_CONTACTS, 2)
    told |= {"records": 120, "error_rows": 10, "duplicate_rows": 9, "contacts": 101, "contacts_known": 99, "joined": 90}
    told |= {"already_there": 11, "measured": 101, "valid": 95, "not_yet_checked": 1, **counts}
    return Source(
        import_job_id=UUID(int=number),
        kind="import",
        status="done",
        file_name=name,
        uploaded_by=EVIL,
        created_at=NOW,
        month="2026-11",
        counts=told,
        errors_by_code={"syntax_no_at": 9, "syntax_empty": 1},
        reasons=[("valid", "mx_ok", 95), ("invalid", "domain_not_found", 6)],
        usual=Usual(3, {"error_rows": 1.5, "invalid": 0.0, "typos": 2.0}),
        worse_than_usual=("error_rows",),
        quarantine={
            "rules": [
                {"rule": "invalid", "contacts": 6, "of": 101, "share": 5.94, "limit": 5.0},
                {"rule": "inherited", "import_job_id": str(UUID(int=7))},
            ],
            "quarantined_at": NOW,
            "released_at": None if held else NOW,
        },
    )


def full() -> AudienceReport:
    return AudienceReport(
        audience_id=UUID(int=1),
        audience=EVIL,
        description=EVIL,
        status="archived",
        created_at=NOW,
        made_at=NOW,
        people=people(),
        growth=[Month(f"2026-{month:02}", 100, month, 90 * month) for month in range(1, 12)],
        overlap=Overlap(500, [OverlapWith(UUID(int=2), EVIL, 500)]),
        imports=[source(number, held=number % 2 == 0) for number in range(1, 30)],
    )


def bare() -> AudienceReport:
    nothing = dict.fromkeys(("opted_out", "invalid", "risky", "not_yet_checked", "unknown", "quarantined"), 0)
    one = people(
        1,
        reachable=1,
        left_out=nothing,
        verdicts={"valid": 1, "risky": 0, "unknown": 0, "invalid": 0},
        reasons=[("valid", "mx_ok", 1)],
        opted_out={},
        findings=dict.fromkeys(("role_accounts", "disposable", "typos", "known_bounces"), 0),
        bases={"consentimento": 1},
        sources={"web_form": 1},
    )
    return AudienceReport(UUID(int=1), "Uma", "", "active", NOW, NOW, one, [Month("2026-11", 1, 0, 1)])


def imported(*, joined: bool = True) -> ImportReport:
    nobody = people(
        0, reachable=0, reasons=[], opted_out={}, findings=dict.fromkeys(people().findings, 0), bases={}, sources={}
    )
    return ImportReport(UUID(int=1), EVIL, NOW, source(), people() if joined else nobody)


REPORTS: dict[str, AudienceReport | ImportReport] = {
    "full": full(),
    "bare": bare(),
    "import": imported(),
    "nobody joined": imported(joined=False),
}
