"""The answer to a person who asks what is kept of them (LGPD art. 19, II): origin, criteria, purpose, or that there is nothing.

For the person to read: whole sentences, no codes without their meaning, in Markdown that reads well as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cli.session import Session
from db.dossiers import Campaign, Contact, Dossier, LedgerRow, Membership, OptOut
from pipeline.spellings import Spellings


def answer(session: Session, person: Spellings, found: Dossier) -> str:
    """Return the answer, in the language of whoever asks for it."""
    return "\n".join(_Answer(session, person, found).lines()) + "\n"


class _Answer:
    def __init__(self, session: Session, person: Spellings, found: Dossier) -> None:
        self._say, self._words = session.words.say, session.words
        self._tenant, self._settings = session.tenant, session.settings
        self._person, self._found = person, found

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        found, say = self._found, self._say
        yield f"# {say('privacy.title')}"
        yield ""
        yield say("privacy.head", tenant=self._tenant.slug, address=self._person.address, at=datetime.now(UTC))
        yield ""
        if found.erasing is not None:
            yield say("privacy.erasing", at=found.erasing.created_at)
            yield ""
        elif found.erased_at is not None:
            yield say("privacy.erased", at=found.erased_at)
            yield ""
        if not (found.contacts or found.rows or found.mentions or found.deliveries or self._own_opt_outs()):
            yield say("privacy.nothing")
            return
        yield from self._section("data", self._contacts())
        yield from self._section("origin", map(self._row, found.rows))
        yield from self._section("mentions", map(self._mention, found.mentions))
        yield from self._section("purpose", map(self._membership, found.memberships))
        yield from self._section("criteria", self._verdicts())
        yield from self._section("messages", [*map(self._campaign, found.campaigns), *self._deliveries()])
        yield from self._section("opt_outs", map(self._opt_out, self._own_opt_outs()))
        yield from self._section("kept", [self._kept()])
        yield from self._section("rights", [say("privacy.rights_text")])

    def _section(self, name: str, lines: object) -> Iterator[str]:
        told = list(lines)  # type: ignore[call-overload]
        yield f"## {self._say(f'privacy.section.{name}')}"
        yield ""
        yield from told or [self._say(f"privacy.none.{name}")]
        yield ""

    def _own_opt_outs(self) -> list[OptOut]:
        return [each for each in self._found.opt_outs if each.kind != "erasure"]

    def _contacts(self) -> Iterator[str]:
        for contact in self._found.contacts:
            yield f"* {self._say('privacy.contact', address=contact.email, name=contact.name or '-', at=contact.created_at)}"
            yield from self._attributes(contact)

    def _attributes(self, contact: Contact) -> Iterator[str]:
        for name, value in contact.attributes.items():
            yield f"  * {name}: {value}"

    def _row(self, row: LedgerRow) -> str:
        return self._told(row, self._cells(row))

    def _mention(self, row: LedgerRow) -> str:
        """Tell only the cells that name the person: the others are somebody else's."""
        return self._told(row, {name: text for name, text in self._cells(row).items() if self._person.is_in(str(text))})

    def _cells(self, row: LedgerRow) -> dict[str, object]:
        name = self._say("column.name")
        return {"e-mail": row.raw_email, name: row.raw_name, **row.attributes, **(row.consent or {})}

    def _told(self, row: LedgerRow, cells: dict[str, object]) -> str:
        return "* " + self._say(
            "privacy.row",
            at=row.created_at,
            file=row.file_name,
            number=str(row.row_number),
            user=row.uploaded_by or "-",
            cells="; ".join(f"{name}: {text}" for name, text in cells.items() if text),
        )

    def _membership(self, each: Membership) -> str:
        basis = self._say(f"privacy.basis.{each.legal_basis or 'nao_informada'}")
        source = each.consent_source or self._say("privacy.not_said")
        text = self._say(
            "privacy.membership",
            audience=each.audience,
            description=each.description or self._say("privacy.not_said"),
            at=each.added_at,
            basis=basis,
            source=source,
        )
        if each.consented_at is not None:
            text += " " + self._say(
                "privacy.consented", at=each.consented_at, ip=each.consent_ip or "-", form=each.consent_form or "-"
            )
        if each.removed_at is not None:
            text += " " + self._say("privacy.removed", at=each.removed_at)
        return f"* {text}"

    def _verdicts(self) -> Iterator[str]:
        yield self._say("privacy.criteria_text")
        if not any(self._found.judgements.values()):
            yield self._say("privacy.none.criteria")
        for rid, judgements in self._found.judgements.items():
            email = next(contact.email for contact in self._found.contacts if contact.rid == rid)
            for each in judgements:
                status = self._say(f"verdict.{each.status}")
                yield "* " + self._say(
                    "privacy.verdict",
                    address=email,
                    at=each.at,
                    status=status,
                    sentence=self._words.reason(each.reason_code),
                )
        for decided in self._found.decisions:
            yield "* " + self._say(f"privacy.decided.{decided.decision}", entry=decided.entry, at=decided.decided_at)

    def _campaign(self, each: Campaign) -> str:
        key = "sent" if each.sent_at is not None else each.outcome
        return "* " + self._say(
            f"privacy.campaign.{key}",
            campaign=each.campaign,
            at=each.sent_at or each.decided_at or "-",
            rule=each.rule or "-",
        )

    def _deliveries(self) -> Iterator[str]:
        for each in self._found.deliveries:
            yield "* " + self._say(f"privacy.delivery.{each.kind}", address=each.email, at=each.occurred_at)

    def _opt_out(self, each: OptOut) -> str:
        where = self._say("privacy.everywhere") if each.audience is None else each.audience
        text = self._say(
            "privacy.said", kind=self._say(f"privacy.opt_out.{each.kind}"), where=where, at=each.occurred_at
        )
        return f"* {text}" + ("" if each.lifted_at is None else " " + self._say("privacy.lifted", at=each.lifted_at))

    def _kept(self) -> str:
        months = self._settings.retain_rows_months
        files = self._say("privacy.kept_files", days=self._settings.retain_files_days)
        return f"{files} " + (
            self._say("privacy.kept_rows", months=months) if months else self._say("privacy.kept_rows_for_ever")
        )
