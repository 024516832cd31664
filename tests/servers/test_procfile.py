"""What the supervised commands are, and what they find in their environment."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from config.settings import Settings, read_settings
from workers.procfile import ProcessSpec, ProcfileError, child_environment, flower_port, parse_procfile


def procfile(folder: Path, text: str) -> Path:
    path = folder / "Procfile"
    path.write_bytes(text.encode("latin-1"))
    return path


def test_a_procfile_s_processes_are_read_in_their_order(tmp_path: Path) -> None:
    path = procfile(tmp_path, "# a note\n\nb: x --y ${Z:-1}\n  a-1:  y: z  \n")
    assert parse_procfile(path) == [ProcessSpec("b", "x --y ${Z:-1}"), ProcessSpec("a-1", "y: z")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: x\nno colon\n", "line 2: write a process as `name: command`"),
        ("a:\n", "line 1: write a process as `name: command`"),
        ("a b: x\n", "line 1: write a process as `name: command`"),
        ("a: x\na: y\n", "line 2: there is a process 'a' already; give this one another name"),
        ("a: \xff\n", "it is not UTF-8 text"),
    ],
)
def test_a_wrong_procfile_is_refused_in_a_sentence_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = procfile(tmp_path, text)
    with pytest.raises(ProcfileError) as caught:
        parse_procfile(path)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).endswith(sentence)


def test_a_missing_procfile_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProcfileError, match="cannot be read: No such file or directory"):
        parse_procfile(tmp_path / "none")


def test_a_child_reads_the_very_settings_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MKT_DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.chdir(tmp_path)
    settings = Settings(
        home=Path("home"),
        database_url=None,
        dns_nameservers=("127.0.0.1:5353", "127.0.0.1:5354"),
        dns_canaries=(),
        worker_concurrency=7,
        flower_port=20_001,
        lang="pt-BR",
    )
    environment = child_environment(settings)
    monkeypatch.chdir("/")
    for name in [name for name in os.environ if name.startswith("MKT_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings.model_copy(
        update={"home": tmp_path / "home", "hash_keys_file": tmp_path / "home" / "keys" / "hash_keys.json"}
    )


def test_a_child_finds_the_commands_of_this_virtual_environment(tmp_path: Path) -> None:
    path = child_environment(Settings(home=tmp_path))["PATH"]
    assert shutil.which("celery", path=path) == str(Path(sys.executable).parent / "celery")


def test_the_beat_s_file_and_flower_s_port_belong_to_the_home(tmp_path: Path) -> None:
    first, second = (Settings(home=tmp_path / name) for name in ("a", "b"))
    assert child_environment(first)["MKT_BEAT_SCHEDULE"] == str(tmp_path / "a" / "beat-schedule")
    assert child_environment(first)["MKT_FLOWER_PORT"] == str(flower_port(first)) != str(flower_port(second))


def test_flower_s_port_is_free_when_it_is_chosen_and_kept_from_then_on(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    chosen = flower_port(settings)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", chosen))
        assert flower_port(settings) == chosen
        (tmp_path / "home" / "flower-port").write_text("rubbish")
        assert flower_port(settings) != chosen


def test_flower_s_port_in_the_settings_wins(tmp_path: Path) -> None:
    flower_port(Settings(home=tmp_path))
    assert flower_port(Settings(home=tmp_path, flower_port=1234)) == 1234
