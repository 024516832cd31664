"""Files that are too much: a code and a sentence, or the good rows; memory stays bounded in either case."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.generated import MIB, WICKED

MAX_MEMORY = 512 * MIB  # of address space, beyond what the imports take: a hard limit of the reading process

_READ = """
import json, resource, sys
from pathlib import Path
from pipeline import reading
from pipeline.problems import FileProblem

here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (here + int(sys.argv[2]),) * 2)
count, emails, said, failure, sentence = 0, [], {}, None, None
try:
    with open(sys.argv[1], "rb") as stream:
        file = reading.read(stream, file_name=Path(sys.argv[1]).name)
        for _, _, picked in file.rows():
            count += 1
            if picked.problem is None:
                emails = [*emails, picked.email][-2:]
            for code in (picked.problem, *(warning.code for warning in picked.warnings)):
                if code is not None:
                    said[code] = said.get(code, 0) + 1
except FileProblem as problem:
    failure, sentence = str(problem.code), str(problem)
print(json.dumps({"rows": count, "emails": emails, "said": said, "failure": failure, "sentence": sentence}))
"""


def read_within_bounds(path: Path) -> dict[str, Any]:
    """Read a file in a process of its own that may not grow beyond the limit."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path), str(MAX_MEMORY)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.slow
@pytest.mark.parametrize("write", WICKED, ids=lambda write: write.__name__)
def test_a_wicked_file_ends_with_a_code_or_with_its_good_rows_and_memory_stays_bounded(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / write.__name__
    write(path)
    result = read_within_bounds(path)
    if codes := WICKED[write]:
        assert result["failure"] in codes, result
        assert path.name in result["sentence"]
    else:
        assert result["failure"] is None, result
        assert result["emails"], result
        assert result["said"], result
