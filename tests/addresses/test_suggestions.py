"""Suggestions for rejected addresses: made where there is one meaning, and not made where there may be two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.addresses import judge
from pipeline.problems import RowProblem as P
from pipeline.suggestions import suggestion
from pipeline.verdicts import lists, suggest_domain
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("raw", "mended"),
    [
        ("ana@gmail.con", "ana@gmail.com"),
        ("ana@empresa.cmo", "ana@empresa.com"),
        ("ana@empresa.con.br", "ana@empresa.com.br"),
        ("ana@empresa.com.b", "ana@empresa.com.br"),
        ("ana@empresa.org.b", "ana@empresa.org.br"),
        ("ana@empresa.con.b", "ana@empresa.com.br"),
        ("ana@empresa.comm.br", "ana@empresa.com.br"),
        ("ana@empresa.cm.br", "ana@empresa.com.br"),
        ("ana@empresa.combr", "ana@empresa.com.br"),
        ("ana@hotmail,com", "ana@hotmail.com"),
        ("ana@empresa,com,br", "ana@empresa.com.br"),
        ("ana@gmail;com", "ana@gmail.com"),
        ("ana@gmailcom", "ana@gmail.com"),
        ("ana@yahoocombr", "ana@yahoo.com.br"),
        ("ana@gmail", "ana@gmail.com"),
        ("ana@uol", "ana@uol.com.br"),
        ("ana@gmail..com", "ana@gmail.com"),
        ("ana@.gmail.com", "ana@gmail.com"),
        ("ana@@empresa.com", "ana@empresa.com"),
        ("ana @ gmail.com", "ana@gmail.com"),
        ("ana@gmail .com", "ana@gmail.com"),
        ("ana@empresa. com. br", "ana@empresa.com.br"),
        ("ana@g mail.com", "ana@gmail.com"),
        ("ana(at)empresa.com.br", "ana@empresa.com.br"),
        ("ana [at] empresa.com.br", "ana@empresa.com.br"),
        ("ana arroba gmail ponto com", "ana@gmail.com"),
        ("ana\uff20gmail.com", "ana@gmail.com"),
        ("ana@gmaíl.com", "ana@gmail.com"),
        ("ana@gmail.con.br", "ana@gmail.com"),
        ("ana@gaiml,com", "ana@gmail.com"),
        ("ana@hotmial,com,br", "ana@hotmail.com.br"),
        ("ana@hotmailcom,br", "ana@hotmail.com.br"),
        ("ana@uol,br", "ana@uol.com.br"),
        ("ana@gmial.con", "ana@gmail.com"),
        ("ana@terra.con", "ana@terra.com.br"),
        ("ana@sapo", "ana@sapo.pt"),
        ("ana@empresa.com (casa)", "ana@empresa.com"),
        ('"ana"@empresa.com', "ana@empresa.com"),
    ],
)
def test_what_can_only_be_one_address_is_suggested(raw: str, mended: str) -> None:
    assert suggestion(raw, judge(raw).problem or P.SYNTAX_DOMAIN) == mended


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ana",
        "@gmail.com",
        "ana@",
        "ana@empresa.com",  # nothing is wrong with it
        "ana silva@gmail.com",  # anasilva, ana.silva, silva
        "Sr. ana@gmail.com",
        "ana.@gmail.com",
        "ana..silva@gmail.com",
        "ana@yahoo",  # .com or .com.br
        "ana@outlook",
        "ana@exemplo",
        "ana@exemplo com",
        "ana@x.com, ligar",
        "ana@x.com . ligar",
        "ana@gmaxl,com",  # Gmail, or a company
        "ana@oul,com,br",
        "ana@orange.con",  # .com or .fr
        "joão@gmail,com",  # Gmail has no such mailbox
        "joão@gmial,com",
        "ana@email.con",
        "ana@empresa.co",  # Colombia
        "ana@b@c.com",
        "ana@[192.0.2.1]",
        "ana@pc.local",
        "ana@exem_plo.com",
        "a" * 400 + "@gmail,com",
    ],
)
def test_what_may_be_more_than_one_address_or_none_is_left_alone(raw: str) -> None:
    assert suggestion(raw, judge(raw).problem or P.SYNTAX_DOMAIN) is None


@pytest.mark.parametrize(
    "problem", [P.UNDECODABLE, P.TOO_MANY_CELLS, P.OPT_OUT_UNREADABLE, P.SYNTAX_MULTIPLE_ADDRESSES]
)
def test_nothing_is_suggested_where_the_form_of_the_address_is_not_the_problem(problem: P) -> None:
    assert suggestion("ana@gmail,com", problem) is None


def test_a_known_misspelling_written_with_a_comma_is_mended_as_it_is_without() -> None:
    labels = [(name, domain) for name, misspelt in lists.load("typos")["labels"].items() for domain in misspelt]
    written = [f"{label}.{suffix}" for _, label in labels for suffix in ("com", "com.br")]
    for domain in written:
        typo = suggest_domain(domain, usable_mx=None)
        meant = f"ana.souza@{typo.domain}" if typo and typo.certain else None
        if typo:
            assert suggestion(f"ana.souza@{domain.replace('.', ',')}", P.SYNTAX_DOMAIN) == meant


@examples(2_000)
@given(
    st.one_of(
        st.text(st.one_of(st.sampled_from('ab@.;,: ()con"\uff20'), st.characters()), max_size=30),
        st.builds(
            "{}@{}{}".format,
            st.text("ab. ", max_size=5),
            st.text("gmail. ,", max_size=8),
            st.sampled_from([".con", ".b", "com"]),
        ),
    )
)
def test_a_suggestion_is_an_address_in_its_stored_form_and_needs_no_other(raw: str) -> None:
    mended = suggestion(raw, P.SYNTAX_DOMAIN)
    if mended is not None:
        assert judge(mended).normalized == mended
        assert suggestion(mended, P.SYNTAX_DOMAIN) is None
