"""`mkt demo`: the whole way from files to a campaign, on servers of its own and an offline piece of DNS.

It runs the very commands that people type, and shows each before it runs.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer

from cli.command import command
from cli.crew import crew
from cli.demo.lists import BOUGHT_FILE, EVENT_FILE, GUEST, OPT_OUTS_FILE, READER, SITE_FILE, SITE_ROWS, write_lists
from cli.demo.zone import demo_zone_server
from cli.refusals import RefusedError
from cli.session import Asked, Session
from cli.words import machine_language
from config.settings import Settings, read_settings
from config.settings import settings as process_settings
from db import audiences, campaigns
from workers import servers

app = typer.Typer()

#: The audiences: examples of the platform's own.
SITE, BOUGHT, EVENT = "Leads do site", "Base comprada", "Evento Março 2026"
CAMPAIGN: Final = "Lançamento de abril"
REPORT: Final = "relatorio.html"
#: Variables that would lead the demonstration to somebody's real data.
_NOT_OURS: Final = (
    "MKT_DATABASE_URL", "MKT_WORKER_DATABASE_URL", "MKT_READER_DATABASE_URL", "MKT_BROKER_URL", "MKT_STORE_URL", "MKT_TENANT", "MKT_USER",
    "MKT_HASH_KEYS_FILE",
)  # fmt: skip


@command(app, "demo", "demo", with_json=False)
def demo(session: Session) -> None:
    """Go the whole way, with the troubles of real life."""
    home = session.settings.home_path / "demo"
    lang = session.asked.lang or session.settings.lang or machine_language()
    with demo_zone_server() as address:
        ours = _settings_of(home, address)
        with _running(ours), Session(Asked(lang=lang), ours) as inner, crew(inner):
            code = Walk(inner, home).go()
    raise typer.Exit(code)


def _settings_of(home: Path, nameserver: str) -> Settings:
    """Make the demonstration's settings those of this process and of the workers that it starts."""
    for name in _NOT_OURS:
        os.environ.pop(name, None)
    # One of the zone's domains never answers; here, where nothing is far away, that is soon clear.
    patience = {"MKT_DNS_TIMEOUT": "0.5", "MKT_DNS_QUERY_DEADLINE": "3"}
    os.environ |= {"MKT_HOME": str(home), "MKT_DNS_NAMESERVERS": nameserver, **patience}
    process_settings.cache_clear()
    return read_settings()


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    """Run the servers while the block does; the ones that ran before go on."""
    ran = all(server.running for server in servers.status(settings))
    servers.start(settings)
    try:
        yield
    finally:
        if not ran:
            servers.stop(settings)


class Walk:
    """The way, step by step, in the order of the platform's own document: from an audience to a send."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session, self._folder = session, folder
        self._code = 0

    def go(self) -> int:
        """Go it; returns the exit code of the first command that did not succeed, or 0."""
        screen, began = self._session.screen, time.monotonic()
        write_lists(self._folder)
        screen.say("demo.welcome", rows=SITE_ROWS, path=str(self._folder))
        again = ["--again"] if self._audiences() else []
        self._imports(again)
        self._opt_outs(again)
        name = self._campaign()
        self._answers(name)
        if not self._code:
            screen.line()
            screen.say("demo.took", time=self._session.words.seconds(time.monotonic() - began))
            self._next_steps(name)
        return self._code

    def _audiences(self) -> bool:
        """Make the audiences; returns whether they were there: it has run before."""
        self._say("audiences")
        with self._session.context.database.reading(self._session.tenant.tenant_id) as unit:
            there = audiences.find(unit, SITE) is not None
        if there:
            self._session.screen.say("demo.seen_before")
            return True
        self._run("audience", "create", SITE, "--basis", "legitimo_interesse", "--source", "web_form")
        self._run("audience", "create", BOUGHT, "--source", "purchased")
        self._run("audience", "create", EVENT, "--source", "event")
        return False

    def _imports(self, again: list[str]) -> None:
        agreed = ["--map", "Data do consentimento=opt_in_time", "--map", "Base legal=legal_basis"]
        for name, file, audience, options in (
            ("site", SITE_FILE, SITE, []),
            ("bought", BOUGHT_FILE, BOUGHT, []),
            ("event", EVENT_FILE, EVENT, agreed),
        ):
            self._say(name)
            self._run("import", str(self._folder / file), "--audience", audience, *options, *again)

    def _opt_outs(self, again: list[str]) -> None:
        self._say("opt_outs")
        self._run("suppress", "import", str(self._folder / OPT_OUTS_FILE), "--kind", "unsubscribe", *again)

    def _campaign(self) -> str:
        """Make the campaign and look at whom it reaches; returns its name."""
        self._say("campaign")
        with self._session.context.database.reading(self._session.tenant.tenant_id) as unit:
            made = len(campaigns.everything(unit))
        name = f"{CAMPAIGN} ({made + 1})" if made else CAMPAIGN
        self._run("campaign", "create", name, "--audience", SITE, "--audience", BOUGHT, "--audience", EVENT)
        self._say("preview")
        self._run("campaign", "preview", name)
        self._say("explain")
        self._run("campaign", "explain", name, READER)
        self._run("campaign", "explain", name, GUEST)
        return name

    def _answers(self, name: str) -> None:
        self._say("send")
        self._run("campaign", "send", name, "--simulate")
        self._run("campaign", "send", name, "--simulate", is_refused=True)
        self._say("report")
        self._run("report", BOUGHT, "--html", str(self._folder / REPORT), "--force")

    def _say(self, step: str) -> None:
        if not self._code:
            self._session.screen.line()
            self._session.screen.say(f"demo.step.{step}")

    def _run(self, *arguments: str, is_refused: bool = False) -> None:
        """Show a command and run it, unless one before it did not succeed. ``is_refused``: it will be, and says why."""
        if self._code:
            return
        # The command line knows this command, and not the other way round.
        from cli.main import app as mkt  # noqa: PLC0415 (see above)
        from cli.main import explained  # noqa: PLC0415 (see above)

        self._session.screen.line(f"$ mkt {shlex.join(arguments)}")
        sys.stdout.flush()
        try:
            self._code = mkt(list(arguments), obj=Asked(lang=self._session.words.lang), standalone_mode=False) or 0
        except RefusedError as refusal:
            if not is_refused:
                raise
            self._session.screen.line(explained(refusal, self._session.words) or "")

    def _next_steps(self, name: str) -> None:
        screen, home = self._session.screen, shlex.quote(str(self._session.settings.home_path))
        # The newcomer who typed `make demo` has no `mkt` on the PATH yet.
        mkt = "mkt" if shutil.which("mkt") else shlex.quote(str(Path(sys.executable).with_name("mkt")))
        screen.line()
        screen.say("demo.next")
        for key, line in (
            ("contact", f"MKT_HOME={home} {mkt} contact show {GUEST}"),
            ("jobs", f"MKT_HOME={home} {mkt} job list"),
            ("campaign", f"MKT_HOME={home} {mkt} campaign policy {shlex.quote(name)}"),
            ("check", f"MKT_HOME={home} {mkt} check ana@gamil.com --history"),
            ("preview", f"{mkt} preview {shlex.quote(str(self._folder / BOUGHT_FILE))}"),
            ("doctor", f"MKT_HOME={home} {mkt} doctor"),
            ("own", f"{mkt} audience create Clientes && {mkt} import FILE.csv --audience Clientes"),
        ):
            screen.line(f"  {line}")
            screen.line(f"      {self._session.words.say(f'demo.try.{key}')}")
