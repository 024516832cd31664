"""Damaged files without end: ``python -m tests.corpus.fuzz MINUTES [SEED]``.

Takes files of the corpus apart (bytes flipped, cut, doubled, moved, joined with others) and reads what comes out. It stops at
the first file that is neither read nor refused, that takes too long for its size, or when memory has grown; the file is left behind.
"""

from __future__ import annotations

import faulthandler
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.corpus.reader import read
from tests.corpus.topics import all_cases

#: Seconds that a file may take, and for each megabyte of it; the machine may be busy.
SECONDS, SECONDS_PER_MB = 20.0, 60.0
#: Seconds after which a file is believed to be read for ever; where, is said.
HANGS: Final = 240.0
#: Growth of the largest resident size, in KiB, after a tenth of the time.
GROWTH: Final = 200 * 1024
LARGEST: Final = 1 << 18
#: Bytes that mean something to some format.
TELLING: Final = (
    *(b'"', b"'", b",", b";", b"\t", b"|", b"\n", b"\r", b"\r\n", b"\\", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"@", b"=", b"\x1a"),
    *(b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"(\xb5/\xfd", b"{", b"[", b"BEGIN:VCARD\n", b"sep=;\n", b"a@b.com", b"\xe3o", b"\xc3\xa3", b"9" * 400),
)  # fmt: skip


def _flip(data: bytearray, chance: random.Random, _: bytes) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.randrange(256)


def _insert(data: bytearray, chance: random.Random, _: bytes) -> None:
    at = chance.randint(0, len(data))
    data[at:at] = chance.choice(TELLING) * chance.choice((1, 1, 1, 2, 50))


def _remove(data: bytearray, chance: random.Random, _: bytes) -> None:
    at = chance.randint(0, len(data))
    del data[at : at + chance.choice((1, 1, 2, 10, 1000))]


def _double(data: bytearray, chance: random.Random, _: bytes) -> None:
    at, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    data[at:at] = data[at:end] * chance.choice((1, 2, 20))


def _splice(data: bytearray, chance: random.Random, other: bytes) -> None:
    at = chance.randint(0, len(data))
    begin = chance.randint(0, len(other))
    data[at:] = other[begin : begin + LARGEST]


MUTATIONS: Final[tuple[Callable[[bytearray, random.Random, bytes], None], ...]] = (
    *(_flip, _flip, _insert, _insert, _remove, _double, _splice),
)


def main(minutes: float, seed: int) -> None:
    """Read damaged files for so long. Raises SystemExit with what was found."""
    chance = random.Random(seed)
    files = [case for case in all_cases() if len(case.data) <= LARGEST]
    begin, count, warm = time.monotonic(), 0, 0
    while (passed := time.monotonic() - begin) < 60 * minutes:
        case, other = chance.choice(files), chance.choice(files)
        data = bytearray(case.data)
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            chance.choice(MUTATIONS)(data, chance, other.data)
        _try(bytes(data[: 4 * LARGEST]), case.file_name)
        count += 1
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        warm = warm or (peak if passed > 6 * minutes else 0)
        if warm and peak > warm + GROWTH:
            msg = f"memory grew from {warm} to {peak} KiB after {count} files"
            raise SystemExit(msg)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(
        f"{count} files in {minutes:g} minutes (seed {seed}): all read or refused; peak {peak // 1024} MiB\n"
    )


def _try(data: bytes, file_name: str) -> None:
    begin = time.monotonic()
    faulthandler.dump_traceback_later(HANGS, exit=True)
    try:
        read(data, file_name=file_name)
    except BaseException:
        sys.stderr.write(f"neither read nor refused: {_left_behind(data, file_name)}\n")
        raise
    faulthandler.cancel_dump_traceback_later()
    taken = time.monotonic() - begin
    if taken > SECONDS + SECONDS_PER_MB * len(data) / (1 << 20):
        msg = f"{taken:.0f} s for {len(data)} bytes: {_left_behind(data, file_name)}"
        raise SystemExit(msg)


def _left_behind(data: bytes, file_name: str) -> Path:
    path = Path(tempfile.mkdtemp(prefix="mkt-fuzz-"), Path(file_name).name)
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32))
