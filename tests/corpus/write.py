"""Writes the corpus out, each file beside its expectation: ``python -m tests.corpus.write FOLDER``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.corpus.topics import all_cases


def write(folder: Path) -> int:
    """Write ``TOPIC/NAME/FILE`` and ``TOPIC/NAME/expected.json`` for every case; return how many."""
    cases = list(all_cases())
    for case in cases:
        home = folder / case.topic / case.name
        home.mkdir(parents=True, exist_ok=True)
        (home / case.file_name).write_bytes(case.data)
        expected = json.dumps(case.to_json(), ensure_ascii=False, indent=1)
        (home / "expected.json").write_text(expected + "\n", encoding="utf-8")
    return len(cases)


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]))} files\n")
