"""Contact files: one with the troubles of real life for the demonstration, and plain large ones for measuring.

Both are deterministic. The people are invented; so are the companies.
"""

from __future__ import annotations

import csv
import io
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cli.demo.words import CITIES, FIRST_NAMES, LAST_NAMES, PARTICLES, SOURCES
from cli.demo.zone import ACCENTED, COMPANIES, PROVIDERS, TYPOS, numbered_domains

HEADER: Final = ("Nome", "E-mail", "Telefone", "Cidade", "Origem")
SEED: Final = 2026

#: Shares of the rows, in percent; the rest are addresses in good order.
_DUPLICATES, _BROKEN, _MISTYPED, _UNTIDY = 4.0, 5.0, 1.5, 4.0
_BLANK_LINES: Final = ("", ";;;;", "  ; ;;\u00a0;")
#: A blank line follows this many rows.
_BLANK_EVERY: Final = 400

#: Rows of a large file that are written at once; which of 50 repeats an address, and which of 100 has none.
_BLOCK, _REPEATS, _HAS_NONE = 10_000, 49, 97

#: What people make of an address so that no mail can use it; ``{l}`` is the local part, ``{d}`` the domain.
_BREAKS: Final = (
    "", "", "", "-", "não tem", "não informado", "(11) 90000-0000", "www.{d}", "{l}", "{l}{d}", "{l}#{d}", "{l} arroba {d}",
    "{l}@@{d}", "{l}@{l}@{d}", "{l}@", "@{d}", "{l}@gmail", "{l}@{d_comma}", "{l}@.{d}", "{l}@{d_dots}", "{l}@-{d}", "{l}@{d}-",
    "{l_space}@{d}", "{l}@{d_space}", ".{l}@{d}", "{l}.@{d}", "{l}..@{d}", "{l},1@{d}", "{l}@{d};{l}2@{d}", "{l}@{d}, {l}.2@{d}",
    "{l}@{d} / {l}2@{d}", '"{l} s"@{d}', "{l}(casa)@{d}", "{l}@[192.168.0.1]", "{l}@192.168.0.1", "{l}@empresa.local",
    "{l}@teste.invalid", "{l}@servidor.example", "{l}@localhost", "{l}@" + 70 * "x" + ".com.br", "{l}.contato@" + "sub." * 61 + "com.br",
)  # fmt: skip

#: What files do to an address that is still readable.
_UNTIDYINGS: Final[tuple[Callable[[str], str], ...]] = (
    str.upper,
    str.title,
    lambda address: f"  {address} ",
    lambda address: f"\u00a0{address}",
    lambda address: f"{address}\u200b",
    lambda address: f"\ufeff{address}",
    lambda address: f"{address}\t",
    lambda address: f"{address}.",
    lambda address: f"{address};",
    lambda address: f"mailto:{address}",
    lambda address: f"{address}\n",
)


def write_demo_file(path: Path, rows: int = 10_000, seed: int = SEED) -> None:
    """Write a contact list as a Brazilian spreadsheet would: semicolons, UTF-8 with BOM, CRLF.

    It has ``rows`` records, blank lines besides, about five percent broken addresses and four percent duplicates.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(HEADER)
        for number, record in enumerate(records(random.Random(seed), rows), start=1):  # noqa: S311 (nothing secret)
            writer.writerow(record)
            if number % _BLANK_EVERY == 0:
                file.write(_BLANK_LINES[number // _BLANK_EVERY % len(_BLANK_LINES)] + "\r\n")


def write_large_file(path: Path, rows: int = 1_000_000, domains: int = 30_000) -> None:
    """Write a plain list for measuring: comma, UTF-8; half of the people at large providers, the others spread evenly.

    Every 50th row repeats the address of an earlier one, every 100th has none. The domains are those of
    ``numbered_domains``.
    """
    providers, companies = list(PROVIDERS), numbered_domains(domains)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("email,name,city,source\n")
        for start in range(0, rows, _BLOCK):
            block = io.StringIO()
            for number in range(start, min(start + _BLOCK, rows)):
                # An earlier row that is neither a repetition nor empty, in another chunk where the file is long enough.
                person = max(number - 30_007, 42) if number % 50 == _REPEATS else number
                domain = providers[person // 2 % len(providers)] if person % 2 else companies[person // 2 % domains]
                address = "" if number % 100 == _HAS_NONE else f"pessoa{person}@{domain}"
                first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
                block.write(f"{address},{first} {last},{CITIES[number % len(CITIES)]},lista {number % 7}\n")
            file.write(block.getvalue())


def records(rng: random.Random, rows: int) -> Iterator[list[str]]:
    """Yield as many records of the demonstration's kind, each in the order of `HEADER`."""
    given: list[str] = []
    taken: set[str] = set()
    for number in range(rows):
        name = _name(rng)
        dice = rng.uniform(0, 100)
        if given and dice < _DUPLICATES:
            cell = rng.choice(_UNTIDYINGS)(rng.choice(given)) if rng.random() < 0.5 else rng.choice(given)  # noqa: PLR2004 (every second)
        else:
            local, domain = _new_address(rng, name, taken, mistyped=dice > 100 - _MISTYPED)
            cell = f"{local}@{domain}"
            if dice < _DUPLICATES + _BROKEN:
                cell = _broken(rng, local, domain)
            else:
                given.append(cell)
                if dice < _DUPLICATES + _BROKEN + _UNTIDY:
                    cell = rng.choice(_UNTIDYINGS)(cell)
        record = [name, cell, _telephone(rng), rng.choice(CITIES), rng.choice(SOURCES)]
        # Somebody wrote a note beside the table.
        yield [*record, "ligar depois"] if number % 1_000 == 500 else record  # noqa: PLR2004 (once in a thousand)


def _name(rng: random.Random) -> str:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    nickname = f' "{first[:2]}{first[:2].lower()}"' if rng.random() < 0.01 else ""  # noqa: PLR2004 (one in a hundred)
    second = f"{rng.choice(PARTICLES)}{rng.choice(LAST_NAMES)} " if rng.random() < 0.4 else ""  # noqa: PLR2004 (two in five)
    name = f"{first}{nickname} {second}{last}"
    return rng.choice((name, name, name, name, name.upper(), f" {name}  ", unicodedata.normalize("NFD", name)))


def _new_address(rng: random.Random, name: str, taken: set[str], *, mistyped: bool) -> tuple[str, str]:
    words = _ascii(name).split()
    first, last = words[0], words[-1]
    local = rng.choice(
        (f"{first}.{last}", f"{first}{last}", f"{first[0]}{last}", f"{first}_{last}", f"{last}.{first}", first)
    )
    if mistyped:
        domain = rng.choice(list(TYPOS))
    elif rng.random() < 0.7:  # noqa: PLR2004 (seven in ten have a private address)
        domain = rng.choices(list(PROVIDERS), weights=list(PROVIDERS.values()))[0]
    else:
        domain = rng.choice((*COMPANIES, ACCENTED))
    wanted, number = local, 1
    while f"{local}@{domain}" in taken:
        number += 1
        local = f"{wanted}{number}"
    taken.add(f"{local}@{domain}")
    return local, domain


def _broken(rng: random.Random, local: str, domain: str) -> str:
    name, _, suffix = domain.partition(".")
    return rng.choice(_BREAKS).format(
        l=local,
        d=domain,
        d_comma=f"{name},{suffix}",
        d_dots=f"{name}..{suffix}",
        d_space=f"{name} .{suffix}",
        l_space=f"{local[:2]} {local[2:]}x",
    )


def _telephone(rng: random.Random) -> str:
    # No subscriber has a number that begins with 90000.
    return rng.choice(
        (
            "",
            f"({rng.randint(11, 99)}) 90000-{rng.randint(0, 9999):04}",
            f"+55{rng.randint(11, 99)}90000{rng.randint(0, 9999):04}",
        )
    )


def _ascii(text: str) -> str:
    folded = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
    return "".join(character for character in folded if character.isalnum() or character == " ")
