"""Commands that the documents tell people to type exist: of `make` and of `mkt`, with their options."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from typing import Any

import typer

from cli.main import app
from tests.house.repository import ROOT, code_words, documents, shell_lines

PLACES = [*documents(), ROOT / "docker-compose.yml", ROOT / "Makefile"]


def written(program: str) -> dict[str, str]:
    """Every command line of that program in fences and backticks, and where it stands."""
    found = {}
    for place in PLACES:
        text = place.read_text("utf-8")
        plain = re.findall(r"(?:command: |\$\(BIN\)/)(\S.*)$", text, re.MULTILINE)
        for line in [*shell_lines(text), *code_words(text), *plain]:
            if re.match(rf"{program}(?: |$)", line):
                found[line] = place.name
    return found


@cache
def mkt() -> Any:  # noqa: ANN401 (one of typer's)
    return typer.main.get_command(app)


def fault(line: str) -> str | None:
    """What is wrong with a line of `mkt`: a word that is no command, or an option that the command does not have."""
    command = mkt()
    words = line.replace("…", "").split()[1:]
    options = {name for param in command.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
    while words and hasattr(command, "commands"):
        word = words.pop(0)
        if word.startswith("-"):  # an option of the group: with its value, where it takes one
            taking = [param for param in command.params if word in param.opts and not param.is_flag]
            words = words[1:] if taking else words
            continue
        subcommands = [command.commands.get(name) for name in word.split("|")]
        if None in subcommands:
            return f"{word} is no command"
        command = subcommands[0]
        options |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    used = {word.partition("=")[0].strip("[]") for word in words if re.match(r"\[?--[a-z]", word)}
    return f"there is no {used - options}" if used - options else None


def test_mkt_commands_of_the_documents_exist_with_their_options() -> None:
    lines = written("mkt")
    assert len(lines) > 15
    assert not {f"{place}: {line}": wrong for line, place in lines.items() if (wrong := fault(line))}


def test_a_command_or_an_option_that_does_not_exist_is_seen() -> None:
    assert fault("mkt job list") is None
    assert fault("mkt job enumerate") == "enumerate is no command"
    assert fault("mkt import FILE --nonsense=1") == "there is no {'--nonsense'}"


def test_make_targets_of_the_documents_exist_and_every_target_is_in_the_help() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for line in written("make") for word in line.split()[1:] if re.fullmatch(r"[a-z-]+", word)}
    assert named <= targets
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in listed.splitlines()} == targets
    assert {"venv", "demo", "test", "test-all", "lint", "bench", "chaos", "audit"} <= targets
