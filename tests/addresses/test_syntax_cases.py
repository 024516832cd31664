"""What other validators' test suites say of addresses, wherever they are of one mind and our rules leave it to them."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email

from pipeline.addresses import judge
from pipeline.problems import RowProblem
from tests.support.cases import decode, read
from tests.support.oracle import TRIM

ROWS = read("syntax")

#: Where we say otherwise, and why.
ARGUED = {
    "example@s.example": "RFC 2606 reserves .example for documents: no mailbox is there, though the spelling is right.",
}


def is_accepted(verdict: str) -> bool:
    return verdict in {"valid", "valid_smtputf8"}


def by_library(address: str) -> bool:
    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def is_undisputed(row: dict[str, str]) -> bool:
    """Whether the sources agree, with each other and with the library, and no rule of ours says otherwise.

    On domains without a dot, and on long local parts, our rules and the library's are the same. What is cleaned off a
    cell is ours alone: there the verdict is on what is left.
    """
    expected = is_accepted(row["expected"])
    if "|" in row["expected"] or expected != is_accepted(row["email_validator_2_4_0"]):
        return False
    left = row["address"].strip(TRIM).removeprefix("mailto:").rstrip(TRIM + ";,.>")
    return left == row["address"] or by_library(left) == expected


UNDISPUTED = [row for row in ROWS if is_undisputed(row)]
DISPUTED = [row["address"] for row in ROWS if not is_undisputed(row)]


def is_right(row: dict[str, str]) -> bool:
    return (judge(row["address"]).normalized is not None) == is_accepted(row["expected"])


def test_most_of_the_table_is_undisputed_and_has_both_verdicts() -> None:
    assert len(UNDISPUTED) > 0.9 * len(ROWS)
    assert sum(is_accepted(row["expected"]) for row in UNDISPUTED) > 0.1 * len(UNDISPUTED)


def test_undisputed_addresses_are_judged_as_everywhere_else_but_for_those_that_we_argue() -> None:
    wrong = {row["address"] for row in UNDISPUTED if not is_right(row)}
    assert wrong == set(ARGUED), "a new difference, or an argument that nothing needs any more"
    assert len(wrong) <= 0.01 * len(UNDISPUTED)


@pytest.mark.parametrize("address", DISPUTED, ids=ascii)
def test_a_disputed_address_has_one_verdict_and_if_rejected_a_code_and_a_sentence(address: str) -> None:
    judged = judge(address)
    if judged.normalized is None:
        assert isinstance(judged.problem, RowProblem)
        assert judged.detail is not None
        assert judged.detail.endswith(".")
    else:
        assert (judged.problem, judged.detail) == (None, None)
        assert judge(judged.normalized) == judged


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\\b", r"a\b"),
        (r"a\\u0041", r"a\u0041"),
        (r"\\\u0000", "\\\x00"),
        (r"\t\n\r\u2028\U0001F680é", "\t\n\r\u2028🚀é"),
    ],
)
def test_the_escapes_of_a_table_are_decoded_in_one_pass(written: str, meant: str) -> None:
    assert decode(written) == meant


@pytest.mark.parametrize("written", ["\\", "a\\x41", "\\u12"])
def test_an_escape_that_means_nothing_is_an_error_of_the_table(written: str) -> None:
    with pytest.raises(KeyError):
        decode(written)
