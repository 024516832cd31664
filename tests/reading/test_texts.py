"""The catalogue of sentences: complete in every language, and every problem is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from string import Formatter

import pytest

from pipeline import texts
from pipeline.problems import FileProblem, FileProblemCode, RowProblem, sentence

LANGUAGES = pytest.mark.parametrize("lang", texts.LANGUAGES)


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@LANGUAGES
def test_every_language_has_the_same_sentences_with_the_same_placeholders(lang: str) -> None:
    assert texts.keys(lang) == texts.keys("en")
    for key in texts.keys(lang):
        assert placeholders(texts.template(key, lang)) == placeholders(texts.template(key, "en")), key


@LANGUAGES
@pytest.mark.parametrize(("subject", "codes"), [("problems", RowProblem), ("file_problems", FileProblemCode)])
def test_the_catalogue_has_every_problem_and_no_other(
    lang: str, subject: str, codes: type[RowProblem | FileProblemCode]
) -> None:
    described = {key.split(".")[1] for key in texts.keys(lang) if key.startswith(f"{subject}.")}
    assert described == set(codes)
    for code in codes:
        for part in ("title", "template", "remedy"):
            assert texts.template(f"{subject}.{code}.{part}", lang)


@LANGUAGES
def test_problems_of_rows_are_whole_sentences_and_those_of_files_halves_of_one(lang: str) -> None:
    for key in texts.keys(lang):
        subject, part = key.partition(".")[0], key.rpartition(".")[2]
        if subject == "problems":
            assert texts.template(key, lang).endswith(".") == (part != "title"), key
        elif subject == "file_problems":
            assert not texts.template(key, lang).endswith((".", ";")), key


def test_problems_found_before_the_address_have_a_sentence_without_placeholders() -> None:
    for problem in (RowProblem.TOO_MANY_CELLS, RowProblem.UNDECODABLE):
        assert sentence(problem) == texts.template(f"problems.{problem}.template", "en")


def test_a_missing_key_language_or_placeholder_is_an_error() -> None:
    for key, lang in (
        ("problems.unheard_of.title", "en"),
        ("problems.syntax_empty.title", "fr"),
        ("problems.syntax_domain.template", "en"),
    ):
        with pytest.raises(KeyError):
            texts.text(key, lang)


def test_a_file_problem_is_said_in_both_languages_with_their_numbers() -> None:
    problem = FileProblem(FileProblemCode.FILE_TOO_LARGE, file="lista.csv", limit=5_000_000)
    assert (
        str(problem)
        == "lista.csv has more than the 5,000,000 bytes allowed; split the file, or raise the limit: the tenant's own (`mkt tenant limits`), or MKT_MAX_FILE_BYTES."
    )
    assert (
        problem.sentence("pt-BR")
        == "lista.csv tem mais do que os 5.000.000 bytes permitidos; divida o arquivo, ou aumente o limite: o do tenant (`mkt tenant limits`), ou MKT_MAX_FILE_BYTES."
    )


def test_braces_in_a_name_are_no_placeholders() -> None:
    assert "{x}.csv" in str(FileProblem(FileProblemCode.FILE_EMPTY, file="{x}.csv"))


def test_numbers_and_times_follow_language_and_time_zone() -> None:
    assert (texts.number(1234567, "en"), texts.number(1234567, "pt-BR")) == ("1,234,567", "1.234.567")
    assert (texts.number(1234.56, "en", digits=1), texts.number(1234.56, "pt-BR", digits=1)) == ("1,234.6", "1.234,6")
    noon = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)
    assert texts.moment(noon, "en", "America/Sao_Paulo") == "2026-11-23 09:00:05 -03"
    assert texts.moment(noon, "pt-BR", "America/Sao_Paulo") == "23/11/2026 09:00:05 -03"
