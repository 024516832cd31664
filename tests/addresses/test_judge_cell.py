"""The judgement of cells: what stands around an address, and several addresses in one cell."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.addresses import JudgedCell, judge, judge_cell
from pipeline.problems import RowProblem as P
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("ana@x.com", None),
        (" ANA@X.com; ", None),
        ("Ana <ana@x.com>", "Ana"),
        ('"Souza, Ana" <ana@x.com>', "Souza, Ana"),
        ("Souza, Ana <ana@x.com>", "Souza, Ana"),
        (r'"Ana \"Nina\" Souza" <ana@x.com>', 'Ana "Nina" Souza'),
        ("'Ana Souza' <mailto:ana@x.com>", "Ana Souza"),
        ("<ana@x.com>", None),
        ("ana@x.com <ana@x.com>", None),
        ("ana@x.com<mailto:ana@x.com>", None),
        ("mailto:ana@x.com?subject=Oi&body=a@b.com", None),
        ("E-mail: ana@x.com", None),
        ('"ana@x.com"', None),
        ("'ana@x.com'", None),
        ("'ana@x.com", None),
        ("(ana@x.com)", None),
        ("\u201cana@x.com\u201d", None),
        ("ana@x.com, ANA@x.com", None),
    ],
)
def test_an_address_is_taken_out_of_what_stands_around_it(raw: str, name: str | None) -> None:
    assert judge_cell(raw) == JudgedCell("ana@x.com", name=name)


@pytest.mark.parametrize(
    "raw",
    [
        "ana@x.com;bia@y.com",
        "ana@x.com, bia@y.com",
        "ana@x.com ::: bia@y.com",
        "ana@x.com:::bia@y.com",
        "ana@x.com/bia@y.com",
        "ana@x.com / bia@y.com",
        "ana@x.com|bia@y.com",
        "ana@x.com bia@y.com",
        "ana@x.com\nbia@y.com",
        "ana@x.com\r\n\r\nbia@y.com",
        "ana@x.com e bia@y.com",
        "ana@x.com ou bia@y.com",
        "ana@x.com - bia@y.com",
        "; ana@x.com ;; bia@y.com;",
        "ana@x.com, bia@y.com, ANA@X.COM",
        "ana@x; ana@x.com; bia@y.com",
        '"ana@x.com"; "bia@y.com"',
        "'ana@x.com', 'bia@y.com'",
        '["ana@x.com", "bia@y.com"]',
        "{ana@x.com,bia@y.com}",
        "mailto:ana@x.com; mailto:bia@y.com",
        "<ana@x.com>, <bia@y.com>",
        "ana@x.com, Bia <bia@y.com>",
        'ana@x.com, "Lima, Bia" <bia@y.com>',
        "bia@y.com <ana@x.com>",
    ],
)
def test_of_several_addresses_the_first_valid_one_wins_and_the_others_are_kept(raw: str) -> None:
    assert judge_cell(raw) == JudgedCell("ana@x.com", ("bia@y.com",), several=True)


@pytest.mark.parametrize("raw", ["Ana <ana@x.com>, Bia <bia@y.com>", "Ana <ana@x.com> e Bia <bia@y.com>"])
def test_the_name_is_that_beside_the_address_that_wins(raw: str) -> None:
    assert judge_cell(raw) == JudgedCell("ana@x.com", ("bia@y.com",), name="Ana", several=True)


@pytest.mark.parametrize("raw", ["ana@; bia@y.com", "ana silva@x.com; bia@y.com", "Ana <ana@>, bia@y.com"])
def test_a_bad_address_beside_a_good_one_is_told(raw: str) -> None:
    assert judge_cell(raw) == JudgedCell("bia@y.com", several=True)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", P.SYNTAX_EMPTY),
        ("não tem", P.SYNTAX_NO_AT),
        ("Ana <>", P.SYNTAX_NO_AT),
        ("ana silva@x.com", P.SYNTAX_LOCAL_PART),
        ("ana,silva@x.com", P.SYNTAX_LOCAL_PART),
        ("ana;silva@x.com", P.SYNTAX_LOCAL_PART),
        ("ana e bia@x.com", P.SYNTAX_LOCAL_PART),
        ("Ana ana@x.com", P.SYNTAX_LOCAL_PART),
        ("não tem; ana@x.com", P.SYNTAX_LOCAL_PART),
        ("ana@x.com,br", P.SYNTAX_DOMAIN),
        ("ana@x.com .br", P.SYNTAX_DOMAIN),
        ("ana@x .com.br", P.SYNTAX_DOMAIN),
        ("ana@gmail,com", P.SYNTAX_DOMAIN),
        ("ana@x.com - casa", P.SYNTAX_DOMAIN),
        ("ana@x.com (casa)", P.SYNTAX_COMMENT),
        ("ana@@x.com", P.SYNTAX_MULTIPLE_AT),
        ("ana@x.combia@y.com", P.SYNTAX_MULTIPLE_AT),
        ("Ana <ana@-x.com>", P.SYNTAX_DOMAIN),
        ("<ana@x.com", P.SYNTAX_LOCAL_PART),
        ("Ana <ana@x.com", P.SYNTAX_LOCAL_PART),
        ("ana@, bia@y", P.SYNTAX_DOMAIN),
        ("ana@pc.local, @x.com", P.DOMAIN_SPECIAL_USE),
        ('"ana souza"@x.com', P.SYNTAX_QUOTED_LOCAL),
        ('"Ana" <"ana souza"@x.com>', P.SYNTAX_QUOTED_LOCAL),
        ('ana@x.com\n\n<script src="x.js">', P.SYNTAX_DOMAIN),
    ],
)
def test_a_bad_address_does_not_become_a_good_one_by_being_cut(raw: str, problem: P) -> None:
    judged = judge_cell(raw)
    assert (judged.normalized, judged.others, judged.problem) == (None, (), problem)
    assert judged.detail is not None


TEXT = st.text(
    st.one_of(st.sampled_from("ab@@@..;,:<>|/\"'()[]{} \n\t\\e\uff20\u200bã"), st.characters()),
    max_size=40,
)


@examples(2_000)
@given(
    st.one_of(
        TEXT, st.lists(st.sampled_from(["ana@x.com", "a b", "@", "Ana", "<b@y.com>", ";", ", ", "/"])).map("".join)
    )
)
@example("<@><")
@example("'")
def test_a_cell_has_an_address_or_a_problem_and_every_address_stands_as_it_is_stored(raw: str) -> None:
    judged = judge_cell(raw)
    assert (judged.normalized is None) == (judged.problem is not None)
    found = [address for address in (judged.normalized, *judged.others) if address is not None]
    assert len(set(found)) == len(found)
    assert all(judge_cell(address) == JudgedCell(address) for address in found if address[0] != "'")


@examples(2_000)
@given(TEXT)
@example("ana@x.com.")
@example("JOÃO@exemplo.café")
def test_a_cell_that_is_one_address_is_judged_as_before(raw: str) -> None:
    one = judge(raw)
    if one.normalized is not None and not one.normalized.startswith("'"):
        assert judge_cell(raw) == JudgedCell(one.normalized)


@pytest.mark.parametrize("piece", ["a@x.com;", "mailto:", "<a@", '"a" ', "((", "a@b@c/", "\n; ", "<a@x.com>"])
def test_a_long_cell_is_judged_all_the_same(piece: str) -> None:
    judged = judge_cell(piece * 200_000)
    assert judged.problem is not None
