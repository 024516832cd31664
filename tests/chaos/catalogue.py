"""The faults that a trusted system must survive, by number; tests say with ``pytest.mark.fault`` which one they inject."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.repository import ROOT

CATALOGUE: Final = {
    1: "a process that does the work is killed, again and again",
    2: "a whole worker is killed",
    3: "a worker is stopped while messages come, then killed: what it had taken from the broker is lost",
    4: "a worker is told to stop and killed before it can have stopped",
    5: "a process is stopped for longer than anybody waits, and goes on later",
    6: "all workers are restarted in turn under load",
    7: "connections to the broker are cut every second",
    8: "the broker is killed and starts again with what it kept",
    9: "the broker loses every message",
    10: "the broker is away for a minute",
    11: "the broker takes connections and does not answer; or its network is slow, or resets",
    12: "Redis has no memory left and refuses",
    13: "sessions of PostgreSQL are ended; or its network is silent, slow, or resets",
    14: "PostgreSQL stops at once, in the middle of transactions, and starts again",
    15: "a process dies between its commit and the next message, at every stage",
    16: "a message comes before what it speaks of can be seen",
    17: "a process dies after its effects, before it has confirmed the message",
    18: "the last two chunks end at the same moment",
    19: "a chunk kills whoever takes it",
    20: "a task does not heed its time limit",
    21: "the same file is submitted twenty times at once",
    22: "jobs with the same contacts run at once",
    23: "a job is cancelled at any moment, also when it ends",
    24: "a huge job of one tenant, and small jobs of others",
    25: "DNS is silent, says SERVFAIL, lies, is cut short, or slow",
    26: "what was used before a fork is used after it",
    27: "there are two clocks, or none for a while",
    28: "rubbish, unknown tasks and messages of other versions come",
    29: "a disk is full",
    30: "a tenant is forgotten or wrong",
    31: "nobody hears the events, or their channel is cut",
    32: "a random mix of all these",
    33: "the fence, the sweep or the sorting is switched off: then the tests must fail",
}
TESTS: Final = ROOT / "tests"


def claims() -> dict[int, list[tuple[Path, str]]]:
    """Return, by number, the tests that say they inject the fault: file and function."""
    found: dict[int, list[tuple[Path, str]]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for number, name in _claims_of(ast.parse(path.read_text("utf-8"))):
            found[number].append((path.relative_to(ROOT), name))
    return dict(sorted(found.items()))


def _claims_of(module: ast.Module) -> Iterator[tuple[int, str]]:
    everywhere = [
        number
        for node in module.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "pytestmark" for target in node.targets)
        for number in _numbers(node.value)
    ]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marked = [number for decorator in node.decorator_list for number in _numbers(decorator)]
            yield from ((number, node.name) for number in sorted({*everywhere, *marked}))


def _numbers(tree: ast.AST) -> Iterator[int]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "fault":
            yield from (
                argument.value
                for argument in call.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, int)
            )


def fault_list() -> str:
    """Return the table of faults: number, what happens, what of it the random mix has, and the tests that have a name of their own."""
    from tests.chaos.faults import FAULTS  # noqa: PLC0415 (who only counts claims needs no processes)

    lines = ["| | fault | alone (`test_faults.py`) and in the mix | more tests |", "|---:|---|---|---|"]
    known = claims()
    for number, what in CATALOGUE.items():
        mixed = "<br>".join(name for name, fault in FAULTS.items() if fault.number == number)
        tests = "<br>".join(f"`{name}` ({path.relative_to('tests')})" for path, name in known.get(number, []))
        lines.append(f"| {number} | {what} | {mixed} | {tests} |")
    return "\n".join(lines)
