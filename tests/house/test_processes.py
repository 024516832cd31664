"""The processes: Procfile, compose file, image and queues agree with each other and with the code."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import yaml

from config.settings import Settings
from tests.house.repository import ROOT, procfile, variables
from workers.celery_settings import celery_settings
from workers.names import STAGE_TASKS, TASK_QUEUES, QueueName, TaskName

COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
YAML_RULES = "{extends: default, rules: {line-length: {max: 120}}}"


def queues(command: str) -> set[str]:
    words = shlex.split(command)
    return set(words[words.index("--queues") + 1].split(",")) if "--queues" in words else set()


def test_every_queue_is_consumed_and_no_other() -> None:
    consumed = [queues(command) for command in procfile().values()]
    assert set().union(*consumed) == set(QueueName)


def test_every_task_has_a_queue_and_celery_routes_it_there() -> None:
    assert set(TASK_QUEUES) == set(TaskName)
    assert set(TASK_QUEUES.values()) == set(QueueName) - {QueueName.EXPRESS}  # by the size of the job, not by its task
    assert set(STAGE_TASKS.values()) <= set(TaskName)
    routes = celery_settings(Settings())["task_routes"]
    assert routes == {str(task): {"queue": str(queue)} for task, queue in TASK_QUEUES.items()}


def test_the_bulk_and_dns_have_processes_of_their_own() -> None:
    for command in procfile().values():
        assert not {QueueName.CHUNK, QueueName.DNS} <= queues(command)


def test_compose_runs_exactly_the_processes_of_the_procfile() -> None:
    for name, command in procfile().items():
        shell, flag, line = SERVICES[name]["command"]
        assert (shell, flag) == ("sh", "-c")
        assert line.replace("$$", "$") == f"exec {command}"
    assert set(SERVICES) == {*procfile(), "postgres", "redis", "migrate"}


def test_compose_is_well_formed_yaml() -> None:
    command = [sys.executable, "-m", "yamllint", "--strict", "-d", YAML_RULES, "docker-compose.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_restarts_and_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0].startswith("CMD")


def test_processes_wait_for_the_migration_and_the_migration_for_the_database() -> None:
    for name in procfile():
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_nothing_is_published_beyond_loopback_and_no_secret_is_baked_in() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    for name in ("POSTGRES_PASSWORD", "FLOWER_BASIC_AUTH"):
        assert f"${{{name}:?" in COMPOSE
        assert f"\n{name}=\n" in (ROOT / ".env.example").read_text("utf-8")
    assert not re.search(r"(PASSWORD|AUTH): [^$\n]", COMPOSE)
    assert not re.search(r"://[^:/@\s]*:[^$@\s][^@\s]*@", COMPOSE), "a password in a URL"


def test_redis_never_evicts_and_keeps_a_log() -> None:
    words = shlex.split(SERVICES["redis"]["command"])
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"
    assert words[words.index("--appendonly") + 1] == "yes"


def test_a_stopping_container_has_longer_than_a_stopping_worker() -> None:
    soft_shutdown = Settings.model_fields["soft_shutdown"].default
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > soft_shutdown


def test_the_environment_of_the_processes_is_a_valid_configuration() -> None:
    # As compose would resolve it; values of .env.example stand for what a user fills in.
    given = {
        name: re.sub(r"\$\{[A-Z_]+:[-?]([^}]*)\}", r"\1", value)
        for name, value in SERVICES["flower"]["environment"].items()
    }
    fields = {name.removeprefix("MKT_").lower(): value for name, value in given.items() if name.startswith("MKT_")}
    made = Settings.model_validate(fields)
    assert not made.is_embedded_database
    assert not made.is_embedded_broker
    assert made.flower_port is not None
    assert SERVICES["flower"]["ports"] == [
        f"127.0.0.1:${{FLOWER_PUBLISHED_PORT:-{made.flower_port}}}:{made.flower_port}"
    ]


def test_the_image_installs_the_lock_with_hashes_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    instructions = [
        line.split()[0] for line in re.sub(r"\\\n", " ", text).splitlines() if line and not line.startswith("#")
    ]
    assert set(instructions) <= {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "CMD"}
    assert "--require-hashes -r requirements.lock" in text
    assert text.index("useradd") < text.index("\nUSER mkt\n") < text.index("\nCMD ")
    assert instructions[instructions.index("USER") :].count("RUN") == 0
    home = re.search(r"MKT_HOME=(\S+)", text)
    assert home is not None
    assert f"VOLUME {home[1]}\n" in text
    assert f"home:{home[1]}" in SERVICES["worker"]["volumes"]


def test_the_build_context_leaves_out_secrets_and_leftovers() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert {".env", ".git", ".venv", ".mkt"} <= set(ignored)


def test_variables_of_the_procfile_reach_the_containers() -> None:
    # Only what a container sets itself, or what .env brings in, can differ from the Procfile's defaults.
    assert variables((ROOT / "Procfile").read_text("utf-8")) <= variables(COMPOSE)
    assert all(SERVICES[name]["env_file"] == [{"path": ".env", "required": False}] for name in procfile())
