import pytest

from pipeline.reading.table.content import content_of, holds_address, is_figure, looks_like_name, mentions_address


@pytest.mark.parametrize(
    "cell",
    [
        "ana@x.com",
        " ana@x.com; ",
        "Ana <ana@x.com>",
        '"Souza, Ana" <ana@x.com>',
        "mailto:ana@x.com",
        "a@x.com ::: b@y.com",
        "a@x.com, b@y.com",
        "<ana@x.com>",
        "'ana@x.com'",
        "ANA@X.COM.BR",
        "joão@exemplo.com.br",
    ],
)
def test_a_cell_of_addresses_is_one(cell: str) -> None:
    assert holds_address(cell)
    assert mentions_address(cell)


@pytest.mark.parametrize(
    "cell", ["", "@", "ana@x", "ana", "@ana", "falar com ana@x.com amanhã", "Gerado por: rui@x.com.br", "ana[at]x.com"]
)
def test_a_text_in_which_an_address_occurs_is_none(cell: str) -> None:
    assert not holds_address(cell)


@pytest.mark.parametrize("cell", ["a@" + "b." * 1_000_000, "<" * 1_000_000 + "@", "<a@b." * 200, "@" * 1_000_000])
def test_a_hostile_cell_is_looked_at_in_bounded_time(cell: str) -> None:
    assert not holds_address(cell)


@pytest.mark.parametrize("cell", ["Ana", "Ana d'Ávila", "José M. Souza-Lima", "O\u2019Brien Jr."])
def test_words_of_letters_look_like_a_name(cell: str) -> None:
    assert looks_like_name(cell)
    assert not looks_like_name(f"{cell} 2")


@pytest.mark.parametrize(
    ("cell", "figure"), [("12/03/2026", True), ("(11) 98765-4321", True), ("Rua A, 10", False), ("", False)]
)
def test_figures_are_mostly_digits(cell: str, figure: bool) -> None:  # noqa: FBT001 (a table's column)
    assert is_figure(cell) is figure


def test_a_columns_content_is_counted_over_the_records_that_reach_it() -> None:
    content = content_of([["a", "ana@x.com"], ["b"], ["c", " "], ["d", "?"]], 1)
    assert (content.filled, content.addresses, content.share) == (2, 1, 0.5)
