"""Every setting of mkt, read once from the environment (prefix ``MKT_``).

One object, validated as a whole: a wrong environment is reported with all its errors at once, one sentence each,
and never half-used. The table in ``docs/settings.md`` is held against this module by a test.
"""

from __future__ import annotations

import functools
import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

#: Several values in one variable, separated by commas: ``MKT_DNS_NAMESERVERS=127.0.0.1:5353,127.0.0.1:5354``.
CommaList = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """The environment does not make a valid configuration; the text has one line per wrong variable."""


class Settings(BaseSettings):
    """The configuration of one process. Durations are in seconds, sizes in bytes, unless the name says otherwise."""

    model_config = SettingsConfigDict(env_prefix="MKT_", frozen=True, extra="ignore")

    # Where things are
    home: Path = Field(Path(".mkt"), description="Folder of the embedded servers, the default file store and run files")
    database_url: str | None = Field(
        None, description="PostgreSQL, as the owner of the schema; empty: the embedded server"
    )
    worker_database_url: str | None = Field(
        None, description="PostgreSQL as `mkt_worker`; empty: the owner's URL with that role set"
    )
    reader_database_url: str | None = Field(
        None, description="PostgreSQL as `mkt_reader`; empty: the owner's URL with that role set"
    )
    broker_url: str | None = Field(
        None, description="Redis or RabbitMQ (`amqp://…`) for Celery; empty: the embedded Redis"
    )
    store_url: str | None = Field(
        None,
        description="Where files and chunks are kept: `file:///folder` or `s3://bucket/prefix`; empty: `store` in the home",
    )
    s3_endpoint: str | None = Field(
        None, description="Endpoint of an S3-compatible store; empty: AWS. Keys and region come from `AWS_…`"
    )

    hash_keys_file: Path | None = Field(
        None,
        description="File with the keys that mailboxes are hashed with; empty: `keys/hash_keys.json` in the home. Keep a copy elsewhere:"
        " with another key, blocks of erased people are not found",
    )

    # Who asks
    tenant: str = Field("default", description="Tenant (slug) that the command line works for")
    user: str = Field("system", description="User (name) that the command line acts as")
    lang: Literal["en", "pt-BR"] | None = Field(None, description="Language for people; empty: the tenant's locale")

    # Intake
    import_roots: CommaList = Field(
        (), description="URL prefixes that an import over Celery may read: `file:///srv/uploads`, `s3://bucket/prefix`"
    )
    max_file_bytes: int = Field(5 * 1024**3, gt=0, description="Largest file that intake takes")

    max_jobs: int = Field(
        0, ge=0, description="Jobs of files that a tenant may have at once that have not ended; 0: any number"
    )
    max_rows_per_day: int = Field(
        0, ge=0, description="Records that a tenant may bring in from its midnight to the next; 0: any number"
    )
    # Two chunks of the default size: about a second of work, so that even twenty of them hold nobody up for long.
    express_rows: int = Field(
        10_000,
        ge=0,
        description="Records up to which a file is small: such a job has a queue of its own and overtakes large ones",
    )
    give_way: float = Field(
        2.0,
        ge=0,
        le=30,
        description="Longest wait of a large job before a step while a small one is at work, and no longer than MKT_CLAIM_GRACE; 0: none",
    )
    max_unpacked_bytes: int = Field(64 * 1024**3, gt=0, description="Most bytes that a compressed file may unpack to")
    max_unpack_ratio: float = Field(
        200.0, gt=1, description="Most bytes that may come out of a compressed file for each byte in it"
    )

    # The pipeline
    chunk_rows: int = Field(5_000, ge=1, le=50_000, description="Records in a chunk, the unit of work and of retry")
    max_attempts: int = Field(
        5, ge=1, le=100, description="Claims of a chunk at one stage before the job fails with its error"
    )
    tenant_window: int = Field(
        16,
        ge=1,
        le=10_000,
        description="Chunks of one tenant of weight 1 that may be hinted and not finished at a time; at least 2 for any tenant",
    )
    hint_delay: float = Field(
        5.0, gt=0, description="Silence after which a hint is sent again; doubles with every hint that nobody follows"
    )
    hint_delay_max: float = Field(120.0, gt=0, description="Longest silence before a hint is sent again")
    claim_grace: float = Field(
        3.0, gt=0, description="Silence after which a claimed chunk that nobody holds is taken up again"
    )
    idle_transaction_limit: float = Field(
        60.0,
        gt=0,
        description="Silence inside a transaction after which PostgreSQL ends it: what a stopped worker can hold up",
    )
    sweep_interval: float = Field(1.0, gt=0, description="How often beat asks for a sweep")

    # The gate: an import that is worse than this is left out of campaigns until somebody releases it
    gate_invalid: float = Field(
        5.0, ge=0, le=100, description="Most invalid contacts of an import, in percent; 100: as many as there are"
    )
    gate_typos: float = Field(
        2.0, ge=0, le=100, description="Most contacts of an import that seem mistyped, in percent"
    )
    gate_known_bounces: float = Field(
        2.0, ge=0, le=100, description="Most contacts of an import to whom a message bounced before, in percent"
    )
    gate_floor: int = Field(50, ge=1, description="Contacts below which an import is not held to this")

    # DNS
    dns_nameservers: CommaList = Field(
        (), description="Nameservers as `address` or `address:port`; empty: those of the system"
    )
    dns_timeout: float = Field(2.0, gt=0, description="First-try time-out of a DNS query")
    dns_tries: int = Field(5, ge=1, le=10, description="Tries of a DNS query")
    dns_query_deadline: float = Field(12.0, gt=0, description="Longest time for one name, all tries together")
    dns_confirm_delay: float = Field(
        2.0, ge=0, description="Seconds until a name that was denied is asked for again: a liar must lie for so long"
    )
    dns_concurrency: int = Field(200, ge=1, le=2_000, description="DNS queries in flight in one process")
    # Google Public DNS takes 1,500 queries a second from one address; a resolver in AWS 1,024 packets, and drops the rest.
    dns_queries_per_second: int | None = Field(
        None,
        ge=0,
        description="DNS queries per second of all processes together; 0: as many as there are;"
        " empty: 5000, and 0 where all nameservers are on loopback",
    )
    dns_server_queries_per_second: int | None = Field(
        None,
        ge=0,
        description="DNS queries per second to one nameserver; 0: as many as there are; empty: 1000, and on loopback 0",
    )
    dns_in_flight: int = Field(1_000, ge=1, description="DNS queries in flight of all processes together")
    dns_server_in_flight: int = Field(500, ge=1, description="DNS queries in flight to one nameserver")
    dns_chunk_deadline: float = Field(
        45.0, gt=0, description="Longest time that a chunk waits for DNS; later answers come by re-validation"
    )
    dns_canaries: CommaList = Field(
        ("gmail.com", "outlook.com", "uol.com.br"),
        description="Domains known to receive mail; if they do not resolve, the resolver is what is broken",
    )
    revalidation_interval: float = Field(
        30.0, gt=0, description="How often beat asks for what is due to be judged again"
    )
    revalidation_batch: int = Field(
        1_000,
        ge=1,
        le=50_000,
        description="Contacts of one tenant that are judged again before it is the next one's turn",
    )

    # Processes
    worker_concurrency: int = Field(2, ge=1, le=128, description="Processes of the worker")
    dns_worker_concurrency: int = Field(1, ge=1, le=32, description="Processes of the DNS worker")
    express_worker_concurrency: int = Field(1, ge=1, le=128, description="Processes of the worker for small jobs")
    flower_port: int | None = Field(
        None, ge=1, le=65535, description="Port of Flower on loopback; empty: a free one, kept in the home"
    )
    soft_shutdown: float = Field(
        20.0, ge=0, description="Time a stopping worker has to finish its task before the work is given back"
    )

    # Logs and retention
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged")
    log_format: Literal["json", "console"] = Field("json", description="One JSON object a line, or coloured text")
    retain_files_days: int = Field(
        90, ge=1, description="Days that the original file and the chunks of a job are kept after its end"
    )
    retain_rows_months: int = Field(
        24,
        ge=0,
        description="Months that rows of files and the history of verdicts are kept, in whole months; 0: for ever",
    )

    @field_validator("import_roots", "dns_nameservers", "dns_canaries", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator(
        "database_url",
        "worker_database_url",
        "reader_database_url",
        "broker_url",
        "store_url",
        "s3_endpoint",
        "hash_keys_file",
        "lang",
        "flower_port",
        "dns_queries_per_second",
        "dns_server_queries_per_second",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        # Compose files and .env templates pass `MKT_X=` for "not set".
        return None if value == "" else value

    @field_validator("database_url", "worker_database_url", "reader_database_url")
    @classmethod
    def _is_postgresql(cls, value: str | None) -> str | None:
        return _with_scheme(value, "postgresql://", "postgres://", "postgresql+psycopg://")

    @field_validator("broker_url")
    @classmethod
    def _is_broker(cls, value: str | None) -> str | None:
        return _with_scheme(value, "redis://", "rediss://", "redis+socket://", "amqp://", "amqps://")

    @field_validator("store_url")
    @classmethod
    def _is_store(cls, value: str | None) -> str | None:
        return _with_scheme(value, "file:///", "s3://")

    @field_validator("dns_nameservers")
    @classmethod
    def _are_addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            address, _, port = value.removeprefix("[").partition("]:") if "[" in value else value.partition(":")
            if value.count(":") > 1 and "[" not in value:
                address, port = value, ""
            try:
                ipaddress.ip_address(address.rstrip("]"))
                is_port = port == "" or 0 < int(port) < 65536  # noqa: PLR2004 (the range of ports)
            except ValueError:
                is_port = False
            if not is_port:
                msg = f"{value!r} is no address or address:port"
                raise ValueError(msg)
        return values

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.hint_delay > self.hint_delay_max:
            msg = "MKT_HINT_DELAY must not be larger than MKT_HINT_DELAY_MAX"
            raise ValueError(msg)
        if self.retain_rows_months and self.retain_rows_months * 28 < self.retain_files_days:
            msg = "MKT_RETAIN_ROWS_MONTHS must not be shorter than MKT_RETAIN_FILES_DAYS: a job is taken up again by its rows"
            raise ValueError(msg)
        return self

    @property
    def home_path(self) -> Path:
        """The home as an absolute path: processes that we start may have another working directory."""
        return self.home.expanduser().absolute()

    @property
    def hash_keys_path(self) -> Path:
        """The file of the keys that mailboxes are hashed with, as an absolute path."""
        if self.hash_keys_file is None:
            return self.home_path / "keys" / "hash_keys.json"
        return self.hash_keys_file.expanduser().absolute()

    @property
    def is_embedded_database(self) -> bool:
        """Whether PostgreSQL is the one that mkt starts itself."""
        return self.database_url is None

    @property
    def is_embedded_broker(self) -> bool:
        """Whether Redis is the one that mkt starts itself."""
        return self.broker_url is None


def read_settings() -> Settings:
    """Read the environment now. Raises SettingsError that names every wrong variable at once."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_sentences(error))) from None


@functools.lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read at the first call. Raises SettingsError."""
    return read_settings()


def _with_scheme(value: str | None, *schemes: str) -> str | None:
    if value is not None and not value.startswith(schemes):
        msg = f"the URL must begin with {' or '.join(schemes)}"
        raise ValueError(msg)
    return value


def _sentences(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors():
        name = "_".join(str(part) for part in item["loc"][:1])
        text = item["msg"].removeprefix("Value error, ")
        # A URL may hold a password: it is not repeated.
        given = "" if name.endswith("_url") else f" (it is {item['input']!r})"
        lines.append(f"MKT_{name.upper()}: {text}{given}" if name else text)
    return lines
