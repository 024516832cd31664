"""The figures of a report: shares, what is usual, months, scales, and what to do next."""

from __future__ import annotations

import json
import statistics
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reporting import History, Manner, Month, Usual, advise, document, months, shares, worse_than_usual
from pipeline.reporting.advice import Act
from pipeline.reporting.charts import Part, ceiling, columns, stretches
from pipeline.reporting.figures import Bundle
from pipeline.reporting.history import OF_CONTACTS, TROUBLE
from tests.reporting.samples import bare, full, imported, people, source

NOTHING = dict.fromkeys(("error_rows", "duplicate_rows", *OF_CONTACTS))


def test_shares_are_of_records_or_of_contacts_and_none_of_what_was_not_counted() -> None:
    told = shares({"records": 200, "contacts": 100, "error_rows": 10, "invalid": 7, "typos": None})
    assert (told["error_rows"], told["invalid"], told["typos"], told["unknown"]) == (5.0, 7.0, None, None)
    assert shares({"records": 0, "contacts": 0, "error_rows": 0, "invalid": 0})["invalid"] is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 10_000).map(lambda n: n / 100)), min_size=1, max_size=20))
def test_usual_is_the_median_of_what_was_measured(values: list[float | None]) -> None:
    history = History()
    assert history.usual() is None
    for value in values:
        history.add({"invalid": value})
    usual = history.usual()
    assert usual is not None
    assert usual.imports == len(values)
    known = [value for value in values if value is not None]
    assert usual.shares == ({"invalid": round(statistics.median(known), 2)} if known else {})


def test_worse_than_usual_needs_a_point_a_half_more_and_a_history() -> None:
    def worse(now: float, before: float, imports: int = 3) -> list[str]:
        return worse_than_usual(NOTHING | {"invalid": now}, Usual(imports, {"invalid": before}))

    assert worse(3.0, 2.0) == ["invalid"]
    assert worse(2.99, 2.0) == []
    assert worse(0.9, 0.0) == []
    assert worse(1.0, 0.0) == ["invalid"]
    assert worse(14.9, 10.0) == []
    assert worse(90.0, 0.0, imports=2) == []
    assert worse_than_usual(NOTHING | {"contacts_new": 100.0}, Usual(9, {"contacts_new": 1.0})) == []
    assert worse_than_usual(NOTHING, None) == []
    assert set(TROUBLE) <= set(NOTHING)


def test_months_without_a_move_are_there_too() -> None:
    moves = [(date(2025, 11, 1), 10, 0), (date(2026, 2, 1), 5, 3)]
    assert months(moves, date(2026, 3, 9)) == [
        Month("2025-11", 10, 0, 10),
        Month("2025-12", 0, 0, 10),
        Month("2026-01", 0, 0, 10),
        Month("2026-02", 5, 3, 12),
        Month("2026-03", 0, 0, 12),
    ]
    assert months([], date(2026, 12, 9)) == []


@given(st.integers(0, 10**9))
def test_a_scale_holds_its_value_and_halves(value: int) -> None:
    top = ceiling(value)
    assert top >= value
    assert top % 2 == 0
    assert top <= max(2, 2 * value)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40))
def test_charts_stay_within_their_frame(sizes: list[int]) -> None:
    laid = stretches([Part(str(number), "", size) for number, size in enumerate(sizes)])
    assert len(laid) == sum(size > 0 for size in sizes)
    assert sum(stretch.length for stretch in laid) == pytest.approx(100 if laid else 0, abs=0.1)
    for column, size in zip(columns(sizes, ceiling(max(sizes))), sizes, strict=True):
        assert 0 <= column.x <= column.x + column.width <= 100.001
        assert column.y + column.height == pytest.approx(100, abs=0.01)
        assert (column.height > 0) == (size > 0)


def test_imports_taken_together_add_up() -> None:
    mine, yours = source(1, invalid=6, typos=None), source(2, invalid=4, typos=None)
    (bundle,) = Bundle.all_by([mine, yours], lambda each: each.month)
    assert (bundle.name, bundle.imports) == ("2026-11", 2)
    assert (bundle.counts["invalid"], bundle.counts["typos"], bundle.counts["contacts"]) == (10, None, 202)
    assert bundle.shares["invalid"] == round(1000 / 202, 2)


def test_what_to_do_begins_with_what_is_urgent() -> None:
    acts = [each.act for each in advise(full())]
    assert acts == [
        *(Act.RELEASE, Act.RELEASE, Act.MEND_TYPOS, Act.MEND_TYPOS, Act.MEND_REJECTS, Act.MEND_REJECTS),
        *(Act.WORSE, Act.DISPOSABLE, Act.STATE_BASIS, Act.WAIT),
    ]
    assert [each.act for each in advise(bare())] == [Act.NOTHING]
    (worse,) = [each for each in advise(imported()) if each.act is Act.WORSE]
    assert worse.command is None, "its report is before the reader"
    held = next(each for each in advise(full()) if each.act is Act.RELEASE)
    assert held.command == 'mkt job release 000000000002 --note "…"'


def test_shares_are_told_from_nothing_and_from_everything() -> None:
    manner = Manner("en")
    told = [
        manner.percent(value).replace("\N{NARROW NO-BREAK SPACE}", " ") for value in (0, 100, 0.01, 99.96, 5.25, None)
    ]
    assert told == ["0 %", "100 %", "0.01 %", "99.96 %", "5.2 %", "\N{EN DASH}"]
    assert [manner.limit(value)[:-2] for value in (5.0, 2.5, 0.125)] == ["5", "2.5", "0.125"]


def test_the_document_is_plain_and_its_figures_add_up() -> None:
    told = document(full(), advise(full()))
    json.dumps(told, default=str)
    assert told["report"] == "audience"
    assert told["people"]["reachable"] + sum(told["people"]["left_out"].values()) == told["people"]["contacts"]
    assert told["imports"][0]["shares"]["invalid"] == told["imports"][0]["usual"]["shares"]["invalid"] + 1.98
    assert {bundle["name"] for bundle in told["months"]} == {"2026-11"}
    assert document(imported(), [])["import"]["quarantine"]["rules"][0]["limit"] == 5.0
    assert people().basis_not_stated == 800
