"""The sequential oracle of undo: what imports do to a base, and what is left of one when it is taken back, in plain dictionaries.

A base is contacts and memberships. Every contact has a mark, which whoever writes it replaces: it says whether somebody has
written it since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

#: A row of a file: name and city, either of which may be empty.
Values = dict[str, str]
#: The address, what the import did, and why that stays; None: it was taken back.
Told = dict[tuple[str, str], str | None]


@dataclass
class Contact:
    """Name and city where they are known, and the mark of who wrote them last."""

    values: Values
    mark: int


@dataclass
class Import:
    """What an import said, and what it did."""

    audience: str
    rows: Mapping[str, Values]
    policy: str
    created: dict[str, Contact] = field(default_factory=dict)  # as it left them
    updated: dict[str, tuple[Contact, Contact]] = field(default_factory=dict)  # before and after
    linked: set[str] = field(default_factory=set)
    is_undone: bool = False

    def merged(self, email: str, old: Values) -> Values:
        """Return what it makes of a contact that is there."""
        given = {name: value for name, value in self.rows[email].items() if value}
        return {"skip": old, "overwrite": {**old, **given}}.get(self.policy, {**given, **old})

    @property
    def is_gone(self) -> bool:
        """Whether nothing that it did is left to take back."""
        return not (self.created or self.updated or self.linked)


@dataclass
class Base:
    """Everything that an undo looks at."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    members: dict[tuple[str, str], Import] = field(default_factory=dict)  # (audience, address): by whom
    taken_out: set[tuple[str, str]] = field(default_factory=set)
    messaged: set[str] = field(default_factory=set)
    suppressed: dict[str, int] = field(default_factory=dict)  # the mark of when
    imports: list[Import] = field(default_factory=list)
    marks: count[int] = field(default_factory=count)

    def take_in(self, audience: str, rows: Mapping[str, Values], policy: str) -> Import:
        """Import a file whose addresses are all different."""
        job = Import(audience, rows, policy)
        self.imports.append(job)
        for email, said in rows.items():
            old = self.contacts.get(email)
            if old is None:
                given = {name: value for name, value in said.items() if value}
                self.contacts[email] = Contact(given, next(self.marks))
                job.created[email] = Contact(dict(given), self.contacts[email].mark)
            elif (new := job.merged(email, old.values)) != old.values:
                self.contacts[email] = Contact(new, next(self.marks))
                job.updated[email] = (old, Contact(dict(new), self.contacts[email].mark))
            if (audience, email) not in self.members:
                self.members[audience, email] = job
                job.linked.add(email)
        return job

    def edit(self, email: str, values: Values) -> None:
        """Write a contact by another hand."""
        self.contacts[email] = Contact({**self.contacts[email].values, **values}, next(self.marks))

    def suppress(self, email: str) -> None:
        """Opt somebody out."""
        self.suppressed[email] = next(self.marks)

    def undo(self, job: Import) -> Told:
        """Take an import back, or what is left of it; returns what became of each thing that it did."""
        later = [each for each in self.imports[self.imports.index(job) + 1 :] if not each.is_undone]
        told: Told = {}
        for email in sorted(job.linked):
            told[email, "link"] = self._link_stays(job, email, later)
        for email in sorted(job.created):
            told[email, "contact"] = self._contact_stays(job, email, later, told.get((email, "link")))
        for email in sorted(job.updated):
            told[email, "fields"] = self._put_back(job, email, later)
        for (email, thing), reason in told.items():
            if reason is None and thing == "link":
                del self.members[job.audience, email]
                job.linked.discard(email)
            elif reason is None and thing == "contact":
                del self.contacts[email]
                del job.created[email]
            elif reason is None:
                before, after = job.updated.pop(email)
                # Who came next and found what this one had made has now found what it had, undone before or not.
                for each in self.imports[self.imports.index(job) + 1 :]:
                    if email in each.updated and each.updated[email][0] == after:
                        made = Contact(each.merged(email, before.values), each.updated[email][1].mark)
                        each.updated[email] = before, made
        job.is_undone = True
        return told

    def _link_stays(self, job: Import, email: str, later: list[Import]) -> str | None:
        if (job.audience, email) in self.taken_out:
            return "taken_out"
        again = any(email in each.rows and each.audience == job.audience for each in later)
        return "imported_again" if again else None

    def _contact_stays(self, job: Import, email: str, later: list[Import], link: str | None) -> str | None:
        others = [by for (_, whom), by in self.members.items() if whom == email and by is not job]
        reasons = {
            "messaged": email in self.messaged,
            "suppressed": self.suppressed.get(email, -1) > job.created[email].mark,
            "changed": self.contacts[email] != job.created[email],
            "linked": bool(others),
            link: link is not None,
            "imported_again": any(email in each.rows for each in later),
        }
        return next((reason for reason, holds in reasons.items() if holds), None)

    def _put_back(self, job: Import, email: str, later: list[Import]) -> str | None:
        if email not in self.contacts:
            return "gone"
        before, after = job.updated[email]
        now, said = self.contacts[email], [each.rows[email] for each in later if email in each.rows]
        if now.mark == after.mark and not said:
            self.contacts[email] = before
            return None
        changed = [
            key
            for key in ("name", "city")
            if before.values.get(key) not in (after.values.get(key), now.values.get(key))
        ]
        moved = [key for key in changed if now.values.get(key) != after.values.get(key)]
        stays = [key for key in changed if key in moved or any(row.get(key) == now.values.get(key) for row in said)]
        back = {key: before.values.get(key) for key in changed if key not in stays}
        values = {key: value for key, value in {**now.values, **back}.items() if value is not None}
        if values == before.values and not stays:
            self.contacts[email] = before
        elif not stays or values != now.values:
            self.contacts[email] = Contact(values, next(self.marks))
        return "changed" if moved else "imported_again" if stays else None
