"""Reading files of contacts: bytes become text, text becomes records, a header becomes columns with a meaning.

`detect` decides once per file how it is read; the decision, a `Reading`, is plain data that is kept with the job.
`RecordReader` then yields the records one by one, `canonical` stores them in chunks, and `Layout` picks out of a record
what the contact is made of.
"""

from __future__ import annotations

from pipeline.reading import canonical
from pipeline.reading.detection import SAMPLE_BYTES, detect
from pipeline.reading.layout import Layout, Picked, contact_name, printable
from pipeline.reading.reading import Field, Reading, ReadingOptions
from pipeline.reading.records import RecordReader

__all__ = [
    "SAMPLE_BYTES",
    "Field",
    "Layout",
    "Picked",
    "Reading",
    "ReadingOptions",
    "RecordReader",
    "canonical",
    "contact_name",
    "detect",
    "printable",
]
