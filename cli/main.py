"""The `mkt` command: its groups of commands, and what becomes of errors.

Exit codes: 0 fine; 1 the job failed or was cancelled, or the doctor found something broken; 2 wrong usage or bad input,
with one sentence on standard error; 130 interrupted.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from cli import (
    audiences,
    audit_trail,
    campaigns,
    check,
    contacts,
    deliveries,
    doctor,
    imports,
    jobs,
    limits,
    membership,
    metrics,
    people,
    preview,
    privacy,
    reports,
    revalidate,
    saved_mappings,
    services,
    suppress,
    verdict_overrides,
)
from cli.command import Lang, Tenant, User, group
from cli.demo import command as demo
from cli.misuse import UsageError, tell
from cli.refusals import Refusal, RefusedError
from cli.session import Asked
from cli.show import error_console
from cli.words import Words, chosen_language
from config.hash_keys import HashKeysError
from config.settings import SettingsError
from db.faults import PassedOverError
from pipeline.control import ControlRefusedError
from pipeline.hash_keys import HashKeysRefusedError
from pipeline.intake_problems import IntakeRefusedError
from pipeline.lookups import NameserverError
from pipeline.pausing import PauseRefusedError
from pipeline.problems import FileProblem
from pipeline.tenant_limits import LimitReachedError
from pipeline.troubles import Trouble, trouble_of
from workers.errors import BrokerError, has_answered
from workers.procfile import ProcfileError
from workers.servers import ServersError

#: Errors whose text is a sentence for people.
_SENTENCES = (
    SettingsError,
    HashKeysError,
    ServersError,
    ProcfileError,
    NameserverError,
)

#: Errors that say which sentence of the catalogue is theirs, and what fills it in.
_SAID_BY_KEY = (HashKeysRefusedError, ControlRefusedError, PauseRefusedError, LimitReachedError, IntakeRefusedError)

BAD_INPUT = 2
#: SQLSTATE of a session that lacks the keys by which erased people are known (mkt.hash_pads).
KEYS_UNUSABLE = "F0000"
#: SQLSTATE of an event that would put somebody's address into the audit trail (mkt.refuse_address_in_event).
ADDRESS_IN_EVENT = "MK001"
#: SQLSTATE of a transaction that took longer than it may (transaction_timeout).
TOOK_TOO_LONG = "25P04"
_BY_STATE = {
    KEYS_UNUSABLE: Refusal.HASH_KEYS_UNUSABLE,
    ADDRESS_IN_EVENT: Refusal.AUDIT_ADDRESS,
    TOOK_TOO_LONG: Refusal.TOO_LONG,
}
INTERRUPTED = 130

app = group("mkt")
for part in (demo, services, preview, imports, check, reports, revalidate, doctor, metrics):
    app.add_typer(part.app)
audiences.app.add_typer(membership.app)
people.tenant_app.add_typer(limits.app)
for name, child in (
    ("services", services.services_app),
    ("db", services.db_app),
    ("tenant", people.tenant_app),
    ("user", people.user_app),
    ("audience", audiences.app),
    ("campaign", campaigns.app),
    ("job", jobs.app),
    ("mapping", saved_mappings.app),
    ("delivery", deliveries.app),
    ("verdict", verdict_overrides.app),
    ("suppress", suppress.app),
    ("contact", contacts.app),
    ("privacy", privacy.app),
    ("audit", audit_trail.app),
):
    app.add_typer(child, name=name)


@app.callback()
def root(ctx: typer.Context, tenant_: Tenant = None, user_: User = None, lang_: Lang = None) -> None:
    """Take in the options that stand before the command."""
    ctx.obj.add(tenant=tenant_, user=user_, lang=lang_)


@functools.cache
def assembled() -> Callable[..., object]:
    """Return the whole command line, put together once: all its commands, and every option of each."""
    return typer.main.get_command(app)


def run() -> None:
    """Run the command line."""
    asked = Asked()
    try:
        with _output():
            code = assembled()(obj=asked, prog_name="mkt", standalone_mode=False)
    except UsageError as error:
        tell(error, _words(asked))
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has had enough
        sys.exit(0)
    except Exception as error:
        if was_interrupted(error):
            sys.exit(INTERRUPTED)
        said = explained(error, _words(asked))
        if said is None:
            raise
        error_console().print(said, soft_wrap=True, markup=False, style="red")
        sys.exit(BAD_INPUT)
    sys.exit(code if isinstance(code, int) else 0)


def _words(asked: Asked) -> Words:
    """Return how to speak to whoever asked."""
    return asked.words or Words(asked.lang or chosen_language())


def was_interrupted(error: BaseException | None) -> bool:
    """Return whether an error is what became of an interrupt: in the middle of a query, tidying up fails in its turn."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


@contextmanager
def _output() -> Iterator[None]:
    """Write what is in the buffer before the block ends: what fails later, at the interpreter's end, nobody can explain.

    Raises OSError where there is no standard output, and where it takes no more.
    """
    if sys.stderr is None:  # closed by the caller: what we say has nowhere to go
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (until the end of the process)
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "stdout")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except SystemExit as ended:
        # Typer makes exit code 1 of a closed pipe; that is our word for a job that failed.
        if isinstance(ended.__context__, BrokenPipeError):
            _discard_output()
            raise ended.__context__ from None
        raise
    except OSError:
        _discard_output()
        raise


def _discard_output() -> None:
    """Let what is left in the buffer go nowhere, if it does not go where it should."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explained(error: Exception, words: Words) -> str | None:  # noqa: PLR0911 (one per kind)
    """Return what to say about an error that is not a fault of the program; None: it is one."""
    if isinstance(error, RefusedError):
        return words.say(f"refused.{error.refusal}", **error.params)
    if isinstance(error, _SAID_BY_KEY):
        return words.say(error.key, **error.params)
    if isinstance(error, DBAPIError) and (refusal := _BY_STATE.get(getattr(error.orig, "sqlstate", None) or "")):
        return words.say(f"refused.{refusal}")
    if isinstance(error, FileProblem):
        return error.sentence(words.lang)
    if isinstance(error, _SENTENCES):
        return str(error)
    if (said := _of_surroundings(error, words)) is not None:
        return said
    if isinstance(error, UnicodeEncodeError):
        return words.say(f"refused.{Refusal.NOT_UTF8}")
    if isinstance(error, OSError) and error.strerror:
        return words.say(
            f"refused.{Refusal.SYSTEM}",
            error=f"{error.strerror} ({error.filename})" if error.filename else error.strerror,
        )
    if isinstance(error, BrokerError):
        refusal = Refusal.BROKER_REFUSES if has_answered(error) else Refusal.BROKER_AWAY
        return words.say(f"refused.{refusal}", error=_first_line(error))
    return None


def _of_surroundings(error: Exception, words: Words) -> str | None:
    """Return what to say about a database or a store that is away, full, or takes nothing."""
    if isinstance(error, PassedOverError):
        return words.say(f"refused.{Refusal.PASSED_OVER}", table=error.table)
    reason = _first_line(getattr(error, "orig", None) or error)
    is_system = isinstance(error, OSError) and error.strerror  # an OSError of the store's own has no such word
    if not is_system and trouble_of(error) not in (None, Trouble.DATABASE_AWAY):
        return words.say(f"refused.{Refusal.TROUBLE}", error=reason)
    if isinstance(error, OperationalError | InterfaceError):
        return words.say(f"refused.{Refusal.DATABASE_AWAY}", error=reason)
    return None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
