"""The environment is checked as a whole: every wrong variable is named at once, and no password is repeated."""

from __future__ import annotations

import pytest

from config.settings import SettingsError, read_settings

WRONG = {
    "MKT_CHUNK_ROWS": "0",
    "MKT_MAX_FILE_BYTES": "abc",
    "MKT_LANG": "xx",
    "MKT_LOG_FORMAT": "xml",
    "MKT_DNS_NAMESERVERS": "127.0.0.1,foo:bar:1",
    "MKT_DATABASE_URL": "mysql://u:secret@h/d",
    "MKT_BROKER_URL": "http://h",
    "MKT_STORE_URL": "ftp://h/x",
}


def test_every_error_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WRONG.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings()
    lines = str(caught.value).splitlines()
    assert {line.partition(":")[0] for line in lines} == set(WRONG)
    assert len(lines) == len(WRONG)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("server", ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:53"])
def test_nameservers_are_addresses_with_or_without_a_port(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv("MKT_DNS_NAMESERVERS", f" {server}, 10.0.0.1 ")
    assert read_settings().dns_nameservers == (server, "10.0.0.1")


@pytest.mark.parametrize("server", [":53", "localhost", "127.0.0.1:0", "127.0.0.1:99999", "1.2.3"])
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv("MKT_DNS_NAMESERVERS", server)
    with pytest.raises(SettingsError, match="MKT_DNS_NAMESERVERS"):
        read_settings()


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKT_DATABASE_URL", "")
    assert read_settings().is_embedded_database
