"""All the ways in which one mailbox is written, in addresses that are stored and in cells that are not: to find a person.

A person is a mailbox (decision 19). Where the provider's rule is certain, one mailbox has many addresses (dots and tags at
Gmail); and in the cells of a file an address stands between other words, with spaces about the @, after ``mailto:``, in
capitals, its domain in letters of its own. `Spellings` has a range of stored addresses to look in and a pattern for the rest.
"""

from __future__ import annotations

import contextlib
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import idna

from pipeline.verdicts.canonical import WITHOUT_DOTS, canonical, domains_of, has_tags

#: Stands where an address was.
ERASED: Final = "[erased]"
#: Beyond every character that follows in an address, in the order of bytes.
_LAST: Final = "\U0010ffff"
#: What people and programs put between the parts of an address, and nobody sees.
_GAP: Final = "[\\s\u00a0\u00ad\u200b-\u200f\u2060\ufeff]*"
#: Links have it escaped.
_AT: Final = f"{_GAP}(?:[@\uff20\ufe6b]|%40){_GAP}"
_DOT: Final = f"{_GAP}[.\u3002]{_GAP}"
_TAG: Final = r"((?:\+|%2b)[^\s@,;<>\"]*)?"
#: Before an address there is nothing that could be part of it; but for the escapes of JSON, whose last letter is none.
_BEFORE: Final = r"(?:(?<![\w.+%&~#!$*^-])(?<!\w')|(?<=\\[nrtfb])|(?<=\\u[0-9a-f][0-9a-f][0-9a-f][0-9a-f]))"
#: After it no label goes on, and no other label follows: ``x.com`` is not ``x.com.br``. The ending of a file's name is none.
_ENDINGS: Final = "csv|tsv|txt|xlsx?|xlsm|ods|json|jsonl|ndjson|vcf|zip|gz|bz2|xz|zst|eml|msg|pdf|docx?|html?"
_AFTER: Final = rf"(?![\w-]|\.(?!(?:{_ENDINGS})(?!\w))\w)"
#: What looks like an address in a text, at its most generous: both sides are looked for from the sign.
_SIGN: Final = re.compile(f"{_GAP}[@\uff20\ufe6b]{_GAP}")
_LONGEST: Final = 64
_LOCAL: Final = re.compile(rf"[^\s@,;:<>()\[\]\"|\\]{{1,{_LONGEST}}}\Z")
_DOMAIN: Final = re.compile(rf"[\w-]+(?:{_DOT}[\w-]+){{1,9}}")
#: What may stand in an address, and does so less often than before one.
_ODD: Final = re.compile(r"[^\w.+-]")
_DOT_ALONE: Final = re.compile(_DOT)


@dataclass(frozen=True)
class Spellings:
    """One mailbox. Its stored addresses lie between ``lower`` and ``upper`` in the order of bytes, among others of theirs.

    ``pattern`` finds it in any text, whatever the case of letters; PostgreSQL and Python read it alike. Both ``needles`` are
    in every such text, once that is in small letters and without dots: looking for them first is many times quicker.
    """

    address: str
    mailbox: str
    lower: str
    upper: str
    pattern: str
    needles: tuple[str, str]

    @classmethod
    def of(cls, address: str) -> Spellings:
        """Return the spellings of the mailbox that an address, in its stored form, belongs to."""
        mailbox = canonical(address)
        local, _, domain = mailbox.rpartition("@")
        domains = domains_of(domain)
        if domain == WITHOUT_DOTS:
            beginning = local[0]
        elif has_tags(domain):
            beginning = local
        else:
            beginning = f"{local}@{domain}"
        return cls(
            address,
            mailbox,
            beginning,
            beginning + _LAST,
            _BEFORE + _local(local, domain) + _AT + f"(?:{'|'.join(map(_domain, domains))})" + _AFTER,
            (_piece(local.replace(".", "")), _common(domains)),
        )

    def parameters(self) -> dict[str, object]:
        """Return the spellings as statement parameters."""
        return {
            "mailbox": self.mailbox,
            "lower": self.lower,
            "upper": self.upper,
            "pattern": self.pattern,
            "needles": list(self.needles),
        }

    def is_in(self, text: str) -> bool:
        """Say whether the text has the mailbox in it."""
        plain = text.lower().replace(".", "")
        return all(needle in plain for needle in self.needles) and self._compiled.search(text) is not None

    def redacted(self, text: str) -> str:
        """Return the text without the mailbox."""
        return self._compiled.sub(ERASED, text) if self.is_in(text) else text

    @functools.cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)


def candidates(texts: Iterable[str]) -> set[str]:
    """Return whatever looks like an address in the texts, to be judged.

    An address that `Spellings` finds in a text is among them, wherever its neighbours let it begin and end; so are many
    that are none.
    """
    found: set[str] = set()
    for text in texts:
        found.update(_candidates(text))
        if "%" in text:
            found.update(_candidates(unquote(text)))
    return found


def _candidates(text: str) -> Iterator[str]:
    for sign in _SIGN.finditer(text):
        local = _LOCAL.search(text, max(0, sign.start() - _LONGEST), sign.start())
        domain = _DOMAIN.match(text, sign.end())
        if local is None or domain is None:
            continue
        begins = [0, *(odd.end() for odd in _ODD.finditer(local[0]))]
        if text[max(0, local.start() - 1)] == "\\":  # an escape of JSON, of one letter or of a letter and four digits
            begins += [1, 5]
        # The next word, or the ending of a file's name, may only look like a label.
        labels = _DOT_ALONE.split(domain[0])
        for end in (".".join(labels[:count]) for count in range(2, len(labels) + 1)):
            yield from (f"{local[0][begin:]}@{end}" for begin in begins)


def _local(local: str, domain: str) -> str:
    between = r"\.?" if domain == WITHOUT_DOTS else ""
    written = "".join(_character(character) + between for character in local)
    return written + (_TAG if has_tags(domain) else "")


def _domain(domain: str) -> str:
    forms = {domain}
    with contextlib.suppress(UnicodeError):  # of none of IDNA 2008: then it is written as it is stored
        forms.add(idna.decode(domain))
    written = (_DOT.join("".join(map(_character, label)) for label in form.split(".")) for form in sorted(forms))
    return "|".join(written)


def _piece(text: str) -> str:
    """Return the longest run of ASCII in a text; whatever else is in it may be written in several ways."""
    return max(re.split(r"[^\x00-\x7f]+", text), key=len)


def _common(domains: Iterable[str]) -> str:
    """Return a piece that all the domains have, whether their letters are written as A-labels or as they are meant."""
    labels = [[label for label in domain.split(".") if not label.startswith("xn--")] for domain in domains]
    common = set.intersection(*map(set, labels))
    return max(sorted(common), key=len, default="")


def _character(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else f"\\{character}"
    # Whether PostgreSQL knows its capital depends on the locale of the database.
    cases = (character, character.upper())
    return f"(?:{'|'.join(sorted({*cases, *(unicodedata.normalize('NFD', each) for each in cases)}))})"
