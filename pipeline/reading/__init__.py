"""Reading files of contacts: bytes become records, a header becomes columns with a meaning, a record becomes a contact.

`unpack` opens what a file is packed in; `detect` decides once per file how each part is read, and the decision, a
`FileReading`, is plain data that is kept with the job. A `RecordReader` then yields the records one by one, `canonical`
stores them in chunks, and a `Layout` picks out of a record what the contact is made of. The rooms, in this order:
``unpacking`` (bytes to parts), ``text`` and ``formats`` (parts to records), ``table`` (what the columns mean), ``values``
(what cells mean). `read` does it all for a file at hand.
"""

from __future__ import annotations

from pipeline.reading import canonical
from pipeline.reading.cells import contact_name, printable
from pipeline.reading.detection import detect
from pipeline.reading.layout import Layout
from pipeline.reading.mending import OWN, REJECTS_COLUMNS, SURPLUS, detect_mended
from pipeline.reading.picked import Picked, RowWarning, stored
from pipeline.reading.reader import RecordReader
from pipeline.reading.reading import (
    DateOrder,
    Field,
    FileReading,
    Format,
    Notice,
    OptOut,
    Reading,
    ReadingOptions,
    SavedMapping,
    Surroundings,
    strength,
)
from pipeline.reading.unpacking import Package, UnpackLimits, unpack
from pipeline.reading.whole import WholeFile, read

__all__ = [
    "OWN",
    "REJECTS_COLUMNS",
    "SURPLUS",
    "DateOrder",
    "Field",
    "FileReading",
    "Format",
    "Layout",
    "Notice",
    "OptOut",
    "Package",
    "Picked",
    "Reading",
    "ReadingOptions",
    "RecordReader",
    "RowWarning",
    "SavedMapping",
    "Surroundings",
    "UnpackLimits",
    "WholeFile",
    "canonical",
    "contact_name",
    "detect",
    "detect_mended",
    "printable",
    "read",
    "stored",
    "strength",
    "unpack",
]
