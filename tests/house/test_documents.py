"""The documents say what the code does: settings, schema, tasks, commands, links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from pydantic import BaseModel

from config.settings import Settings
from db.tables import NEIGHBOURS, metadata
from pipeline.problems import FileProblemCode
from pipeline.tenant_limits import LimitReached
from tests.house.generate import BLOCKS
from tests.house.repository import ROOT, block, code_words, documents, files, table_rows, variables
from workers.deliveries import DeliveryMessage
from workers.intake import IntakeMessage
from workers.names import TASK_QUEUES, TaskName
from workers.sending import SendMessage

#: Every table and column that the platform's own document names.
SEED = {
    "mkt.Audiences": "audience_id tenant_id name description status created_at updated_at",
    "mkt.AudienceContacts": "audience_id rid added_at",
    "mkt.ImportJobs": "import_job_id tenant_id audience_id uploaded_by_user_id file_name file_hash status",
    "mkt.ImportRows": "import_row_id import_job_id row_number raw_email raw_name normalized_email parse_status error_code error_detail created_at",
    "mkt.EmailValidations": "rid tenant_id status reason_code score validated_at validator_version details_json",
    "mkt.EmailValidationHistory": "validation_id tenant_id rid status score reason_code validated_at validator_version details_json",
    "mkt.CampaignAudiences": "tenant_id cid audience_id created_at",
}
#: Columns that it speaks of without naming them: counters and moments.
SEED_IN_WORDS = {
    f"mkt.ImportJobs: {word}" for word in ("total", "ok", "erro", "duplicadas", "criação", "início", "fim")
}
#: Read by a process's start instead of by the settings; FAILPOINT ones are for tests alone and stay undocumented.
PROCESS_VARIABLES = {"MKT_BEAT_SCHEDULE", "MKT_FLOWER_ADDRESS"}
#: The tasks that other services send, with their messages.
OFFERED: dict[TaskName, type[BaseModel]] = {
    TaskName.INTAKE: IntakeMessage,
    TaskName.SEND: SendMessage,
    TaskName.RECORD_DELIVERY: DeliveryMessage,
}
COMPOSE_FILES = ("docker-compose.yml", ".env.example", "Procfile", "Dockerfile")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def setting_names() -> set[str]:
    return {f"MKT_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize(("key", "make"), BLOCKS.items(), ids=[" ".join(key) for key in BLOCKS])
def test_generated_parts_are_fresh(key: tuple[str, str], make: Callable[[], str]) -> None:
    document, name = key
    assert block(read(document), name) == make(), "run `make docs`"


def test_every_setting_has_a_meaning_and_every_variable_of_the_documents_exists() -> None:
    documented = {row[0].strip("`") for row in table_rows(read("docs/settings.md")) if all(row[0::2])}
    assert documented == setting_names() | PROCESS_VARIABLES
    for path in [*documents(), *(ROOT / name for name in COMPOSE_FILES)]:
        unknown = variables(path.read_text("utf-8")) - setting_names() - PROCESS_VARIABLES
        assert not unknown, f"{path.name} names {unknown}"


def test_variables_that_the_code_reads_itself_are_documented() -> None:
    sources = [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] != "tests"]
    read_by_name = {
        name
        for path in sources
        for name in re.findall(r"environ(?:\.get\(|\[)\"(MKT_[A-Z_]+)\"", path.read_text("utf-8"))
    }
    assert {name for name in read_by_name if "FAILPOINT" not in name} <= setting_names() | PROCESS_VARIABLES


def test_the_schema_page_maps_every_name_of_the_platform_to_a_column_that_exists() -> None:
    rows = [
        row for row in table_rows(read("docs/schema.md")) if row[0].startswith("`mkt.") and row[1].startswith("`mkt.")
    ]
    mapped = {row[0].strip("`"): row[1].strip("`") for row in rows}
    assert (
        set(mapped)
        == {f"{table}.{column}" for table, columns in SEED.items() for column in columns.split()} | SEED_IN_WORDS
    )
    there = {f"{table.fullname}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    assert set(mapped.values()) <= there
    assert len(set(mapped.values())) == len(mapped)


def test_the_schema_page_says_what_every_other_table_is_for() -> None:
    described = {row[0].strip("`") for row in table_rows(read("docs/schema.md"))}
    seeded = {row[1].strip("`").rpartition(".")[0] for row in table_rows(read("docs/schema.md"))}
    own = {table.fullname for table in metadata.tables.values() if table not in NEIGHBOURS}
    assert own <= described | seeded


def test_the_contract_names_every_neighbour() -> None:
    rows = {row[0].strip("`") for row in table_rows(read("docs/neighbours.md"))}
    assert {table.fullname for table in NEIGHBOURS} <= rows


@pytest.mark.parametrize(("task", "model"), OFFERED.items())
def test_the_messages_of_the_docs_are_accepted_and_their_arguments_are_all_of_them(
    task: TaskName, model: type[BaseModel]
) -> None:
    heading, section = re.split(rf"^## (.*`{task}`)$", read("docs/tasks.md"), flags=re.MULTILINE)[1:]
    section = section.split("\n## ", 1)[0]
    examples = re.findall(r"^```json\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    for example in examples:
        model.model_validate(json.loads(example))
    documented = {row[0].strip("`"): row[1] == "yes" for row in table_rows(section)}
    assert heading
    assert examples
    assert documented == {name: field.is_required() for name, field in model.model_fields.items()}


def test_the_docs_name_every_task_with_its_queue() -> None:
    rows = {row[0].strip("`"): row[1].strip("`") for row in table_rows(read("docs/tasks.md"))}
    for task in set(TaskName) - set(OFFERED):
        assert rows[task] == TASK_QUEUES[task]
    for task in OFFERED:
        assert f"`{task}`\n\nQueue `{TASK_QUEUES[task]}`" in read("docs/tasks.md")


def test_refusal_codes_of_the_docs_exist() -> None:
    section = read("docs/tasks.md").split("refusals\n", 1)[1].split("\n## ", 1)[0]
    codes = {code for row in table_rows(section) for code in code_words(row[0])}
    assert codes - {"not_accepted"} <= set(FileProblemCode) | set(LimitReached)


def test_links_between_documents_lead_somewhere() -> None:
    for document in documents():
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name} points at {target}"
