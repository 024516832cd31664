"""Moments: what a text says of one, placed in a time zone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from pipeline.reading.reading import DateOrder
from pipeline.reading.values.dates import Written, read


def today() -> dt.date:
    """Return the day up to which years of two digits reach."""
    return dt.datetime.now(tz=dt.UTC).date()


def moment(text: str, *, date_order: DateOrder | None, timezone: str) -> dt.datetime | None:
    """Return the moment that a text names, with its zone; None: it names none.

    A time without a zone is one of ``timezone`` (IANA), a day its midnight. Of a time that the clocks show twice the first is
    meant; one that they skip counts from before the change. Raises zoneinfo.ZoneInfoNotFoundError for no such zone.
    """
    written = read(text, date_order, today())
    return None if written is None else _placed(written, ZoneInfo(timezone))


def iso(written: Written, zone: ZoneInfo) -> str:
    """Return a day as ``1990-03-05``, and a moment as ``2026-09-02 16:30:10-03:00``.

    Without a zone are moments from before there were any, whose distance from UTC is no number of minutes.
    """
    if written.time is None:
        return written.day.isoformat()
    placed = _placed(written, zone)
    offset = placed.utcoffset()
    if offset is not None and offset.seconds % 60:
        placed = placed.replace(tzinfo=None)
    return placed.isoformat(sep=" ")


def _placed(written: Written, zone: ZoneInfo) -> dt.datetime:
    offset = zone if written.offset is None else dt.timezone(written.offset)
    return dt.datetime.combine(written.day, written.time or dt.time(), tzinfo=offset)
