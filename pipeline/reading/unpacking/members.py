"""The members of a ZIP archive: which of them are files that somebody put there, and what they are called."""

from __future__ import annotations

import itertools
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

#: What operating systems put into archives on their own, in small letters; hidden files begin with a dot.
_BYSTANDERS: Final = frozenset({"thumbs.db", "desktop.ini"})
_BYSTANDER_FOLDERS: Final = frozenset({"__macosx"})
#: Set where a name is UTF-8; without it, it is in the code page of whoever packed it (APPNOTE 4.4.4).
_UTF8_FLAG: Final = 0x800
#: How many names a sentence has, and how much of each.
_LISTED: Final = 10
_LISTED_CHARACTERS: Final = 80


class Member(NamedTuple):
    """A file in an archive, with its name as people know it."""

    name: str
    info: zipfile.ZipInfo

    @property
    def is_encrypted(self) -> bool:
        """Say whether it takes a password to read it."""
        return bool(self.info.flag_bits & 1)


def members_of(archive: zipfile.ZipFile) -> tuple[Member, ...]:
    """Return the files of an archive in its order; folders, empty files and what systems add on their own are none."""
    members = (Member(_name_of(info), info) for info in archive.infolist() if info.file_size or info.CRC)
    return tuple(member for member in members if not _is_bystander(member.name))


def select(members: Sequence[Member], wanted: Sequence[str]) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """Return the members that are wanted, in the order of the archive, and the wanted names that no member has.

    A name may lack the folders; small and capital letters are the same.
    """
    named = {name: [member for member in members if _has_name(member, name)] for name in wanted}
    chosen = {id(member.info) for found in named.values() for member in found}
    missing = tuple(name for name, found in named.items() if not found)
    return tuple(member for member in members if id(member.info) in chosen), missing


def listed(names: Iterable[str]) -> str:
    """Return names for a sentence: the first of them, shortened where they are long."""
    some = list(itertools.islice(names, _LISTED + 1))
    shown = ", ".join(
        name if len(name) <= _LISTED_CHARACTERS else f"…{name[-_LISTED_CHARACTERS:]}" for name in some[:_LISTED]
    )
    return f"{shown}, …" if len(some) > _LISTED else shown


def _has_name(member: Member, name: str) -> bool:
    sought = _comparable(name)
    return sought in {_comparable(member.name), _comparable(member.name.rpartition("/")[2])}


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_bystander(name: str) -> bool:
    *folders, base = name.casefold().split("/")
    return base.startswith(".") or base in _BYSTANDERS or not _BYSTANDER_FOLDERS.isdisjoint(folders)


def _name_of(info: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 without saying so, and a Brazilian Windows writes its code page 850."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437")  # as which the zipfile module read it; every byte has a character there
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("cp850")
    return unicodedata.normalize("NFC", name.replace("\\", "/"))
