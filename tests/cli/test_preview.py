"""`mkt preview` and `mkt check`: what can be said without a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.demo.dns_server import DnsServer, Host
from tests.cli.conftest import Mkt, Zygote


@pytest.fixture
def homeless(zygote: Zygote, tmp_path: Path, nameserver: str) -> Mkt:
    """Return the command with a home that is not there."""
    env = {"MKT_HOME": str(tmp_path / "none"), "MKT_LANG": "en", "MKT_DNS_NAMESERVERS": nameserver}
    return Mkt(zygote, env | {"MKT_DNS_CANARIES": "gmail.com,uol.com.br"})


def test_a_preview_is_the_document_of_the_contract_and_touches_nothing(
    homeless: Mkt, contacts: Path, tmp_path: Path
) -> None:
    answer = homeless("preview", str(contacts), "--rows", "3", "--json")

    assert answer.code == 0
    document = answer.json
    assert {name: document[name] for name in ("encoding", "delimiter", "quotechar", "header_row", "mapping")} == {
        "encoding": "utf-8", "delimiter": ";", "quotechar": '"', "header_row": 1,
        "mapping": {"Nome": "name", "E-mail": "email", "Cidade": "attribute"},
    }  # fmt: skip
    assert 0 < document["confidence"] <= 1
    assert document["rows"][0] == {
        "part_no": 0, "row_number": 2, "raw_email": "ana@gmail.com", "raw_name": "Ana", "normalized_email": "ana@gmail.com",
        "name": "Ana", "parse_status": "ok", "error_code": None, "error_detail": None, "warnings": [], "opt_out": None,
        "attributes": {"Cidade": "Natal"},
    }  # fmt: skip
    assert [(row["row_number"], row["parse_status"], row["error_code"]) for row in document["rows"]] == [
        (2, "ok", None),
        (3, "ok", None),
        (5, "error", "syntax_domain"),
    ]
    assert not (tmp_path / "none").exists()


def test_zero_rows_are_all_and_people_read_a_table(homeless: Mkt, contacts: Path) -> None:
    assert len(homeless("preview", str(contacts), "--rows", "0", "--json").json["rows"]) == 4
    answer = homeless("preview", str(contacts), "--lang", "pt-BR")
    assert "cabeçalho na linha  1" in answer.out
    assert "Domínio inválido" in answer.out


def test_a_check_says_what_syntax_and_dns_know(homeless: Mkt, tmp_path: Path) -> None:
    answer = homeless("check", " Ana.Maria@GMAIL.com", "ana@gmial.com", "ana", "--json")

    assert answer.code == 0
    found = [(item["normalized_email"], item["status"], item["reason_code"]) for item in answer.json]
    assert found == [
        ("ana.maria@gmail.com", "valid", "mx_ok"),
        ("ana@gmial.com", "invalid", "domain_not_found"),
        (None, "invalid", "syntax_no_at"),
    ]
    assert set(answer.json[0]) == {
        "address",
        "normalized_email",
        "status",
        "reason_code",
        "score",
        "suggestion",
        "details",
    }
    assert not (tmp_path / "none").exists()


def test_a_lying_resolver_is_not_believed(homeless: Mkt) -> None:
    with DnsServer({}, otherwise=Host(a=("93.184.216.34",))).serving() as address:
        answer = homeless("check", "ana@gmail.com", "--json", MKT_DNS_NAMESERVERS=address)

    assert [(item["status"], item["reason_code"]) for item in answer.json] == [("unknown", "not_yet_checked")]
    assert answer.json[0]["details"]["resolver"].startswith("lying")
