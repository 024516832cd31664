"""Servers of their own for the tests that kill, with short patience: the figures are of the mechanism, not of a machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.settings import Settings
from tests.support.crew import servers
from tests.support.dns import CANARIES, WORLD, Host, ScriptedDns

#: Domains of the generated files; they all receive mail.
DOMAINS = [f"empresa{n}.com.br" for n in range(40)]


@pytest.fixture(scope="module")
def chaos_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),)) for domain in DOMAINS}}
    with (
        ScriptedDns(script).serving() as address,
        servers(
            tmp_path_factory.mktemp("chaos"),
            dns_nameservers=(address,),
            dns_canaries=CANARIES,
            hint_delay=1.0,
            hint_delay_max=5.0,
            claim_grace=0.5,
            sweep_interval=0.5,
            idle_transaction_limit=2.0,
            max_attempts=50,
        ) as settings,
    ):
        yield settings
