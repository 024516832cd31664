"""The setting of one command: who asks, in which language, for which tenant, with the servers and the schema it needs.

Everything opens at first use, so that a command touches only what it needs.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from cli.refusals import Refusal, RefusedError
from cli.show import Screen
from cli.words import Words, language_of, machine_language
from config import hash_keys
from config.endpoints import database_url
from config.logs import configure_logs
from config.settings import Settings, read_settings
from db import hash_keys as db_hash_keys
from db import reports, tenants
from db.chunks import ChunkRef
from db.upgrade import expected_revisions, upgrade
from pipeline.context import Context, make_context
from workers import servers


@dataclass
class Asked:
    """What the common options say, wherever on the command line they stood; None: the environment decides."""

    tenant: str | None = None
    user: str | None = None
    lang: str | None = None
    json: bool = False
    words: Words | None = None  # how to speak to whoever asked, once that is known: what an error is told in

    def add(self, *, tenant: str | None, user: str | None, lang: str | None, json: bool = False) -> None:
        """Take the options in; the ones nearer to the command win."""
        self.tenant, self.user, self.lang = tenant or self.tenant, user or self.user, lang or self.lang
        self.json = self.json or json


class Session:
    """One command's settings, tenant, user and tools; closes what was opened when its block ends."""

    def __init__(self, asked: Asked, settings: Settings | None = None) -> None:
        self.asked = asked
        self._given = settings
        self._tenant: tenants.Tenant | None = None

    def __enter__(self) -> Self:
        settings = self.settings
        # People read sentences; the log is for who asks for it.
        configure_logs(settings, level=None if "log_level" in settings.model_fields_set else "CRITICAL")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.asked.words = self.words
        if "context" in self.__dict__:
            self.context.database.dispose()

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings. Raises SettingsError."""
        return self._given or read_settings()

    @property
    def words(self) -> Words:
        """Sentences for whoever asks: as asked for, else as the tenant reads, else as the machine is set up."""
        chosen = self.asked.lang or self.settings.lang
        if self._tenant is None:
            return Words(chosen or machine_language())
        return Words(chosen or language_of(self._tenant.locale), self._tenant.timezone)

    @property
    def screen(self) -> Screen:
        """Where results and messages go."""
        return Screen(self.words, as_json=self.asked.json)

    @functools.cached_property
    def owner_url(self) -> str:
        """The database as its owner: the server runs, the schema is the one this code needs."""
        settings, url = self.settings, database_url(self.settings)
        if settings.is_embedded_database:
            self.start_servers()
        present = set(reports.revisions(url))
        expected = expected_revisions()
        if settings.is_embedded_database:
            if not present >= set(expected.values()):
                upgrade_database(settings, standalone=True)
        elif expected["mkt"] not in present:
            raise RefusedError(Refusal.SCHEMA_BEHIND)
        return url

    @functools.cached_property
    def context(self) -> Context:
        """The pipeline's tools; hints go out over Celery."""
        _ = self.owner_url
        return make_context(self.settings, self._dispatch)

    @property
    def is_database_running(self) -> bool:
        """Whether the database can be asked without starting it; always said of one that is set by URL."""
        if not self.settings.is_embedded_database:
            return True
        return all(server.running for server in servers.status(self.settings) if server.name == "PostgreSQL")

    @property
    def tenant(self) -> tenants.Tenant:
        """The tenant that is worked for. Raises RefusedError where there is none of that name."""
        if self._tenant is None:
            slug = self.asked.tenant or self.settings.tenant
            with self.context.database.reading(None) as unit:
                found = tenants.find(unit, slug)
            if found is None:
                raise RefusedError(Refusal.NO_TENANT, slug=slug)
            self._tenant = found
        return self._tenant

    @functools.cached_property
    def user_id(self) -> UUID:
        """The user that acts. Raises RefusedError where the tenant has none of that name."""
        name = self.asked.user or self.settings.user
        with self.context.database.reading(self.tenant.tenant_id) as unit:
            found = tenants.find_user(unit, name)
        if found is None:
            raise RefusedError(Refusal.NO_USER, name=name, tenant=self.tenant.slug)
        return found

    def start_broker(self) -> None:
        """Start the embedded Redis if it is the one that is used."""
        if self.settings.is_embedded_broker:
            self.start_servers()

    def start_servers(self) -> None:
        """Start the embedded servers that do not run; says so where that takes long. Raises ServersError."""
        path = str(self.settings.home_path)
        servers.start(self.settings, told=lambda: self.screen.tell("services_waited_for", path=path))

    def _dispatch(self, refs: Sequence[ChunkRef]) -> None:
        # Celery is slow to import, and most commands send nothing.
        from workers.app import app  # noqa: PLC0415
        from workers.dispatch import CeleryDispatch  # noqa: PLC0415

        self.start_broker()
        CeleryDispatch(app)(refs)


def upgrade_database(settings: Settings, *, standalone: bool) -> list[str]:
    """Bring the schema to this code's; a database that stands alone also gets the tenant and user that are used by default.

    Makes the key file of hashes where there is none and none was ever used. Raises HashKeysError.
    """
    url = database_url(settings)
    revisions = upgrade(url, standalone=standalone)
    if standalone:
        tenants.create(url, tenants.DEFAULT_TENANT, tenants.DEFAULT_TENANT)
    if hash_keys.read(settings) is None and not db_hash_keys.is_any_used(url):
        hash_keys.make(settings)
        if settings.is_embedded_database:
            servers.start(settings)  # it runs, and is given the keys
    return revisions
