"""Servers of their own for the tests that kill, with short patience: the figures are of the mechanism, not of a machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from config.settings import Settings
from tests.chaos.stand import DOMAINS, PACE
from tests.support.crew import servers
from tests.support.dns import WORLD, Host, ScriptedDns
from tests.support.rabbitmq import RabbitBroker

__all__ = ["DOMAINS"]


@pytest.fixture(scope="module")
def chaos_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of servers that run; hints travel through the broker that BROKER names."""
    script = {**WORLD, **{domain: Host(mx=((10, f"mx.{domain}"),)) for domain in DOMAINS}}
    folder = tmp_path_factory.mktemp("chaos")
    with ExitStack() as stack:
        changes = {**PACE, "dns_nameservers": (stack.enter_context(ScriptedDns(script).serving()),)}
        if os.environ.get("BROKER") == "rabbitmq":
            rabbit = stack.enter_context(RabbitBroker(folder / "rabbitmq").running())
            changes["broker_url"] = rabbit.url(rabbit.target)
        yield stack.enter_context(servers(folder / "home", durable=False, **changes))
