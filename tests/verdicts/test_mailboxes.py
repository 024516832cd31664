"""What a local part says: tasks, robots, tags, and names that a provider does not have."""

from __future__ import annotations

import pytest

from pipeline.verdicts import Policy, canonical, is_plain, judge
from pipeline.verdicts.lists import load
from pipeline.verdicts.typos import FREE
from tests.verdicts.evidence import DOMAIN, NOW, good


def found(address: str, policy: Policy | None = None) -> tuple[str, set[str], str | None]:
    verdict = judge(address, good(address.rpartition("@")[2]), policy=policy or Policy(), now=NOW)
    return verdict.reason_code, set(verdict.flags), verdict.suggestion


@pytest.mark.parametrize(
    "local_part",
    [
        *(
            "info",
            "sales",
            "marketing",
            "contato",
            "vendas",
            "comercial",
            "financeiro",
            "sac",
            "secretaria",
            "ouvidoria",
        ),
        *("atendimento", "compras", "cobranca", "faturamento", "imprensa", "juridico", "recepcao", "rh", "diretoria"),
        *("ventas", "contacto", "fale-conosco", "fale_conosco", "fale.conosco", "faleconosco", "contas.a.pagar"),
        *("rrhh", "servicio-al-cliente", "servicioalcliente", "atendimentocliente", "controladoria"),
        *("vendas2", "vendas01", "vendas-1", "contato_02", "contato+site"),
    ],
)
def test_a_role_is_a_customer_unless_the_tenant_wants_it_otherwise(local_part: str) -> None:
    reason, flags, _ = found(f"{local_part}@{DOMAIN}")

    assert reason == "mx_ok"
    assert "role_account" in flags
    assert found(f"{local_part}@{DOMAIN}", Policy(risky_roles=True))[0] == "role_account"


def test_a_role_is_one_with_accents_too() -> None:
    assert found(f"recepção@{DOMAIN}") == ("smtputf8_required", {"role_account"}, None)


@pytest.mark.parametrize(
    "local_part",
    [
        *("ana", "normal_user", "contatoana", "vendas.ana", "ana.vendas", "mariainfo", "info2024", "vendas123", "s.ac"),
        *(
            "mail",
            "rhonda",
            "sacha",
            "adminha",
            "no",
            "xmlson",
            "nfe.ana",
            "noreplyana",
            "ana.noreply",
            "abuse1",
            "security7",
            "root66",
            "in.fo",
        ),
    ],
)
def test_a_person_is_none(local_part: str) -> None:
    assert found(f"{local_part}@{DOMAIN}", Policy(risky_roles=True)) == ("mx_ok", set(), None)


@pytest.mark.parametrize(
    "local_part",
    [
        *("abuse", "postmaster", "hostmaster", "noc", "security", "webmaster", "mailer-daemon", "root", "daemon"),
        *("noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "noreply2", "noreply+x"),
        *("noreply.vendas", "no-reply_loja", "nao-responda-financeiro", "nao_responda.nfe", "noreply-2024+x"),
        *("naoresponda", "nao-responda", "nao_responda", "nao.responda", "no-responder", "mailer_daemon"),
    ],
)
def test_machines_write_and_read_here(local_part: str) -> None:
    assert found(f"{local_part}@{DOMAIN}")[0] == "system_mailbox"


@pytest.mark.parametrize(
    "local_part", ["nfe", "nf-e", "nfse", "notafiscal", "nota.fiscal", "xml", "danfe", "cte", "nfe2"]
)
def test_robots_that_take_invoices_in_are_flagged(local_part: str) -> None:
    assert found(f"{local_part}@{DOMAIN}", Policy(risky_roles=True)) == ("mx_ok", {"fiscal_mailbox"}, None)


def test_no_name_is_there_twice() -> None:
    names = [name for section in load("mailboxes").values() if isinstance(section, dict) for name in section["names"]]

    assert [name for name in names if names.count(name) > 1] == []


@pytest.mark.parametrize(
    ("address", "reason", "suggestion"),
    [
        ("joao.silva@gmail.com", "mx_ok", None),
        ("joao.silva+x_y-z@gmail.com", "mx_ok", None),
        ("joao@gmail.com", "provider_rule", None),
        ("joao_silva@gmail.com", "provider_rule", None),
        (f"{'a' * 31}@gmail.com", "provider_rule", None),
        (f"{'a.' * 29}a@gmail.com", "mx_ok", None),  # dots do not count
        (f"{'a.' * 30}a@gmail.com", "provider_rule", None),
        ("j.o.ao@gmail.com", "mx_ok", None),
        ("j.o.a@gmail.com", "provider_rule", None),
        ("+joao@gmail.com", "provider_rule", None),
        ("joao_silva@googlemail.com", "provider_rule", None),
        ("joao_silva@empresa.com.br", "mx_ok", None),
        ("joão.silva@gmail.com", "provider_rule", "joao.silva@gmail.com"),
        ("joão@gmail.com", "provider_rule", None),
        ("josé@outlook.com", "provider_rule", "jose@outlook.com"),
        ("josé+lojas@hotmail.com", "provider_rule", "jose+lojas@hotmail.com"),
        ("conceição@yahoo.com.br", "provider_rule", "conceicao@yahoo.com.br"),
        *(
            (f"antônio@{domain}", "provider_rule", f"antonio@{domain}")
            for domain in ("uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br", "icloud.com", "live.com")
        ),
        *(
            (f"josé.lima@{domain}", "provider_rule", f"jose.lima@{domain}")
            for domain in ("hotmail.de", "outlook.jp", "live.ca", "yahoo.co.jp", "terra.com", "terra.es", "aol.com")
        ),
        ("иван@yahoo.com", "provider_rule", None),
        ("conceição@empresa.com.br", "smtputf8_required", None),
    ],
)
def test_providers_have_rules_for_names(address: str, reason: str, suggestion: str | None) -> None:
    verdict = judge(address, good(address.rpartition("@")[2]), now=NOW)

    assert (verdict.reason_code, verdict.suggestion) == (reason, suggestion)


def test_a_sender_who_can_write_to_accents_still_finds_no_such_mailbox_at_gmail() -> None:
    policy = Policy(smtputf8=True)

    assert found(f"conceição@{DOMAIN}", policy)[0] == "mx_ok"
    assert found("conceição@gmail.com", policy) == ("provider_rule", {"free_provider"}, "conceicao@gmail.com")


def test_a_domain_is_mended_without_touching_the_name_before_it() -> None:
    assert found("ana@gmial.com")[2] == "ana@gmail.com"  # that it is too short for Gmail is another matter
    assert found("conceição@xn--gmal-xpa.com")[2] is None


@pytest.mark.parametrize("domain", ["gmial.com", "hotmial.com", "terra.con"])
def test_no_address_is_suggested_that_there_cannot_be(domain: str) -> None:
    reason, flags, suggestion = found(f"conceição@{domain}")

    assert suggestion is None
    assert "possible_typo" in {reason, *flags}


def test_the_lists_of_rules_have_the_whole_families_of_the_large_providers() -> None:
    families = {"hotmail", "outlook", "live"}
    tagged = {domain for domain in FREE if domain.partition(".")[0] in families}
    unaccented = {domain for domain in FREE if domain.partition(".")[0] in {*families, "yahoo", "terra", "aol"}}

    assert tagged - set(load("canonical")["plus_tags"]) == set()
    assert unaccented - set(load("mailbox_rules")["ascii"]) == set()


@pytest.mark.parametrize(("octets", "reason"), [(64, "mx_ok"), (65, "local_part_too_long")])
def test_a_local_part_has_64_octets(octets: int, reason: str) -> None:
    assert found(f"{'a' * octets}@{DOMAIN}")[0] == reason
    assert is_plain(f"{'a' * octets}@{DOMAIN}") is (reason == "mx_ok")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("a.b.c+123@gmail.com", "abc@gmail.com"),
        ("a.b.c+1+2@googlemail.com", "abc@gmail.com"),
        ("user@me.com", "user@icloud.com"),
        ("user+x@mac.com", "user@icloud.com"),
        ("a.na+x@outlook.com", "a.na@outlook.com"),
        ("ana+x@hotmail.com.br", "ana@hotmail.com.br"),
        *(
            (f"a.na+x@{domain}", f"a.na@{domain}")
            for domain in ("fastmail.com", "fastmail.co.uk", "proton.me", "yandex.ru", "zoho.com")
        ),
        ("a.na+x@yahoo.com", "a.na+x@yahoo.com"),
        ("ana-lojas@yahoo.com.br", "ana-lojas@yahoo.com.br"),
        ("a.na+x@empresa.com.br", "a.na+x@empresa.com.br"),
        ("+x@gmail.com", "+x@gmail.com"),
    ],
)
def test_one_mailbox_has_one_form(address: str, expected: str) -> None:
    assert canonical(address) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("ana.souza@empresa.com.br", True),
        ("anasouza@gmail.com", True),
        ("ana@hotmail.com", True),
        ("ana.souza@gmail.com", False),
        ("ana@gmail.com", False),
        ("anasouza@googlemail.com", False),
        ("ana@me.com", False),
        ("ana+x@empresa.com.br", False),
        ("contato@empresa.com.br", False),
        ("vendas2@empresa.com.br", False),
        ("noreply.vendas@empresa.com.br", False),
        ("josé@empresa.com.br", False),
        ("ana@gmial.com", False),
        ("ana@hotmajl.com", False),
    ],
)
def test_most_addresses_are_plain(address: str, *, plain: bool) -> None:
    assert is_plain(address) is plain
