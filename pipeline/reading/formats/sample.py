"""What a format that is no delimited text tells about itself before all of it is read."""

from __future__ import annotations

import dataclasses

from pipeline.reading.reading import Notice


@dataclasses.dataclass(frozen=True)
class Sample:
    """The first records of a part, in the format's own numbering: the first is number 1.

    ``columns`` are the names that the format itself gives its columns, in the order of the cells: then no record is a
    header. None: the format has no names, and the first records may be a header.
    """

    records: list[list[str]]
    columns: tuple[str, ...] | None
    notices: tuple[Notice, ...] = ()
