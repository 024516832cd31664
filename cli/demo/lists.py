"""The demonstration's files beside its large one: a list that was bought, the guests of an event, and who wants no mail.

They overlap as such lists do. Deterministic: the same bytes at every writing.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from cli.demo.contacts import SEED, records, write_demo_file
from cli.demo.zone import COMPANIES, TYPOS
from pipeline.addresses import judge

#: Names of the files; those of the audiences are the platform's own examples.
SITE_FILE: Final = "leads-do-site.csv"
BOUGHT_FILE: Final = "base-comprada.csv"
EVENT_FILE: Final = "evento-marco-2026.csv"
OPT_OUTS_FILE: Final = "descadastros.csv"

#: Rows of each file, and how many of them are people of the site's file.
SITE_ROWS: Final = 10_000
_BOUGHT, _BOUGHT_KNOWN = 3_000, 900
_EVENT, _EVENT_KNOWN = 1_500, 600
_OPT_OUTS: Final = 240
#: One in so many rows of the bought list is mistyped, and one in so many is at a company that is gone.
_MISTYPED, _GONE = 14, 16
#: A person who is asked about in the end: came with the event, asked not to be written to later.
GUEST: Final = "beatriz.azevedo@gmail.com"
#: And one who may be written to.
READER: Final = "mateus.brandao@uol.com.br"


def write_lists(folder: Path) -> None:
    """Write all four files into the folder."""
    write_demo_file(folder / SITE_FILE, rows=SITE_ROWS)
    site = list(_addresses(folder / SITE_FILE))
    chance = random.Random(SEED)  # noqa: S311 (nothing secret)
    bought, event = _bought(chance, site), _event(chance, site)
    _write(folder / BOUGHT_FILE, ",", "cp1252", ("email", "nome", "cidade"), bought)
    header = ("E-mail", "Nome", "Empresa", "Data do consentimento", "Base legal")
    _write(folder / EVENT_FILE, ";", "utf-8", header, event)
    _write(folder / OPT_OUTS_FILE, ";", "utf-8", ("E-mail", "Pedido em"), _opt_outs(chance, site, event))


def _write(path: Path, delimiter: str, encoding: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows([unicodedata.normalize("NFC", cell) for cell in row] for row in rows)


def _addresses(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (address, name) of the rows of the site's file that have one."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for record in csv.reader(file, delimiter=";"):
            if len(record) > 1 and (address := judge(record[1]).normalized) is not None:
                yield address, record[0]


def _bought(chance: random.Random, site: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return somebody's list: people whom the site knows in other spellings, strangers, and much that leads nowhere."""
    rows = [[_otherwise(chance, address), name, ""] for address, name in chance.sample(site, _BOUGHT_KNOWN)]
    gone = COMPANIES[::5][24:32]  # the zone has these no longer
    for number, (name, written, _, city, *_) in enumerate(records(random.Random(SEED + 1), _BOUGHT - _BOUGHT_KNOWN)):  # noqa: S311 (as above)
        local, cell = written.partition("@")[0], written
        if number % _MISTYPED == 0:
            cell = f"{local}@{chance.choice(list(TYPOS))}"
        elif number % _GONE == 0:
            cell = f"{local}@{chance.choice(gone)}"
        rows.append([cell, name, city])
    chance.shuffle(rows)
    return rows


def _event(chance: random.Random, site: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the guests, each with the day and the grounds on which they agreed."""
    guests = [(address, name) for address, name in chance.sample(site, _EVENT_KNOWN)]
    strangers = records(random.Random(SEED + 2), 2 * _EVENT)  # noqa: S311 (as above)
    fresh = ((judge(cell).normalized, name) for name, cell, *_ in strangers)
    guests += [(address, name) for address, name in fresh if address is not None][: _EVENT - _EVENT_KNOWN - 2]
    guests += [(GUEST, "Beatriz Azevedo"), (READER, "Mateus Brandão")]
    chance.shuffle(guests)
    return [
        [address, name, chance.choice(COMPANIES).partition(".")[0], f"{day:02}/03/2026 {hour:02}:15", "consentimento"]
        for (address, name), day, hour in ((guest, chance.randint(2, 29), chance.randint(8, 19)) for guest in guests)
    ]


def _opt_outs(
    chance: random.Random, site: Sequence[tuple[str, str]], event: Sequence[Sequence[str]]
) -> Iterator[list[str]]:
    """Yield who asked for no more mail, of both lists; with what stands in such files besides."""
    people = [address for address, _ in chance.sample(site, _OPT_OUTS * 3 // 4)]
    people += [row[0] for row in chance.sample(event, _OPT_OUTS // 4) if row[0] != READER]
    for number, address in enumerate([*people, GUEST.upper()]):
        yield [address, f"{number % 27 + 1:02}/10/2026"]
    yield ["pediu por telefone, sem e-mail", "03/11/2026"]
    yield [people[0], "04/11/2026"]


def _otherwise(chance: random.Random, address: str) -> str:
    """Return the address in another spelling, at Gmail also that of the same mailbox."""
    local, _, domain = address.partition("@")
    if domain == "gmail.com" and len(local) > 3 and chance.random() < 0.5:  # noqa: PLR2004 (every second, where it fits)
        return f"{local[:2]}.{local[2:]}@{domain}".replace("..", ".")
    return chance.choice((address, address.upper(), f" {address}"))
