"""The demonstration's contact file, and the large ones for measuring."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from cli.demo.contacts import HEADER, write_demo_file, write_large_file
from cli.demo.zone import COMPANIES, PROVIDERS, TYPOS, numbered_domains
from pipeline.addresses import judge
from pipeline.problems import RowProblem

ROWS = 10_000


def records(path: Path, delimiter: str) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "new folder" / "contatos.csv"
    write_demo_file(path, rows=ROWS)
    return path


@pytest.fixture(scope="module")
def rows(demo_file: Path) -> list[list[str]]:
    header, *rest = records(demo_file, ";")
    assert tuple(header) == HEADER
    return [row for row in rest if any(cell.strip() for cell in row)]


def test_it_is_what_a_brazilian_spreadsheet_writes(demo_file: Path) -> None:
    content = demo_file.read_bytes()

    assert content.startswith(b"\xef\xbb\xbfNome;E-mail;")
    assert content.count(b"\r\n") > ROWS
    assert "ção".encode() in content


def test_it_has_the_records_that_were_asked_for_and_blank_lines_besides(demo_file: Path, rows: list[list[str]]) -> None:
    assert len(rows) == ROWS
    assert len(records(demo_file, ";")) - 1 - ROWS == ROWS // 400


def test_every_writing_gives_the_same_bytes(demo_file: Path, tmp_path: Path) -> None:
    write_demo_file(tmp_path / "again.csv", rows=ROWS)

    assert (
        hashlib.sha256((tmp_path / "again.csv").read_bytes()).digest()
        == hashlib.sha256(demo_file.read_bytes()).digest()
    )


def test_its_troubles_are_of_every_kind_and_in_the_stated_shares(rows: list[list[str]]) -> None:
    judged = [judge(row[1]) for row in rows]
    problems = Counter(each.problem for each in judged if each.problem is not None)
    addresses = [each.normalized for each in judged if each.problem is None]

    assert 0.04 * ROWS < problems.total() < 0.06 * ROWS
    assert 0.03 * ROWS < len(addresses) - len(set(addresses)) < 0.05 * ROWS
    of_addresses = {problem for problem in RowProblem if problem.startswith(("syntax_", "domain_"))}
    assert set(problems) >= of_addresses - {RowProblem.SYNTAX_IDNA}


def test_it_has_cells_that_break_naive_readers(rows: list[list[str]]) -> None:
    cells = [cell for row in rows for cell in row]

    for awkward in ("\n", ";", '"', "\u00a0", "\u200b", "\ufeff"):
        assert any(awkward in cell for cell in cells), repr(awkward)
    assert any(len(row) > len(HEADER) for row in rows)


def test_its_domains_are_those_of_the_zone(rows: list[list[str]]) -> None:
    judged = [judge(row[1]).normalized for row in rows]
    domains = {address.partition("@")[2] for address in judged if address is not None}

    assert domains >= set(PROVIDERS) | set(TYPOS)
    assert {domain for domain in domains - {*PROVIDERS, *COMPANIES, *TYPOS} if not domain.startswith("xn--")} == set()


def test_a_large_file_has_the_rows_domains_and_repetitions_that_it_states(tmp_path: Path) -> None:
    write_large_file(tmp_path / "large.csv", rows=50_000, domains=700)
    _, *rest = records(tmp_path / "large.csv", ",")
    addresses = [row[0] for row in rest if row[0]]

    assert len(rest) == 50_000
    assert len(rest) - len(addresses) == 500
    assert len(addresses) - len(set(addresses)) == 1_000
    assert {address.partition("@")[2] for address in addresses} == {*PROVIDERS, *numbered_domains(700)}
    assert all(judge(address).normalized == address for address in addresses[:2_000])
