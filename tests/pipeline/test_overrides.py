"""What tenants decide: which entry an address finds, and what can be an entry at all."""

from __future__ import annotations

import pytest

from db.statuses import OverrideDecision
from pipeline.overrides import EntryRefusedError, NoEntry, entry_of, find
from pipeline.verdicts import Override

DECIDED = {
    "empresa.com.br": OverrideDecision.DENY,
    "filial.empresa.com.br": OverrideDecision.ALLOW,
    "loja.com.br": OverrideDecision.ALLOW,
    "golpe@loja.com.br": OverrideDecision.DENY,
    "chefe@empresa.com.br": OverrideDecision.ALLOW,
    "ana@gmail.com": OverrideDecision.DENY,
}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("ana@gmail.com", Override.DENY),
        ("bia@gmail.com", None),
        ("ana@gmail.com.br", None),
        ("bia@empresa.com.br", Override.DENY),
        ("bia@mail.empresa.com.br", Override.DENY),
        ("bia@minhaempresa.com.br", None),
        ("chefe@empresa.com.br", Override.DENY),
        ("chefe@sul.filial.empresa.com.br", Override.DENY),
        ("ana@loja.com.br", Override.ALLOW),
        ("ana@sul.loja.com.br", Override.ALLOW),
        ("golpe@loja.com.br", Override.DENY),
        ("empresa.com.br@gmail.com", None),
    ],
)
def test_deny_always_wins(address: str, found: Override | None) -> None:
    assert find(DECIDED, address) is found
    assert find({}, address) is None


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (" Ana@GMAIL.com ", "ana@gmail.com"),
        ("José@São-Paulo.com.br", "josé@xn--so-paulo-rza.com.br"),
        ("Empresa.COM.br", "empresa.com.br"),
        ("@empresa.com.br", "empresa.com.br"),
        ("empresa.com.br.", "empresa.com.br"),
        ("São-Paulo.com.br", "xn--so-paulo-rza.com.br"),
        ("mail.empresa.com.br", "mail.empresa.com.br"),
        ("ana.silva.nom.br", "ana.silva.nom.br"),
    ],
)
def test_entries_are_stored_in_one_form(text: str, entry: str) -> None:
    assert entry_of(text) == entry
    assert entry_of(entry) == entry


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("com.br", NoEntry.PUBLIC_SUFFIX),
        ("CO.UK", NoEntry.PUBLIC_SUFFIX),
        ("@gov.br", NoEntry.PUBLIC_SUFFIX),
        ("silva.nom.br", NoEntry.PUBLIC_SUFFIX),
        ("com", NoEntry.NEITHER),
        ("", NoEntry.NEITHER),
        ("@", NoEntry.NEITHER),
        ("ana@", NoEntry.NEITHER),
        ("ana@com", NoEntry.NEITHER),
        ("*.empresa.com.br", NoEntry.NEITHER),
        ("empresa.com.br outra.com.br", NoEntry.NEITHER),
        ("empresa.local", NoEntry.NEITHER),
        ("http://empresa.com.br/", NoEntry.NEITHER),
        ("192.0.2.1", NoEntry.NEITHER),
        ("a" * 300 + ".com", NoEntry.NEITHER),
    ],
)
def test_what_cannot_be_decided_about(text: str, why: NoEntry) -> None:
    with pytest.raises(EntryRefusedError) as refused:
        entry_of(text)
    assert refused.value.why is why
