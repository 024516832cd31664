"""What is stored in English is told in the reader's language."""

from __future__ import annotations

from pipeline.exports.sentences import failure_retold, retold
from pipeline.problems import FileProblem, FileProblemCode, RowProblem, sentence


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


def test_the_failure_of_a_job_is_told_in_the_readers_language() -> None:
    problem = FileProblem(FileProblemCode.OPT_OUT_FLOOD, file="a.csv", count=1234, job="0199")
    assert failure_retold(problem.code, str(problem), "pt-BR") == problem.sentence("pt-BR").replace("1.234", "1,234")
    assert failure_retold(problem.code, str(problem), "en") == str(problem)
    assert failure_retold("unbalanced", "the file has 3 records", "pt-BR") == "the file has 3 records."
