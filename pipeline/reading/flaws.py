"""Records that could not be read as they stand: what they hold travels together with what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.problems import RowProblem


class FlawedRecord(list[str]):
    """A record whose text is broken or was repaired: its cells as far as they can be told, and the one problem."""

    def __init__(self, cells: Iterable[str], flaw: RowProblem) -> None:
        super().__init__(cells)
        self.flaw = flaw
