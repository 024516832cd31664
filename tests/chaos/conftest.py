"""Servers of their own for the tests that kill, with short patience: the figures are of the mechanism, not of a machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config.settings import Settings
from tests.chaos.stand import DOMAINS, PACE
from tests.support.crew import servers
from tests.support.dns import WORLD, Host, ScriptedDns

__all__ = ["DOMAINS"]


@pytest.fixture(scope="module")
def chaos_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),)) for domain in DOMAINS}}
    with (
        ScriptedDns(script).serving() as address,
        servers(tmp_path_factory.mktemp("chaos"), durable=False, dns_nameservers=(address,), **PACE) as settings,
    ):
        yield settings
