"""Generated worlds: a campaign with its audiences, a few contacts, and everything that can be said for or against writing to them.

A world is what the rules are asked about directly, and what is put into the tables for the statements to find.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from sqlalchemy import text

from db.unit import Database, Unit
from pipeline.eligibility import FINDINGS, Facts, Link, OptOut, Policy, VerdictFacts, policy_of
from pipeline.eligibility.policy import AGES, CONSENT_SOURCES, LEGAL_BASES
from pipeline.verdicts import DAY, RULES, canonical

#: Addresses of which several are one mailbox, and others that look so and are not.
ADDRESSES = (
    "ana.silva@gmail.com",
    "anasilva@gmail.com",
    "anasilva+loja@googlemail.com",
    "bia@hotmail.com",
    "bia+x@hotmail.com",
    "bia@icloud.com",
    "bia@me.com",
    "caio@empresa.com.br",
    "caio+x@empresa.com.br",
    "contato@empresa.com.br",
)
#: The audiences, and what they are to the campaign.
CHOSEN, ARCHIVED, EXCLUDED, OTHER = ("a", "b"), "archived", "excluded", "other"
AUDIENCES = (*CHOSEN, ARCHIVED, EXCLUDED, OTHER)
#: Whose own opt-outs count; nobody is reached by an archived one.
USED = frozenset({*CHOSEN, ARCHIVED})
#: Imports, of which the second and third are held back and the third is released again.
JOBS = (0, 1, 2)
HELD = 1

_STATUS_OF = {str(rule.reason_code): rule.status for rule in RULES} | {
    "of_tomorrow": "risky",
    "of_the_day_after": "valid",
}
_KINDS = ("unsubscribe", "bounce", "complaint", "manual", "erasure")


@dataclass(frozen=True)
class Membership:
    audience: str
    job: int | None
    legal_basis: str | None
    consent_source: str | None
    removed: bool


@dataclass(frozen=True)
class Person:
    address: str
    memberships: tuple[Membership, ...]
    reason_code: str | None
    flags: tuple[str, ...]
    age: int  # seconds
    messages: tuple[tuple[bool, int], ...]  # of this very campaign?; hours ago


@dataclass(frozen=True)
class Said:
    address: str
    kind: str
    audience: str | None
    lifted: bool
    hashed: bool


@dataclass(frozen=True)
class World:
    people: tuple[Person, ...]
    said: tuple[Said, ...]
    tenant: dict[str, Any]
    campaign: dict[str, Any]

    @property
    def policy(self) -> Policy:
        return policy_of(self.tenant, self.campaign)


@dataclass(frozen=True)
class Placed:
    """A world in the tables: the ids that it has there, by the names that it has here."""

    world: World
    tenant_id: UUID
    cid: UUID
    audiences: dict[str, UUID]
    jobs: dict[int, UUID]
    rids: dict[str, int] = field(default_factory=dict)

    def facts(self, now: datetime, *, frozen: bool = False) -> list[Facts]:
        """Return what the rules are told of everybody whom the campaign reaches; ``frozen``: of everybody, as a send asks."""
        made = []
        for person in self.world.people:
            live = [each for each in person.memberships if not each.removed]
            links = tuple(
                Link(each.audience, each.legal_basis, each.consent_source, each.job == HELD)
                for each in live
                if each.audience in CHOSEN
            )
            if not links and not frozen:
                continue
            made.append(
                Facts(
                    rid=self.rids[person.address],
                    mailbox=canonical(person.address),
                    now=now,
                    opt_outs=tuple(
                        OptOut(said.kind, said.audience)
                        for said in self.world.said
                        if canonical(said.address) == canonical(person.address)
                        and not said.lifted
                        and (said.audience is None or said.audience in USED)
                    ),
                    excluded_by=tuple(each.audience for each in live if each.audience == EXCLUDED),
                    links=links,
                    verdict=_verdict(person, now),
                    messages=tuple(now - timedelta(hours=hours) for own, hours in person.messages if not own),
                )
            )
        return made


def _verdict(person: Person, now: datetime) -> VerdictFacts | None:
    if person.reason_code is None:
        return None
    return VerdictFacts(
        _STATUS_OF[person.reason_code], person.reason_code, now - timedelta(seconds=person.age), person.flags
    )


#: Findings that people have, and that policies speak of, more often than others.
_OFTEN = ("implicit_mx", "possible_typo", "role_account", "forwarding_alias")
_choices = st.sampled_from(["in", "out"])
_documents = st.fixed_dictionaries(
    {},
    optional={
        "findings": st.dictionaries(st.sampled_from([*_OFTEN * 4, *FINDINGS]), _choices, max_size=6),
        "not_yet_checked": _choices,
        "unknown": _choices,
        "freshness": st.sampled_from([1.5, 2, 4.25]),
        "max_age": st.dictionaries(
            st.sampled_from(["mx_ok", "delivered_recently", "dns_timeout"]),
            st.sampled_from([100 * DAY, 200 * DAY]),
            max_size=2,
        ),
        "consent_required": st.booleans(),
        "legal_bases": st.none() | st.lists(st.sampled_from(LEGAL_BASES[-3:]), min_size=1, max_size=2, unique=True),
        "excluded_sources": st.lists(st.sampled_from(CONSENT_SOURCES[-4:]), max_size=2, unique=True),
        "frequency_cap": st.none() | st.fixed_dictionaries({"messages": st.integers(1, 2), "days": st.integers(1, 3)}),
        "duplicate_mailbox": _choices,
    },
)
_memberships = st.lists(
    st.builds(
        Membership,
        st.sampled_from([*CHOSEN * 5, ARCHIVED, EXCLUDED, OTHER]),
        st.sampled_from([None, None, 0, 0, *JOBS]),
        st.sampled_from([None, *LEGAL_BASES[-3:-1] * 2, LEGAL_BASES[-1]]),
        st.none() | st.sampled_from(CONSENT_SOURCES[-4:]),
        st.sampled_from([*[False] * 7, True]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda each: each.audience,
)
#: Half of all verdicts are good, and most are fresh: else nearly nobody would come as far as the later rules.
_reasons = st.sampled_from(
    ["mx_ok"] * 70
    + ["delivered_recently"] * 10
    + ["implicit_mx", "possible_typo", "of_the_day_after"] * 4
    + [None, "of_tomorrow", *AGES]
)
# Three hours beside the whole days that limits are made of: a world is judged a moment after it was placed.
_ages = st.sampled_from([*[0] * 16, *(days * DAY + DAY // 8 for days in (1, 11, 14, 16, 46, 95, 125, 300))])
_people = st.lists(
    st.builds(
        Person,
        st.sampled_from(ADDRESSES),
        _memberships.map(tuple),
        _reasons,
        st.sampled_from([(), (), (), ("role_account",), ("free_provider", "forwarding_alias")])
        | st.lists(st.sampled_from([*FINDINGS, "free_provider"]), max_size=2, unique=True).map(tuple),
        _ages,
        st.lists(st.tuples(st.booleans(), st.sampled_from([1, 30, 80])), max_size=2).map(tuple),
    ),
    min_size=4,
    max_size=8,
    unique_by=lambda each: each.address,
)
_said = st.lists(
    st.builds(
        Said,
        st.sampled_from([*ADDRESSES[:5] * 2, *ADDRESSES[5:]]),
        st.sampled_from(_KINDS),
        st.none() | st.none() | st.sampled_from(AUDIENCES),
        st.sampled_from([False, False, True]),
        st.sampled_from([False, False, True]),
    ),
    min_size=2,
    max_size=8,
)


def _alike(people: list[Person], alike: bool) -> tuple[Person, ...]:  # noqa: FBT001 (drawn)
    """Return the people, or people who are in the same audiences: of those a preview counts many as one."""
    return tuple(dataclasses.replace(each, memberships=people[0].memberships) if alike else each for each in people)


def worlds() -> st.SearchStrategy[World]:
    """Return worlds; those without opt-outs are the rule, so that other things come to be reasons."""
    return st.builds(
        World,
        st.builds(_alike, _people, st.booleans()),
        (st.just([]) | st.just([]) | _said).map(tuple),
        _documents | st.just({}),
        _documents | st.just({}),
    )


def place(world: World, owner: Database, tenant_id: UUID, user_id: UUID) -> Placed:
    """Put a world into the tables, beside what the tenant has there already."""
    with owner.unit(tenant_id) as unit:
        # What triggers do is not what is tested here, and entries that are lifted cannot be made otherwise.
        unit.execute("set local session_replication_role = replica")
        unit.execute("delete from ops.suppressions where tenant_id = :t", {"t": tenant_id})
        unit.execute("delete from mkt.email_validations where tenant_id = :t", {"t": tenant_id})
        unit.execute("delete from mtrk.mensagens where tenant_id = :t", {"t": tenant_id})
        unit.execute("delete from mkt.audience_contacts where tenant_id = :t", {"t": tenant_id})
        unit.execute("delete from mtrk.contatos where tenant_id = :t", {"t": tenant_id})
        cid, _ = (_add(unit, "mtrk.campanhas (tenant_id, name)", "cid", t=tenant_id, name=str(uuid4())) for _ in "12")
        placed = Placed(world, tenant_id, cid, _audiences(unit, tenant_id, cid), _jobs(unit, tenant_id, user_id))
        for document, sql in (
            (world.tenant, "insert into mkt.tenant_policies (tenant_id, policy) values (:t, :p) on conflict (tenant_id) do update set policy = excluded.policy"),
            (world.campaign, "insert into mkt.campaign_policies (tenant_id, cid, policy) values (:t, :c, :p)"),
        ):  # fmt: skip
            unit.execute(sql.replace(":p", "cast(:p as jsonb)"), {"t": tenant_id, "c": cid, "p": json.dumps(document)})
        for person in world.people:
            placed.rids[person.address] = _place_person(unit, placed, person)
        for said in world.said:
            _place_said(unit, placed, said)
    return placed


def _audiences(unit: Unit, tenant_id: UUID, cid: UUID) -> dict[str, UUID]:
    made = {}
    for name in AUDIENCES:
        made[name] = _add(
            unit,
            "mkt.audiences (tenant_id, name, status)",
            "audience_id",
            t=tenant_id,
            name=f"{name} {cid}",
            status="archived" if name == ARCHIVED else "active",
        )
        if name != OTHER:
            unit.execute(
                "insert into mkt.campaign_audiences (tenant_id, cid, audience_id, excluded) values (:t, :c, :a, :e)",
                {"t": tenant_id, "c": cid, "a": made[name], "e": name == EXCLUDED},
            )
    return made


def _jobs(unit: Unit, tenant_id: UUID, user_id: UUID) -> dict[int, UUID]:
    made = {}
    for number in JOBS:
        made[number] = job = uuid4()
        if number == 0:
            continue
        unit.execute(
            "insert into mkt.quarantines (tenant_id, import_job_id, rules, released_at, released_by_user_id)"
            " values (:t, :j, '[]', case when :free then now() end, case when :free then cast(:u as uuid) end)",
            {"t": tenant_id, "j": job, "free": number != HELD, "u": user_id},
        )
    return made


def _place_person(unit: Unit, placed: Placed, person: Person) -> int:
    tenant = placed.tenant_id
    rid = int(_add(unit, "mtrk.contatos (tenant_id, email)", "rid", t=tenant, email=person.address))
    for each in person.memberships:
        unit.execute(
            "insert into mkt.audience_contacts (tenant_id, audience_id, rid, import_job_id, legal_basis, consent_source, removed_at)"
            " values (:t, :a, :r, :j, :b, :s, case when :gone then now() end)",
            {
                "t": tenant,
                "a": placed.audiences[each.audience],
                "r": rid,
                "j": None if each.job is None else placed.jobs[each.job],
                "b": each.legal_basis,
                "s": each.consent_source,
                "gone": each.removed,
            },
        )
    if person.reason_code is not None:
        unit.execute(
            "insert into mkt.email_validations (tenant_id, rid, status, reason_code, score, validated_at, validator_version, next_validation_at, details_json)"
            " values (:t, :r, :s, :c, 50, now() - make_interval(secs => :age), 'v', now(), cast(:d as jsonb))",
            {
                "t": tenant,
                "r": rid,
                "s": _STATUS_OF[person.reason_code],
                "c": person.reason_code,
                "age": person.age,
                "d": json.dumps({"flags": person.flags}),
            },
        )
    for own, hours in person.messages:
        cid = placed.cid if own else _add(unit, "mtrk.campanhas (tenant_id, name)", "cid", t=tenant, name=str(uuid4()))
        unit.execute(
            "insert into mtrk.mensagens (tenant_id, cid, rid, created_at) values (:t, :c, :r, now() - make_interval(hours => :h))"
            " on conflict do nothing",
            {"t": tenant, "c": cid, "r": rid, "h": hours},
        )
    return rid


def _place_said(unit: Unit, placed: Placed, said: Said) -> None:
    mailbox = canonical(said.address)
    unit.execute(
        "insert into ops.suppressions (tenant_id, audience_id, email, mailbox, mailbox_hash, key_version, kind, source, lifted_at, lifted_as)"
        " select :t, cast(:a as uuid), :e, :m, case when :hashed then mkt.keyed_hash(p.inner_pad, p.outer_pad, :mailbox) end,"
        " case when :hashed then p.key_version end, :k, 'test', case when :lifted then now() end, case when :lifted then 'retracted' end"
        " from (values (1)) as one left join mkt.current_pads(:t) p on true",
        {
            "t": placed.tenant_id,
            "a": None if said.audience is None else placed.audiences[said.audience],
            "e": None if said.hashed else said.address,
            "m": None if said.hashed else mailbox,
            "mailbox": mailbox,
            "hashed": said.hashed,
            "k": said.kind,
            "lifted": said.lifted,
        },
    )


def _add(unit: Unit, table: str, returning: str, **values: object) -> Any:  # noqa: ANN401 (a key of either kind)
    names = ", ".join(f":{name}" for name in values)
    return unit.execute(text(f"insert into {table} values ({names}) returning {returning}"), values).scalar_one()
