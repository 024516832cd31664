"""From a file to the parts of it that can be read: what kind it is, what is packed in it, and whether it is a trap."""

from __future__ import annotations

from pipeline.reading.unpacking.kinds import WORKBOOKS, Kind
from pipeline.reading.unpacking.packages import Package, Part, UnpackLimits, unpack

__all__ = ["WORKBOOKS", "Kind", "Package", "Part", "UnpackLimits", "unpack"]
