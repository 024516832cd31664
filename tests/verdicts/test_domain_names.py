"""What a domain's name says: lists, their exceptions, and alphabets."""

from __future__ import annotations

import idna
import pytest
from disposable_email_domains import blocklist

from pipeline.verdicts import VALIDATOR_VERSION, judge_domain
from pipeline.verdicts.domain_names import registrable
from pipeline.verdicts.lists import fingerprint, load, names, version
from tests.verdicts.evidence import IPV4, good, host, mail


def said_of(domain: str) -> tuple[str, set[str], set[str]]:
    verdict = judge_domain(mail(host(IPV4), domain=domain))
    return verdict.reason_code, set(verdict.flags), set(verdict.details["lists"])


@pytest.mark.parametrize("domain", ["guerrillamailblock.com", "x.guerrillamailblock.com", "a.b.tmail.com"])
def test_a_domain_below_a_disposable_one_is_disposable(domain: str) -> None:
    assert said_of(domain) == ("disposable_domain", set(), {"disposable"})


def test_a_list_of_our_own_is_named_with_its_version() -> None:
    lists = judge_domain(good("ok.33mail.com")).details["lists"]

    assert lists == {"disposable_extra": version("disposable")}


@pytest.mark.parametrize(
    "domain",
    [
        *("plop.com", "ok.plop.com", "hush.com", "lavabit.com", "4x4man.com", "alphafrau.de", "fastmessaging.com"),
        *("nospammail.net", "veryfast.biz", "fastmail.fm", "iwi.net", "gide.com", "roquette.com", "calvarylufkin.org"),
        *("21cn.com", "mail.99.com", "25u.com", "xguerrillamailblock.com", "guerrillamailblock.com.br"),
        *("sify.com", "mail.by", "mail333.com", "spamarrest.com", "ana.mooo.com", "ana.us.to", "chickenkiller.com"),
    ],
)
def test_a_real_domain_is_not(domain: str) -> None:
    assert said_of(domain)[0] == "mx_ok"


@pytest.mark.parametrize("domain", ["web.id", "my.id", "nom.br", "ana.nom.br", "com", "duckdns.org"])
def test_a_public_suffix_matches_nothing(domain: str) -> None:
    assert registrable(domain) is None
    assert said_of(domain)[0] == "mx_ok"


def test_exceptions_and_additions_are_needed_or_harmless() -> None:
    disposable = load("disposable")
    free = set(load("providers")["free"])

    for entries in (*(disposable[key] for key in ("extra", "never")), load("forwarders")["domains"]):
        assert len(set(entries)) == len(entries)
    assert not blocklist & set(disposable["extra"])
    assert not set(disposable["never"]) & set(disposable["extra"])
    assert not (free & blocklist) - set(disposable["never"])
    assert not free & set(disposable["extra"])
    assert blocklist & set(load("forwarders")["domains"]) <= {"opayq.com"}  # forwarders come first


@pytest.mark.parametrize(
    "domain", ["duck.com", "addy.io", "ana.anonaddy.com", "mozmail.com", "opayq.com", "privaterelay.appleid.com"]
)
def test_forwarding_is_not_throwing_away(domain: str) -> None:
    reason, flags, lists = said_of(domain)

    assert (reason, flags, lists) == ("mx_ok", {"forwarding_alias"}, {"forwarders"})
    assert judge_domain(good(domain)).score == 90


def test_a_free_provider_is_known_by_its_whole_name() -> None:
    assert "free_provider" in said_of("gmail.com")[1]
    assert "free_provider" not in said_of("mail.gmail.com")[1]


@pytest.mark.parametrize(
    ("written", "confusable"),
    [
        ("\u0430pple.com", True),  # a Cyrillic a before Latin letters
        ("p\u03b1ypal.com", True),  # a Greek alpha
        ("bradesc\u043e.com.br", True),  # a Cyrillic o at the end
        ("\u0443\u0430\u04bb\u043e\u043e.com", True),  # Cyrillic letters alone, read as yahoo
        ("почта.рф", False),
        ("ação.com.br", False),
        ("日本語.jp", False),
        ("東京tower.jp", False),
        ("müller.de", False),
        ("ελλάδα.gr", False),
    ],
)
def test_alphabets_do_not_mix_in_a_label(written: str, *, confusable: bool) -> None:
    domain = ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in written.split(".")
    )
    reason, flags, _ = said_of(domain)

    assert "idn" in flags
    assert (reason == "confusable_domain") is confusable


def test_a_provider_in_disguise_is_confusable() -> None:
    verdict = judge_domain(good(f"{idna.encode('térra').decode()}.com.br"))

    assert "confusable_domain" in {verdict.reason_code, *verdict.flags}


@pytest.mark.parametrize("domain", ["xn--99999999999.com", "xn--a-0000000000000000.com", "xn--.com", "xn--\u00e9.com"])
def test_punycode_that_does_not_decode_is_said_and_nothing_else(domain: str) -> None:
    reason, flags, _ = said_of(domain)

    assert reason == "mx_ok"
    assert "idn" in flags


def test_every_list_has_a_version_and_the_validator_s_has_them_all() -> None:
    assert all(version(name) for name in names())
    assert VALIDATOR_VERSION.endswith(f"+lists{fingerprint()}")
    assert {"mailboxes", "disposable", "forwarders", "mail_servers", "mailbox_rules", "canonical"} <= set(names())
    assert VALIDATOR_VERSION.count("+") == 3
