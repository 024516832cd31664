"""Tables for people: rows written as a delimited file or as a workbook, as they come, in memory one at a time."""

from pipeline.exports.delimited import write_delimited
from pipeline.exports.originals import Originals, beyond
from pipeline.exports.table import ExportFormat, Table, TooLargeForWorkbookError, Written
from pipeline.exports.workbook import write_workbook

__all__ = [
    "ExportFormat",
    "Originals",
    "Table",
    "TooLargeForWorkbookError",
    "Written",
    "beyond",
    "write_delimited",
    "write_workbook",
]
