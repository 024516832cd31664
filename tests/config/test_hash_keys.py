"""The key file: made once, private, read whole or not at all, and never shown."""

from __future__ import annotations

import hashlib
import hmac
import json
import stat
import threading
import uuid
from pathlib import Path

import pytest

from config import hash_keys
from config.hash_keys import HashKeys, HashKeysError
from config.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def test_it_is_made_once_for_its_owner_alone(settings: Settings) -> None:
    assert hash_keys.read(settings) is None
    made = hash_keys.make(settings)
    path = settings.hash_keys_path
    assert path == settings.home_path / "keys" / "hash_keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [len(key) for key in json.loads(path.read_text()).values()] == [64]
    assert hash_keys.make(settings).as_setting() == made.as_setting()
    assert [file.name for file in path.parent.iterdir()] == ["hash_keys.json"]


def test_whoever_makes_it_at_the_same_moment_has_the_same_keys(settings: Settings) -> None:
    made: list[str] = []
    together = threading.Barrier(8)

    def make() -> None:
        together.wait()
        made.append(hash_keys.make(settings).as_setting())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"1": "abc"}',
        '{"1": 5}',
        f'{{"0": "{"a" * 64}"}}',
        f'{{"x": "{"a" * 64}"}}',
        f'{{"99999": "{"a" * 64}"}}',
        f'{{"1": "{"a" * 62}"}}',
        f'{{"1": "{"g" * 64}"}}',
        "\udcff",
    ],
)
def test_a_damaged_file_is_said_in_one_sentence_and_never_replaced(settings: Settings, content: str) -> None:
    path = settings.hash_keys_path
    path.parent.mkdir(parents=True)
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    for use in (hash_keys.read, hash_keys.make):
        with pytest.raises(HashKeysError, match="is damaged") as caught:
            use(settings)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.__cause__ is None
    assert path.read_bytes() == content.encode("utf-8", "surrogateescape")


def test_the_highest_version_is_current_and_every_tenant_has_a_key_of_its_own() -> None:
    keys = HashKeys({10: b"b" * 32, 9: b"a" * 32})
    first, second = uuid.uuid4(), uuid.uuid4()
    assert (keys.versions, keys.current) == ((9, 10), 10)
    assert keys.tenant_key(first, 9) == hmac.new(b"a" * 32, first.bytes, hashlib.sha256).digest()
    mailbox = "josé@empresa.com.br"
    assert keys.hash(first, 9, mailbox) == hmac.new(keys.tenant_key(first, 9), mailbox.encode(), "sha256").digest()
    assert len({keys.hash(tenant, version, mailbox) for tenant in (first, second) for version in (9, 10)}) == 4
    with pytest.raises(KeyError):
        keys.hash(first, 1, mailbox)


def test_no_key_is_shown_by_accident(settings: Settings) -> None:
    keys = hash_keys.make(settings)
    secret = keys.as_setting().partition(":")[2]
    assert secret not in repr(keys) + str(keys) + f"{keys!s}" + repr(settings)
