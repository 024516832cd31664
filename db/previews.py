"""What a preview of a campaign counts: its contacts by all that the rules need to know of them, in two statements.

Of a million contacts a look-up each would take half a minute. So the tables are read in the order of their keys, side by side, and in
several ranges at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from db.statements import statement
from db.tables.validations import IN_DOUBT, OF_ROLE
from db.unit import Limits, ResultRow, Unit

#: Seconds that a preview may take.
LIMITS: Final = Limits(transaction=600.0)
#: Ranges of contacts that are read at a time, by as many processes as there are.
_RANGES: Final = 8
#: Less than any id, where there is but one range.
_BEFORE_ALL: Final = -(1 << 63)
#: A campaign that reaches less than one in so many contacts of its tenant is looked up contact by contact.
_FEW: Final = 8

#: A few hundred crowds, and the sorts of those who are special; compiling takes longer than it saves.
_ROOMY: Final = {"jit": "off", "work_mem": "64MB", "parallel_tuple_cost": "0.01", "enable_mergejoin": "off"}
#: For ranges of whole tables: by indexes in the order of ids, merged, which takes a third of hashing a million rows; each range by
#: one process, as many at a time as there are.
_IN_RANGES: Final = {
    "enable_hashjoin": "off",
    "enable_nestloop": "off",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
    "min_parallel_table_scan_size": "1TB",
    "min_parallel_index_scan_size": "1TB",
    "jit": "off",
    "work_mem": "64MB",
}


@dataclass(frozen=True)
class Terms:
    """What is asked of a campaign's contacts.

    ``reached`` and ``excluded``: audiences, those reached in the order of their bits. ``used``: audiences whose own opt-outs count.
    ``bases``, ``sources``: legal bases that are chosen (None: all) and sources that are excluded. ``cutoffs``: moments before which
    verdicts are stale. ``cap``: messages and days. ``kinds``: of opt-outs, by strength. ``domains``: at which addresses have
    several forms. ``quarantined``: imports.
    """

    cid: UUID
    reached: Sequence[UUID]
    excluded: Sequence[UUID]
    used: Sequence[UUID]
    bases: Sequence[str] | None
    sources: Sequence[str]
    cutoffs: Sequence[datetime]
    cap: tuple[int, int] | None
    kinds: Sequence[str]
    domains: Sequence[str]
    quarantined: Sequence[UUID]


class Row(NamedTuple):
    """Contacts of whom the same is known; ``sharers``: those of them who share a mailbox, as its number and their ``rid``."""

    links: int
    status: str | None
    reason_code: str | None
    flags: tuple[str, ...]
    age: int | None
    said: int
    is_capped: bool
    sharers: tuple[tuple[int, int], ...]
    contacts: int


@dataclass(frozen=True)
class Bits:
    """Where the bits of a membership stand: of its statements (added up, then shifted), of its freedom, of audiences."""

    stated: int
    chosen: int
    allowed: int
    free: int
    kept_out: int
    first_audience: int


def count(unit: Unit, terms: Terms, bits: Bits) -> list[Row]:
    """Count the campaign's contacts on these terms."""
    few = _are_few(unit, terms)
    bounds = [_BEFORE_ALL] if few else _bounds(unit)
    sql, parameters = _specials(unit, terms, bounds, few=few)
    with _settings(unit, _ROOMY):
        special = {row.range: row for row in unit.execute(sql, parameters)}
    sql, parameters = _crowds(unit, terms, bits, bounds)
    for number in range(len(bounds)):
        there = special.get(number)
        parameters[f"rids_{number}"] = there.rids if there else "{}"
        parameters[f"said_{number}"] = there.said if there else "{}"
        parameters[f"numbers_{number}"] = there.numbers if there else "{}"
    with _settings(unit, _ROOMY if few else _IN_RANGES):
        found = unit.execute(sql, parameters).all()
    return [_row(row) for row in found]


@contextmanager
def _settings(unit: Unit, settings: Mapping[str, str]) -> Iterator[None]:
    """Have the planner go by other settings until the block ends well."""
    shown = ", ".join(f"current_setting('{name}') as {name}" for name in settings)
    before = dict(unit.execute(f"select {shown}").one()._mapping)  # noqa: SLF001 (SQLAlchemy's public name for it)
    _set(unit, settings)
    yield
    _set(unit, before)


def _set(unit: Unit, settings: Mapping[str, str]) -> None:
    changes = ", ".join(f"set_config('{name}', :{name}, true)" for name in settings)
    unit.execute(f"select {changes}", settings)


def _row(row: ResultRow) -> Row:
    links, said, is_capped, _, status, reason_code, flags, age, named, contacts = row
    sharers = tuple(
        (int(number), int(rid)) for number, _, rid in (each.partition(":") for each in (named or "").split(",") if each)
    )
    return Row(links, status, reason_code, _flags(flags), age, said or 0, is_capped, sharers, int(contacts))


def _are_few(unit: Unit, terms: Terms) -> bool:
    """Whether the planner believes that the campaign reaches only a small part of the tenant's contacts."""
    members = _estimate(
        unit,
        "select from mkt.audience_contacts where tenant_id = :tenant and audience_id = any(cast(:audiences as uuid[])) and removed_at is null",
        {"tenant": unit.tenant_id, "audiences": [*terms.reached, *terms.excluded]},
    )
    everybody = _estimate(unit, "select from mtrk.contatos where tenant_id = :tenant", {"tenant": unit.tenant_id})
    return members * _FEW < everybody


def _estimate(unit: Unit, sql: str, parameters: dict[str, object]) -> float:
    plan = unit.execute(f"explain (format json) {sql}", parameters).scalar_one()
    return float(plan[0]["Plan"]["Plan Rows"])


def _bounds(unit: Unit) -> list[int]:
    """Cut the ids of all contacts into ranges of the same width; returns where each begins."""
    low, high = unit.execute(
        "select (select rid from mtrk.contatos where tenant_id = :tenant order by rid limit 1),"
        " (select rid from mtrk.contatos where tenant_id = :tenant order by rid desc limit 1)",
        {"tenant": unit.tenant_id},
    ).one()
    return [_BEFORE_ALL] if low is None else list(range(low, high + 1, (high - low) // _RANGES + 1))


def _specials(unit: Unit, terms: Terms, bounds: Sequence[int], *, few: bool) -> tuple[str, dict[str, object]]:
    """Return the statement that finds the special contacts; entries that are known by a hash alone cost a hash for every contact."""
    tenant = {"tenant": unit.tenant_id}
    parameters: dict[str, object] = {
        **tenant,
        "kinds": list(terms.kinds),
        "used": list(terms.used),
        "domains": list(terms.domains),
        "bounds": list(bounds),
    }
    hashed = ""
    has_hashes = (
        "select exists (select from ops.suppressions where tenant_id = :tenant and email is null and lifted_at is null)"
    )
    if unit.execute(has_hashes, tenant).scalar_one():
        hashed = statement("preview_hashed")
        pads = unit.execute("select inner_pad, outer_pad from mkt.hash_pads(:tenant)", tenant).all()
        parameters |= {"inner_pads": [row.inner_pad for row in pads], "outer_pads": [row.outer_pad for row in pads]}
    members = ""
    if few:
        members = "and exists (select from mkt.audience_contacts l where l.rid = c.rid and l.audience_id = any(cast(:audiences as uuid[])))"
        parameters["audiences"] = [*terms.reached, *terms.excluded]
    sql = statement("preview_specials").replace("{hashed}", hashed).replace("{members}", members)
    return sql, parameters


def _crowds(unit: Unit, terms: Terms, bits: Bits, bounds: Sequence[int]) -> tuple[str, dict[str, object]]:
    """Return the statement that counts all ranges, and its parameters but for the special contacts."""
    parameters: dict[str, object] = {
        "tenant": unit.tenant_id,
        "audiences": [*terms.reached, *terms.excluded],
        "cutoffs": list(terms.cutoffs),
        "chosen": sum(1 << bits.first_audience + number for number in range(len(terms.reached))),
    }
    sql = statement("preview_crowds").replace("{bits}", _bits_of_links(terms, bits, parameters))
    sql = sql.replace("{of_role}", OF_ROLE).replace("{in_doubt}", IN_DOUBT)
    cap = ""
    if terms.cap is not None:
        cap = statement("preview_capped")
        parameters |= {"cid": terms.cid, "messages": terms.cap[0], "days": terms.cap[1]}
    sql = sql.replace("{cap}", cap).replace("{capped}", "x.rid is not null" if cap else "false")
    parts = []
    for number, low in enumerate(bounds):
        between = f"and rid >= :low_{number}" + (f" and rid < :low_{number + 1}" if number + 1 < len(bounds) else "")
        part = sql.replace("{range}", between if len(bounds) > 1 else "")
        for name in ("rids", "said", "numbers"):
            part = part.replace(f"{{{name}}}", f":{name}_{number}")
        parts.append(part)
        if len(bounds) > 1:
            parameters[f"low_{number}"] = low
    return _summed("\nunion all\n".join(f"({part})" for part in parts)), parameters


def _summed(sql: str) -> str:
    alike = "links, said, is_capped, likeness"
    # Flags as text: there are few different ones, and each is read once.
    return (
        f"select {alike}, any_value(status) as status, any_value(reason_code) as reason_code,"
        f" cast(any_value(flags) as text) as flags, any_value(age) as age,"
        f" string_agg(sharers, ',') as sharers, sum(contacts) as contacts from ({sql}) ranges group by {alike}"
    )


@lru_cache(maxsize=4_096)
def _flags(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _bits_of_links(terms: Terms, bits: Bits, parameters: dict[str, object]) -> str:
    """Return the expression for the bits of one membership; what the policy does not ask for costs nothing."""
    says = [f"case when coalesce(l.legal_basis, 'nao_informada') <> 'nao_informada' then {bits.stated} else 0 end"]
    if terms.bases is None:
        says.append(str(bits.chosen))
    else:
        parameters["bases"] = list(terms.bases)
        says.append(
            f"case when coalesce(l.legal_basis, 'nao_informada') = any(cast(:bases as text[])) then {bits.chosen} else 0 end"
        )
    if terms.sources:
        parameters["sources"] = list(terms.sources)
        says.append(f"case when l.consent_source = any(cast(:sources as text[])) then 0 else {bits.allowed} end")
    else:
        says.append(str(bits.allowed))
    free = str(1 << bits.free)
    if terms.quarantined:
        parameters["quarantined"] = list(terms.quarantined)
        free = f"case when l.import_job_id = any(cast(:quarantined as uuid[])) then 0 else {free} end"
    reached = f"cast(1 << ({' + '.join(says)}) as bigint) | {free}"
    cases = []
    for number, audience in enumerate(terms.reached):
        parameters[f"audience_{number}"] = audience
        cases.append(f"when :audience_{number} then {1 << bits.first_audience + number} | {reached}")
    return f"case l.audience_id {' '.join(cases)} else {1 << bits.kept_out} end"


class Waiting(NamedTuple):
    """Contacts that nobody has judged: how many domains they have that DNS was not asked about, and how many it is asked about a second."""

    domains: int
    per_second: float


def waiting(unit: Unit, unchecked: int) -> Waiting:
    """Return what stands between the tenant's unjudged contacts, of which there are so many, and their verdicts."""
    found = unit.execute(statement("preview_waiting"), {"tenant": unit.tenant_id, "unchecked": unchecked}).one()
    return Waiting(round(found.domains), float(found.per_second))


@dataclass(frozen=True)
class Held:
    """An import whose contacts a quarantine holds back from the campaign, and how many memberships these are."""

    import_job_id: UUID
    file_name: str
    quarantined_at: datetime
    rules: list[dict[str, Any]]
    contacts: int


def quarantined(unit: Unit) -> list[UUID]:
    """Return the tenant's imports that a quarantine holds back."""
    return [row[0] for row in unit.execute("select import_job_id from mkt.quarantines where released_at is null")]


def held(unit: Unit, terms: Terms) -> list[Held]:
    """Return those of them that brought in contacts whom the campaign reaches, the largest first."""
    if not terms.quarantined:
        return []
    parameters = {"tenant": unit.tenant_id, "audiences": list(terms.reached), "quarantined": list(terms.quarantined)}
    return [Held(*row) for row in unit.execute(statement("preview_held"), parameters)]
