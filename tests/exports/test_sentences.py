"""What is stored in English is told in the reader's language."""

from __future__ import annotations

from pipeline.exports.sentences import retold
from pipeline.problems import RowProblem, sentence


def test_a_sentence_is_told_in_portuguese_with_what_was_found() -> None:
    detail = sentence(RowProblem.SYNTAX_DOMAIN, "no_dot", found="caio (x)")
    told = retold("syntax_domain", detail, "pt-BR")
    assert told != detail
    assert "caio (x)" in told
    assert retold("syntax_domain", detail, "en") == detail


def test_every_problem_without_placeholders_is_told() -> None:
    assert retold("syntax_empty", sentence(RowProblem.SYNTAX_EMPTY), "pt-BR").startswith("A célula")


def test_a_sentence_that_the_catalogue_does_not_have_stays_as_it_is() -> None:
    assert retold("syntax_domain", "Something else.", "pt-BR") == "Something else."
    assert retold("no_such_code", "Something else.", "pt-BR") == "Something else."
