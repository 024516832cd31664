"""What a tenant may take of what all tenants share: its weight, and its limits."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Float, Integer, PrimaryKeyConstraint, Table

from db.tables.base import metadata, moment, tenant_column

#: A column that is NULL, and a tenant without a row: what the settings say.
tenant_limits = Table(
    "tenant_limits",
    metadata,
    tenant_column(),
    Column("weight", Float(53)),  # its share of the work, beside a tenant of weight 1
    Column("max_jobs", Integer),  # jobs of files that have not ended; 0: any number
    Column("max_rows_per_day", BigInteger),  # 0: any number
    Column("max_file_bytes", BigInteger),
    moment("updated_at", nullable=False, now=True),
    CheckConstraint("weight between 0.01 and 100", name="weight"),
    CheckConstraint("max_jobs >= 0", name="max_jobs"),
    CheckConstraint("max_rows_per_day >= 0", name="max_rows_per_day"),
    CheckConstraint("max_file_bytes > 0", name="max_file_bytes"),
    PrimaryKeyConstraint("tenant_id"),
    schema="mkt",
)
