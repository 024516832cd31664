"""What all tables share: the metadata, the naming of constraints, and the usual columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    Text,
    Uuid,
    func,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: The tenant that the session is bound to; NULL when it is bound to none, so that nothing can be written or seen.
CURRENT_TENANT = "(NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid"

#: E-mail columns compare by bytes: addresses are stored as ASCII, lower case, and sorting them must not cost a locale.
EmailText = Text(collation="C")


def tenant_column() -> Column[Any]:
    """Return the column that every table but the shared facts of public DNS has."""
    return Column("tenant_id", Uuid, nullable=False)


def uuid_key(name: str) -> Column[Any]:
    """Return a primary key whose values leave the system: time-ordered, not guessable from another (RFC 9562)."""
    return Column(name, Uuid, primary_key=True, server_default=func.uuidv7())


def moment(name: str, *, nullable: bool = True, now: bool = False) -> Column[Any]:
    """Return a column for a point in time, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=func.now() if now else None)


def one_of(column: str, values: Iterable[str], name: str) -> CheckConstraint:
    """Return the constraint that lets a text column hold only these values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=name)


def tenant_foreign_key(column: str, target: str) -> ForeignKeyConstraint:
    """Return a key that cannot point at another tenant's row: ``(tenant_id, column)`` to the same pair of ``target``."""
    table, _, key = target.rpartition(".")
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.{key}"])


def count(name: str) -> Column[int]:
    """Return a column for a counter, which is never NULL and begins at 0."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


EMPTY_OBJECT = text("'{}'::jsonb")
