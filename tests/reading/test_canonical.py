"""Canonical chunks: what comes out is what went in."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.reading import canonical
from tests.support.examples import examples

CELLS = (
    st.text(max_size=8) | st.text('",;\r\n\x00\\ ', max_size=4) | st.text(st.characters(categories=["Cs"]), max_size=3)
)
ROWS = st.lists(st.tuples(st.integers(1, 2**40), st.lists(CELLS, max_size=4)), max_size=6)


@examples(1_000)
@given(ROWS)
@example([])
@example([(1, []), (2, [""]), (3, ["", ""])])
@example([(1, ["\r", "\n", "\r\n", '"', "\x00", "\u2028"])])
@example([(1, ["\udcc3\udca3"])])  # two escaped bytes that would make a letter together
def test_a_chunk_is_decoded_to_the_rows_that_were_encoded(rows: list[tuple[int, list[str]]]) -> None:
    assert list(canonical.decode(canonical.encode(rows))) == rows


def test_the_form_of_a_chunk_is_fixed() -> None:
    assert canonical.encode(
        [(2, ["ana@x.com", "Silva, João", ""]), (4, [])]
    ) == 'ana@x.com,"Silva, João",\r\n'.encode().join([b"2,", b"4\r\n"])
