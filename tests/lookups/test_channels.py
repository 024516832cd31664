"""One question to DNS: what each kind of answer comes to, through the real library over real sockets."""

from __future__ import annotations

import asyncio

import pytest

from cli.demo.dns_wire import Response, read_question
from pipeline.lookups import MailLookups, NameserverError
from pipeline.verdicts import DomainFacts, Outcome
from tests.support.dns import MISSING, PUBLIC, Host, ScriptedDns, closed_port

X = "empresa.com.br"


def lookups(*nameservers: str, timeout: float = 2.0, query_deadline: float = 12.0) -> MailLookups:
    return MailLookups(nameservers, timeout=timeout, tries=5, query_deadline=query_deadline, concurrency=50)


def check(server: ScriptedDns, domain: str = X, **settings: float) -> DomainFacts:
    with server.serving() as address:
        return asyncio.run(lookups(address, **settings).check(domain))


def test_mail_servers_are_listed_by_preference_in_lower_case() -> None:
    facts = check(ScriptedDns({X: Host(mx=((20, "B.Empresa.com.br"), (10, "A.empresa.com.br")))}))

    assert facts.outcome is Outcome.MX
    assert facts.mx == ((10, "a.empresa.com.br"), (20, "b.empresa.com.br"))
    assert (facts.mx_count, facts.tries) == (2, 1)


def test_a_null_mx_is_kept_as_a_dot() -> None:
    assert check(ScriptedDns({X: Host(mx=((0, "."),))})).mx == ((0, "."),)


def test_without_mx_the_domains_own_address_is_found() -> None:
    facts = check(ScriptedDns({X: Host(a=(PUBLIC,), ttl=600)}))

    assert (facts.outcome, facts.addresses, facts.ttl) == (Outcome.ADDRESS, (PUBLIC,), 600)


def test_without_a_public_ipv4_address_ipv6_is_asked_for_too() -> None:
    facts = check(ScriptedDns({X: Host(a=("10.0.0.1",), aaaa=("2a00:1450::1",))}))

    assert facts.addresses == ("10.0.0.1", "2a00:1450::1")


def test_an_alias_to_a_name_without_mail_servers_is_no_data() -> None:
    assert check(ScriptedDns({X: Host(cname="alvo.com.br"), "alvo.com.br": Host()})).outcome is Outcome.NO_DATA


def test_an_alias_to_a_name_with_mail_servers_has_them() -> None:
    assert (
        check(ScriptedDns({X: Host(cname="alvo.com.br"), "alvo.com.br": Host(mx=((1, "mx.alvo.com.br"),))})).outcome
        is Outcome.MX
    )


class Foreign(ScriptedDns):
    """A server whose answers belong to another name, ``owner``, or to another class."""

    def __init__(self, owner: str, class_number: int = 1) -> None:
        super().__init__({})
        self._owner, self._class = owner, class_number

    def respond(self, question: bytes) -> tuple[Host, bytes]:
        name, kind = read_question(question)
        response = Response(question)
        response.add(self._owner, kind, 300, [(10, "mx.com")] if kind == "MX" else [PUBLIC])
        sent = response.finish("NOERROR")
        own = bytes((0, 15, 0, 1))
        at = sent.rfind(own)
        return self.find(name, kind), sent[:at] + bytes((0, 15, 0, self._class)) + sent[at + 4 :] if at > 0 else sent


@pytest.mark.parametrize(("owner", "class_number"), [("evil.com", 1), (X, 3)])
def test_records_of_another_name_or_class_tell_nothing(owner: str, class_number: int) -> None:
    assert check(Foreign(owner, class_number)).outcome is Outcome.ERROR


def test_names_of_records_may_be_written_in_capitals() -> None:
    facts = check(Foreign(X.upper()))

    assert facts.mx == ((10, "mx.com"),)


def test_an_alias_to_a_missing_name_is_missing() -> None:
    assert check(ScriptedDns({X: Host(cname="alvo.com.br")})).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("rcode", "outcome"),
    [
        ("NXDOMAIN", Outcome.NOT_FOUND),
        ("SERVFAIL", Outcome.SERVFAIL),
        ("REFUSED", Outcome.REFUSED),
        ("NOTIMP", Outcome.ERROR),
        ("FORMERR", Outcome.ERROR),
    ],
)
def test_each_error_of_the_server_has_its_outcome(rcode: str, outcome: Outcome) -> None:
    assert check(ScriptedDns({X: Host(rcode=rcode)})).outcome is outcome


def test_trouble_with_the_address_is_not_taken_for_its_absence() -> None:
    server = ScriptedDns({(X, "MX"): Host(), (X, "A"): Host(rcode="SERVFAIL"), (X, "AAAA"): Host()})

    assert check(server).outcome is Outcome.SERVFAIL


def test_a_silent_server_is_a_time_out() -> None:
    facts = check(ScriptedDns({X: Host(silent=True)}), timeout=0.2, query_deadline=0.4)

    assert (facts.outcome, facts.tries) == (Outcome.TIMEOUT, 2)


def test_an_answer_too_long_for_udp_is_fetched_over_tcp() -> None:
    assert check(ScriptedDns({X: Host(mx=((10, "mx.empresa.com.br"),), truncated=True)})).outcome is Outcome.MX


@pytest.mark.parametrize("tcp", [True, False])
def test_a_resolver_that_shortens_its_answers_and_takes_no_connection_is_not_heard(tcp: bool) -> None:  # noqa: FBT001
    server = ScriptedDns({X: Host(mx=((10, "mx.empresa.com.br"),), truncated=True, tcp_closed=True)})
    with server.serving(tcp=tcp) as address:
        facts = asyncio.run(lookups(address).check(X))

    assert facts.outcome is Outcome.UNHEARD


def test_a_port_where_nobody_listens_is_not_heard() -> None:
    assert asyncio.run(lookups(closed_port()).check(X)).outcome is Outcome.UNHEARD


def test_an_answer_to_another_query_is_none() -> None:
    server = ScriptedDns({X: Host(mx=((10, "mx.empresa.com.br"),), wrong_id=True)})

    assert check(server, timeout=0.2, query_deadline=0.4).outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    "name", ["_smtp.empresa.com.br", "xn--zzzzzzz99999-.com", "xn--.com.br", ".".join(["a" * 63] * 3 + ["b" * 61])]
)
def test_a_strange_name_is_asked_for_as_it_is(name: str) -> None:
    server = ScriptedDns({name: Host(mx=((10, "mx.empresa.com.br"),))})

    assert check(server, name).outcome is Outcome.MX
    assert server.asked(name, "MX") == 1


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localhost",
        "1.2.3.4",
        "::1",
        "a..b",
        "a b.com",
        "a" * 64 + ".com",
        "b." * 127 + "com",
        "pão.com",
        "a\0b.com",
    ],
)
def test_what_is_no_name_is_an_error_without_a_question(name: str) -> None:
    server = ScriptedDns({}, otherwise=Host(mx=((10, "mx.empresa.com.br"),)))

    assert check(server, name).outcome is Outcome.ERROR
    assert server.totals().total() == 0


def test_a_nameserver_may_be_reached_over_ipv6() -> None:
    with ScriptedDns({X: Host(mx=((10, "mx"),))}).serving(host="::1") as address:
        assert address.startswith("[::1]:")
        assert asyncio.run(lookups(address).check(X)).outcome is Outcome.MX


def test_a_nameserver_that_died_is_heard_when_it_is_back() -> None:
    server = ScriptedDns({X: Host(mx=((10, "mx"),))})
    with server.serving() as address:
        pass
    port = int(address.rpartition(":")[2])

    assert asyncio.run(lookups(address).check(X)).outcome is Outcome.UNHEARD
    with server.serving(port):
        assert asyncio.run(lookups(address).check(X)).outcome is Outcome.MX


def test_a_dead_nameserver_is_made_good_by_the_next_one() -> None:
    with ScriptedDns({X: Host(mx=((10, "mx"),))}).serving() as address:
        facts = asyncio.run(lookups(closed_port(), address).check(X))

    assert facts.outcome is Outcome.MX


def test_the_second_opinion_comes_from_the_other_nameserver() -> None:
    wrong, right = ScriptedDns({X: MISSING}), ScriptedDns({X: Host(mx=((10, "mx"),))})
    with wrong.serving() as first, right.serving() as second:
        facts = asyncio.run(lookups(first, second).check(X))

    assert facts.outcome is Outcome.MX
    assert (wrong.asked(X, "MX"), right.asked(X, "MX")) == (1, 1)


@pytest.mark.parametrize(
    "server", ["dns.google", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "8.8.8", "", "user@127.0.0.1:53"]
)
def test_what_is_no_nameserver_is_refused_with_a_sentence(server: str) -> None:
    with pytest.raises(NameserverError, match="is not a nameserver: write an address"):
        lookups(server)


@pytest.mark.parametrize("server", ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:5353"])
def test_a_nameserver_may_have_a_port(server: str) -> None:
    lookups(server)
