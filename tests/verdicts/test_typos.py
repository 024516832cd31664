"""What a domain was meant for: known misspellings, one letter beside a provider, endings that no domain has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from pipeline.verdicts import Typo, lists, suggest_domain
from pipeline.verdicts.typos import FREE, TARGETS, mended_ending
from tests.support.examples import examples

_PROVIDERS = lists.load("providers")
_TYPOS = lists.load("typos")
_SUFFIXES = PublicSuffixList(accept_unknown=False)


@pytest.mark.parametrize("usable_mx", [True, False, None])
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gnail.con", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("gmail.com.br", "gmail.com"),
        ("gmail.con.br", "gmail.com"),
        ("yahoo.comm.br", "yahoo.com.br"),
        ("uol.br", "uol.com.br"),
        ("uol.con", "uol.com.br"),
        *((f"terra.{ending}", "terra.com.br") for ending in ("con", "cmo", "comm")),
        *((f"{name}.con", f"{name}.net") for name in ("comcast", "verizon", "att", "cox", "sbcglobal", "earthlink")),
        ("comcast.nett", "comcast.net"),
        ("sapo.con", "sapo.pt"),
        ("hotmail.com.b", "hotmail.com.br"),
        ("hotmailcom.br", "hotmail.com.br"),
        ("hotmial.com.br", "hotmail.com.br"),
        ("gmail.xyzzy", "gmail.com"),
        ("www.hotmail.com", "hotmail.com"),
    ],
)
def test_a_known_misspelling_is_certain_whether_or_not_mail_is_served_there(
    written: str, meant: str, *, usable_mx: bool | None
) -> None:
    assert suggest_domain(written, usable_mx=usable_mx) == Typo(meant, certain=True)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gmaxl.com", "gmail.com"),
        ("hotmajl.com.br", "hotmail.com.br"),
        ("gmial.com.br", "gmail.com"),  # Gmail has no such domain; a company may
        ("gmwail.com.br", "gmail.com"),
        ("terrs.com.br", "terra.com.br"),
        ("oul.com.br", "uol.com.br"),
        ("xn--gmal-xpa.com", "gmail.com"),
        ("empresa.con.br", "empresa.com.br"),
    ],
)
def test_what_may_also_be_a_company_is_not_certain(written: str, meant: str) -> None:
    assert suggest_domain(written, usable_mx=False) == Typo(meant, certain=False)


@pytest.mark.parametrize(
    "domain",
    [
        "hmail.com",  # gmail or ymail
        "email.con",  # email.com, or gmail.com with two errors
        "email.com",
        "orange.con",  # orange.fr is a provider, orange.com a company
        "yahoo.nett",
        "terra.com",
        "ymail.com.br",  # a provider's name, with another suffix
        "hotmail.co",
        "comcast.com",
        "tera.com.br",  # four letters
        "serra.com.br",  # no slip of the finger
        "terral.com.br",
        "gmais.com.br",  # likewise, and Gmail has no such domain
        "telefonica.com.br",
        "grail.com",
        "cloud.com",
        "xn--bcher-kva.de",
        "xn--9999999999.com",  # does not decode
        "fea.usp.br",
        "empresa.cim.br",  # a suffix
        "gmail",
        "br",
        "con",
        "",
        ".",
        "gmail..com",
        "-gmail.com",
        "gmail-.com",
    ],
)
@pytest.mark.parametrize("usable_mx", [True, False, None])
def test_what_may_be_right_or_mean_two_things_is_left_alone(domain: str, *, usable_mx: bool | None) -> None:
    assert suggest_domain(domain, usable_mx=usable_mx) is None


def test_an_ending_newer_than_the_list_of_suffixes_is_none_to_mend() -> None:
    assert suggest_domain("empresa.cmo", usable_mx=None) == Typo("empresa.com", certain=True)
    assert suggest_domain("empresa.cmo", usable_mx=True) is None
    assert suggest_domain("web.empresa.cmo", usable_mx=None) == Typo("web.empresa.com", certain=True)


@examples(2_000)
@given(
    st.one_of(
        st.text(max_size=30),
        st.builds("{}.{}".format, st.text("gmailhotyunx-.", max_size=9), st.text("combrnet.", max_size=8)),
        st.sampled_from(sorted(FREE)),
    )
)
def test_a_suggestion_needs_no_other_and_no_provider_is_a_misspelling(domain: str) -> None:
    typo = suggest_domain(domain, usable_mx=None)
    assert typo is None or (domain not in FREE and suggest_domain(typo.domain, usable_mx=None) is None)
    assert mended_ending(mended_ending(domain)) == mended_ending(domain)


def test_the_lists_hold_what_they_say() -> None:
    assert set(TARGETS) <= FREE
    assert set(_PROVIDERS["names"].values()) <= FREE
    assert len(_PROVIDERS["free"]) == len(FREE)
    names = {domain.partition(".")[0] for domain in TARGETS}
    for table in ("labels", "likely"):
        assert _TYPOS[table].keys() <= names
        assert not {name for misspelt in _TYPOS[table].values() for name in misspelt} & names
    assert not set(_TYPOS["domains"]) & FREE
    assert set(_TYPOS["domains"].values()) <= FREE


def test_no_ending_that_is_mended_exists() -> None:
    endings = {ending for misspelt in _TYPOS["endings"].values() for ending in misspelt}
    assert [ending for ending in endings if _SUFFIXES.is_public(ending)] == []
    before_br = {each for misspelt in _TYPOS["before_br"].values() for each in misspelt}
    assert [each for each in before_br if _SUFFIXES.is_public(f"{each}.br")] == []
