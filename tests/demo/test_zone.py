"""The DNS server and the zone of the demonstration."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime

from dnslib import EDNS0, QTYPE, RCODE, DNSRecord

from cli.demo.dns_server import DnsServer, Host
from cli.demo.zone import COMPANIES, PROVIDERS, TYPOS, demo_zone, demo_zone_server, numbered_domains, numbered_zone
from config.settings import Settings
from pipeline.lookups import MailLookups
from pipeline.verdicts import ReasonCode, judge_domain


def lookups(address: str) -> MailLookups:
    return MailLookups([address], timeout=0.3, tries=3, query_deadline=0.9, concurrency=50)


def exchange(address: str, query: DNSRecord) -> DNSRecord:
    host, port = address.split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(query.pack(), (host, int(port)))
        return DNSRecord.parse(client.recv(4096))


def test_the_canaries_of_the_default_settings_are_content() -> None:
    with demo_zone_server() as address:
        assert asyncio.run(lookups(address).canaries(Settings().dns_canaries)).reason == "ok"


def test_the_zone_shows_a_verdict_of_every_kind_and_mostly_good_ones() -> None:
    async def reasons(address: str) -> Counter[ReasonCode]:
        names = [*PROVIDERS, *COMPANIES, *TYPOS]
        async with aclosing(lookups(address).check_many(names, deadline=20)) as answers:
            now = datetime.now(UTC)
            return Counter([judge_domain(facts, attempt=0, checked_at=now).reason_code async for facts in answers])

    with demo_zone_server() as address:
        found = asyncio.run(reasons(address))

    assert found.total() == len(PROVIDERS) + len(COMPANIES) + len(TYPOS)
    assert found[ReasonCode.MX_OK] == len(PROVIDERS) + len(COMPANIES) - 31
    assert set(found) == {
        *(
            ReasonCode.MX_OK,
            ReasonCode.IMPLICIT_MX,
            ReasonCode.NULL_MX,
            ReasonCode.DOMAIN_NOT_FOUND,
            ReasonCode.NO_MAIL_HOST,
        ),
        *(ReasonCode.UNROUTABLE_MAIL_HOST, ReasonCode.DNS_SERVFAIL, ReasonCode.DNS_TIMEOUT),
        ReasonCode.POSSIBLE_TYPO,
    }


def test_companies_are_two_hundred_different_names() -> None:
    assert len(set(COMPANIES)) == 200
    assert set(COMPANIES) - set(demo_zone())  # some have lapsed


def test_an_answer_repeats_the_question_as_it_was_asked() -> None:
    with DnsServer({"empresa.com.br": Host(mx=((10, "mx.empresa.com.br"),))}).serving() as address:
        for name in ("empresa.com.br", "EmPrEsA.com.br", "empresa.com.br"):
            query = DNSRecord.question(name, "MX")
            reply = exchange(address, query)

            assert reply.header.id == query.header.id
            assert str(reply.q.qname) == f"{name}."
            assert str(reply.rr[0].rdata) == "10 mx.empresa.com.br."


def test_a_name_outside_of_the_zone_does_not_exist() -> None:
    with DnsServer({}).serving() as address:
        reply = exchange(address, DNSRecord.question("nada.com.br", "MX"))

    assert reply.header.rcode == RCODE.NXDOMAIN
    assert [record.rtype for record in reply.auth] == [QTYPE.SOA]


def test_rubbish_does_not_stop_the_server() -> None:
    with DnsServer({"x.com": Host(a=("192.0.2.1",))}).serving() as address:
        host, port = address.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for rubbish in (b"", b"\0", b"\0" * 12, b"\xff" * 40):
                client.sendto(rubbish, (host, int(port)))
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"\0\3abc")

        assert exchange(address, DNSRecord.question("x.com", "A")).header.rcode == RCODE.NOERROR


def test_every_mail_server_of_the_zone_has_an_address() -> None:
    zone = demo_zone() | numbered_zone(3)
    servers = {name for host in zone.values() for _, name in host.mx} - {"."}

    assert all(zone[name].a for name in servers)


def test_numbered_domains_can_be_as_slow_and_silent_as_the_internet() -> None:
    zone = numbered_zone(1000, delay=0.03, silent=0.02)
    delays = sorted(host.delay for host in zone.values() if host.mx)

    assert zone == numbered_zone(1000, delay=0.03, silent=0.02)
    assert 5 < sum(host.silent for host in zone.values()) < 50
    assert 0.025 < delays[len(delays) // 2] < 0.035


def test_an_answer_that_is_too_long_for_the_client_is_cut_short() -> None:
    query = DNSRecord.question("x.com", "TXT")
    with DnsServer({"x.com": Host(txt=("x" * 2000,))}).serving() as address:
        assert exchange(address, query).header.tc
        query.add_ar(EDNS0(udp_len=4096))
        reply = exchange(address, query)

    assert not reply.header.tc
    assert b"".join(reply.rr[0].rdata.data) == b"x" * 2000


def test_the_zone_can_be_served_by_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "cli.demo.zone", "--domains", "3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        for _ in range(2):
            reply = exchange(address, DNSRecord.question(numbered_domains(3)[2], "MX"))
        counts, _ = process.communicate("\nnames\n", timeout=10)

    assert reply.rr
    assert [json.loads(line) for line in counts.splitlines()] == [{"MX": 2}, {"MX": 1}]
    assert process.returncode == 0
