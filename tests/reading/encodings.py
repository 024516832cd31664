"""How often encodings are told right: our rules beside charset-normalizer, on generated files.

``python -m tests.reading.encodings`` prints the table of docs/decisions/0008-encodings.md. The people are invented.
"""

# ruff: noqa: RUF001 (names as files have them)

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from charset_normalizer import from_bytes

from pipeline.reading.text.encoding import decide

NAMES: Final = {
    "Brazil": (
        "João Batista Araújo", "Márcia Conceição", "Antônio Magalhães", "Luís Otávio Brandão", "Inês Gonçalves", "Íris Simões",
        "Sebastião Corrêa", "Letícia Mendonça", "Úrsula Guimarães", "Gláucia Falcão", "Érica Assunção", "Régis Galvão",
        "Thaís Uchôa", "Kauê Tupã", "Benício Paixão", "Zélia D’Ávila", "Vinícius Leão", "Cátia Sá", "Mônica Avelãs", "Raíssa Açaí",
        "Comércio de Café São José Ltda", "Ótica Visão – Matriz", "Nº 12, 3º andar", "Rua da Glória, 45", "Praça da República",
        "Goiânia", "Maceió", "Ribeirão Preto", "Foz do Iguaçu", "Jundiaí", "Três Corações", "Açúcar União®", "10 €", "“Zé” Peçanha",
        "Órgão Público", "Município", "Nélio Ênio", "Hélio Cândido", "Lúcio Ferrão", "Débora Rêgo",
    ),
    "Spain and Spanish America": (
        "María García", "José Núñez", "Iñigo Peña", "Sofía Hernández", "Ángel López", "Begoña Ibáñez", "Óscar Ruiz Muñoz", "Raúl Gómez",
        "Lucía Fernández", "Martín Güell", "Belén Cortés", "Íker Zúñiga", "Andrés Sánchez", "Compañía Española S.A.", "Calle del Águila 3º",
        "León", "Málaga", "Bogotá", "Cancún", "Logroño", "Ávila", "Inés Patiño", "Rubén Álvarez", "Nicolás Acuña", "Adrián Solís",
    ),
    "France": (
        "Hélène Lefèvre", "François Dupré", "Gaël Benoît", "Zoé Côté", "Jérôme Prévost", "Noël Besançon", "Élodie Évrard", "Agnès Grégoire",
        "Société Générale d’Électricité", "Château-Thierry", "Orléans", "Nîmes", "Anaïs Lemaître", "Cécile Rivière", "Raphaël Clément",
    ),
    "Germany": (
        "Jürgen Müller", "Björn Schröder", "Käthe Groß", "Günther Weiß", "Änne Schäfer", "Jörg König", "Österreichische Straße 5", "München",
        "Köln", "Düsseldorf", "Tübingen", "Ümit Öztürk", "Sören Böhm", "Lübeck", "Hauptstraße 12",
    ),
}  # fmt: skip
PLAIN: Final = ("Ana Lima", "Carlos Ribeiro", "Bruno Costa", "Paula Gomes", "Marcos Prado", "Rita Campos")
ENCODINGS: Final = ("cp1252", "mac-roman", "cp850", "iso-8859-15")
ROWS: Final = (1, 5, 50, 500, 5_000)
FILES: Final = 20  # of each kind, as long as they are small
_LARGE: Final = 500
_LIMITED: Final = ["utf_8", "cp1252", "mac_roman", "cp850", "iso8859_15"]
_SILENT: Final = 0.8


@dataclass(frozen=True)
class File:
    """A generated file: its kind, its true text, and its bytes."""

    kind: str
    text: str
    data: bytes
    encoding: str


def files() -> Iterator[File]:
    """Generate the files: every country, size, case and encoding, and files with one accent in 50 rows."""
    for place, names in NAMES.items():
        for rows in ROWS:
            for seed in range(FILES if rows < _LARGE else 2):
                rng = random.Random(f"{place}{rows}{seed}")
                chosen = [rng.choice(names) for _ in range(rows)]
                yield from _encoded(f"{rows} rows", chosen)
                yield from _encoded(f"{rows} rows in capitals", [name.upper() for name in chosen])
        for name in names:
            for spelling in (name, name.upper()):
                yield from _encoded("one name in 50 rows", [*PLAIN * 8, spelling, PLAIN[0]])


def _encoded(kind: str, names: list[str]) -> Iterator[File]:
    lines = (f"{name};{number}@example.com;(11) 9{number:04}-0000" for number, name in enumerate(names))
    text = "\r\n".join(("Nome;E-mail;Telefone", *lines, ""))
    for encoding in ENCODINGS:
        data = text.encode(encoding, "ignore")  # some of the signs are in none but cp1252
        if not data.isascii():
            yield File(kind, data.decode(encoding), data, encoding)


def ours(file: File) -> tuple[str, bool]:
    """Read a file as we do; also say whether doubt was said aloud."""
    decision = decide(file.data, file_name="contatos.csv")
    return decision.text(file.data), decision.confidence < _SILENT


def normalizer(file: File) -> tuple[str, bool]:
    """Read a file as charset-normalizer does by itself, which says no doubt."""
    best = from_bytes(file.data).best()
    return ("" if best is None else str(best)), best is None


def limited(file: File) -> tuple[str, bool]:
    """Read a file as charset-normalizer does when it may only take the encodings that we read."""
    best = from_bytes(file.data, cp_isolation=_LIMITED).best()
    return ("" if best is None else str(best)), best is None


METHODS: Final[dict[str, Callable[[File], tuple[str, bool]]]] = {
    "charset-normalizer": normalizer,
    "the same, limited": limited,
    "ours": ours,
}


def table() -> str:
    """Return the comparison as a table of Markdown: wholly right / wrong and said / wrong and not said, of each kind."""
    counts: dict[str, dict[str, list[int]]] = {}
    for file in files():
        row = counts.setdefault(file.kind, {name: [0, 0, 0] for name in METHODS})
        for name, method in METHODS.items():
            text, doubt = method(file)
            row[name][0 if text == file.text else 1 if doubt else 2] += 1
    lines = [f"| files | number | {' | '.join(METHODS)} |", f"|---|---|{'---|' * len(METHODS)}"]
    for kind, row in counts.items():
        cells = (" / ".join(map(str, row[name])) for name in METHODS)
        lines.append(f"| {kind} | {sum(row['ours'])} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())  # noqa: T201 (what the module is for)
