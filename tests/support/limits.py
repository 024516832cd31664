"""Small disks, and the command as people run it beside a stand: for the tests in which something has run out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import Settings
from workers.procfile import child_environment


@dataclass(frozen=True)
class SmallDisk:
    """A disk in memory, of so many megabytes."""

    path: Path

    def resize(self, megabytes: int) -> None:
        """Give it more room while it is in use."""
        subprocess.run(["mount", "-o", f"remount,size={megabytes}m", str(self.path)], check=True)

    def fill(self, leave: int) -> Path:
        """Leave no more than so many bytes free; returns the file that takes the rest."""
        filler, piece = self.path / "filler", b"x" * leave
        with filler.open("wb", buffering=0) as stream, suppress(OSError):  # until there is no room
            while True:
                stream.write(piece)
        with filler.open("r+b") as stream:
            stream.truncate(max(0, filler.stat().st_size - leave))
        return filler


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk in memory; skips the test where nobody may mount one."""
    path.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode(errors='replace').strip()}")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    def assert_clear_refusal(self, *words: str) -> None:
        """It is one sentence with these words, and no traceback; nobody would take it for success."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert "Traceback" not in self.err, self.err
        assert len(self.err.strip().splitlines()) == 1, self.err
        for word in words:
            assert word in self.err, self.err


def mkt(settings: Settings, tenant: str, *arguments: str) -> Answer:
    """Run the command as a process of its own."""
    env = {**child_environment(settings), "MKT_TENANT": tenant, "MKT_LANG": "en", "MKT_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], env=env, capture_output=True, text=True, check=False
    )
    return Answer(done.returncode, done.stdout, done.stderr)
