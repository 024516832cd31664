"""E-mail addresses as they are compared and stored, and why a text is none.

email-validator decides. It takes some 40 µs an address, so a pattern accepts the plain ASCII shape before it, and the
rules by which we name a rejection come after it; neither may contradict it. There are two exceptions: special-use names,
of which the library knows only a part, and joiners in domains, which it rejects where IDNA 2008 allows them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

import idna
from email_validator import EmailNotValidError, validate_email

from pipeline.address_pieces import pieces
from pipeline.problems import RowProblem, sentence

#: Longest address and longest domain name in octets (RFC 5321 4.5.3.1.3 with RFC 3696 errata 1690; RFC 1035 2.3.4).
MAX_ADDRESS: Final = 254
MAX_DOMAIN: Final = 253

#: Top-level names without public mail: RFC 6761, 6762, 7686, 9476, 2606, and ICANN's decision of 2024 for ``internal``.
#: Ordinary names below them, such as example.com, are left to DNS.
SPECIAL_USE: Final = frozenset({"alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"})

#: Characters that nobody sees, or sees as a space, and that come along when an address is copied: spaces of every kind,
#: zero-width characters, marks of writing direction, the byte order mark.
BLANKS: Final = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    "\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_JUNK_AFTER: Final = BLANKS + ";,.>"

#: Characters of an address that a sentence about it quotes at most.
_SHOWN: Final = 60

_ATEXT: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL: Final = r"(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: The shape of almost every address: a dot-atom, and two labels or more of which the last ends in a letter. Labels of the
#: form ``??--`` are left to the library, internationalised ones among them.
_PLAIN: Final = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*@{_LABEL}(?:\.{_LABEL})+(?<=[A-Za-z])")

_SEPARATORS: Final = re.compile(r"[\s;,|]+|:::")
_ONE_ADDRESS: Final = re.compile(r"[^@]+@[^@]+")
_STRING: Final = r'"(?:[^"\\]|\\.?)*+'
#: A string that is never closed has all the rest: to look at it again from each of its quotation marks would take for ever.
_IN_QUOTES: Final = re.compile(rf'{_STRING}(?:"|\Z)', re.DOTALL)
_WORD: Final = rf'(?:{_ATEXT}+|{_STRING}")'
#: Words with dots between them, of which one at least is quoted (RFC 5321 4.1.2, RFC 5322 4.4).
_QUOTED: Final = re.compile(rf'(?=[^"@]*")(?:{_WORD}\.)*+{_WORD}@', re.DOTALL)
_ASCII_OUTSIDE_DOT_ATOM: Final = re.compile(rf"(?!{_ATEXT}|\.)[\x00-\x7f]")
_JOINERS: Final = re.compile("[\u200c\u200d]")
_HOST_LABEL: Final = re.compile(r"(?!-|(?!xn)..--)[a-z0-9\x80-\U0010ffff-]{1,63}(?<!-)")


class Judged(NamedTuple):
    """An address in the form that is stored, or the problem and one English sentence about it."""

    normalized: str | None
    problem: RowProblem | None
    detail: str | None


class JudgedCell(NamedTuple):
    """What a cell comes to: the first address in it that is one, and the ``others``, or the problem with a sentence.

    ``name`` is what stood beside the address; ``several``: the cell has more than this address, good or bad.
    """

    normalized: str | None
    others: tuple[str, ...] = ()
    problem: RowProblem | None = None
    detail: str | None = None
    name: str | None = None
    several: bool = False


def judge_cell(raw: str) -> JudgedCell:
    """Return the addresses of a cell in their stored form; as ``Ana <ana@example.com>``, or several of them, too.

    A cell that `judge` accepts comes to the same here, but for the apostrophe of a spreadsheet before it. Raises nothing.
    """
    if _is_plain(raw) and raw[0] != "'":
        plain = raw.lower()
        if _ending(plain) not in SPECIAL_USE:
            return JudgedCell(plain)
    text = raw.strip(BLANKS)
    if text.startswith("'") and text.count("'") == 1:  # how a spreadsheet is told that a cell is text
        text = text[1:].strip(BLANKS)
    judged = judge(text)
    found = pieces(text) if judged.normalized is None else []
    if not found:
        return JudgedCell(judged.normalized, (), judged.problem, judged.detail)
    judgements = [judged if piece.text == text else judge(piece.text) for piece in found]
    first = next((at for at, each in enumerate(judgements) if each.normalized is not None), 0)
    normalized, problem, detail = judgements[first]
    distinct = dict.fromkeys(each.normalized for each in judgements if each.normalized is not None)
    return JudgedCell(
        normalized,
        tuple(distinct)[1:],
        problem,
        detail,
        found[first].name,
        several=len({each.normalized or piece.text for piece, each in zip(found, judgements, strict=True)}) > 1,
    )


def judge(raw: str) -> Judged:
    """Return the address in ``raw`` in its stored form: trimmed, lower case, NFC, its domain as A-labels.

    Judging a stored form again returns it unchanged. Raises nothing: every text is an address or has a problem.
    """
    address = raw
    if not _is_plain(address):
        address = _trim(raw)
        if not _is_plain(address):
            return _judge_by_library(address)
    return _unless_special_use(address.lower())


def _is_plain(address: str) -> bool:
    return len(address) <= MAX_ADDRESS and _PLAIN.fullmatch(address) is not None


def _trim(raw: str) -> str:
    address = raw.strip(BLANKS)
    if address[:7].lower() == "mailto:":
        # No slashes belong there (RFC 6068), but there are who write them.
        address = address[7:].lstrip(BLANKS).removeprefix("//")
    return address.rstrip(_JUNK_AFTER)


def _judge_by_library(address: str) -> Judged:
    # An octet a character at least: what is longer can only be rejected, and the library's time grows with it.
    accepted = None if len(address) > MAX_ADDRESS else _accepted(address)
    # U+FFFD is what is left of a character that was lost. The library takes it for a symbol like any other.
    if accepted is None or "\ufffd" in address:
        return _rejected(address)
    normalized = unicodedata.normalize("NFC", accepted.lower())
    # Lower case and A-labels can be longer than what they were made from: the stored form must stand on its own.
    return _unless_special_use(normalized) if normalized == address else judge(normalized)


def _accepted(address: str) -> str | None:
    try:
        accepted = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return _accepted_with_joiners(address)
    return f"{accepted.local_part}@{accepted.ascii_domain}"


def _accepted_with_joiners(address: str) -> str | None:
    """Let zero-width joiners pass where the writing of a domain needs them (RFC 5892 A.1 and A.2): the library never does."""
    domain = address.rpartition("@")[2]
    if domain.isascii() and "xn--" not in domain.lower():
        return None
    try:
        a_labels = idna.encode(domain, uts46=True).decode()
        labels = idna.decode(a_labels)
    except UnicodeError:
        return None
    if not _JOINERS.search(labels):
        return None
    accepted = _accepted(address.removesuffix(domain) + _JOINERS.sub("", labels))
    joined = accepted and accepted.partition("@")[0] + "@" + a_labels
    return joined if joined and max(len(form.encode()) for form in (address, joined)) <= MAX_ADDRESS else None


def _unless_special_use(normalized: str) -> Judged:
    if (ending := _ending(normalized)) in SPECIAL_USE:
        return _problem(RowProblem.DOMAIN_SPECIAL_USE, found=ending)
    return Judged(normalized, None, None)


def _ending(normalized: str) -> str:
    return normalized[normalized.rindex(".") + 1 :]


def _problem(problem: RowProblem, variant: str = "template", **params: str) -> Judged:
    return Judged(None, problem, sentence(problem, variant, **params))


def _rejected(address: str) -> Judged:
    """Name the first rule that a rejected address breaks: the cell as a whole, the local part, the domain, the length."""
    for problem, holds in _CELL_RULES:
        if holds(address):
            return _problem(problem)
    local_part, _, domain = address.partition("@")
    return _local_part_problem(local_part) or _domain_problem(domain) or _problem(RowProblem.SYNTAX_TOO_LONG)


def _has_several(address: str) -> bool:
    return sum(_ONE_ADDRESS.fullmatch(piece) is not None for piece in _SEPARATORS.split(address)) > 1


#: What can be said of a rejected address before it is taken apart, in this order.
_CELL_RULES: Final[tuple[tuple[RowProblem, Callable[[str], object]], ...]] = (
    (RowProblem.SYNTAX_EMPTY, lambda address: not address),
    (RowProblem.SYNTAX_MULTIPLE_ADDRESSES, _has_several),
    (RowProblem.SYNTAX_NO_AT, lambda address: "@" not in address),
    (RowProblem.SYNTAX_QUOTED_LOCAL, _QUOTED.match),
    (RowProblem.SYNTAX_COMMENT, lambda address: 0 <= address.find("(") < address.rfind(")")),
    (RowProblem.SYNTAX_MULTIPLE_AT, lambda address: _IN_QUOTES.sub("", address).count("@") > 1),
)


def _local_part_problem(local_part: str) -> Judged | None:
    code = RowProblem.SYNTAX_LOCAL_PART
    if not local_part:
        return _problem(code, "empty")
    forms = [local_part]
    if len(local_part) <= MAX_ADDRESS:  # normalising takes time quadratic in the length of a run of accents
        # It can bring characters about that were not there: U+037E becomes a semicolon.
        forms.append(unicodedata.normalize("NFC", local_part))
    for form in forms:
        found = _unfit_character(form)
        if found is not None:
            return _problem(code, found=_quoted(found))
        if form.startswith(".") or form.endswith(".") or ".." in form:
            return _problem(code, "dots")
    return None


def _unfit_character(local_part: str) -> str | None:
    if unfit := _ASCII_OUTSIDE_DOT_ATOM.search(local_part):
        return unfit[0]
    if unicodedata.category(local_part[0])[0] == "M":  # it would join with whatever stands before the address
        return local_part[0]
    return next((c for c in local_part if c == "\ufffd" or (c > "\x7f" and unicodedata.category(c)[0] in "CZ")), None)


def _domain_problem(domain: str) -> Judged | None:
    if not domain:
        return _problem(RowProblem.SYNTAX_DOMAIN, "empty")
    if domain.startswith("[") and domain.endswith("]"):
        return _problem(RowProblem.SYNTAX_DOMAIN_LITERAL)
    if len(domain) > MAX_DOMAIN:
        return _problem(RowProblem.SYNTAX_DOMAIN, found=_quoted(domain))
    return None if _accepted(f"x@{domain}") else _rejected_domain(domain)


def _rejected_domain(domain: str) -> Judged | None:
    mapped = unicodedata.normalize("NFKC", domain).lower().replace("\u3002", ".")  # nearly as UTS 46 maps it
    labels = mapped.split(".")
    ending = labels[-1]
    if not all(map(_HOST_LABEL.fullmatch, labels)) or (len(labels) > 1 and ending[-1].isdigit()):
        return _problem(RowProblem.SYNTAX_DOMAIN, found=_quoted(domain))
    if len(labels) == 1:
        return _problem(RowProblem.SYNTAX_DOMAIN, "no_dot", found=_quoted(domain))
    if ending in SPECIAL_USE:
        return _problem(RowProblem.DOMAIN_SPECIAL_USE, found=ending)
    if domain.isascii() and "xn--" not in mapped:
        return None  # nothing is wrong with it, but not even the shortest local part fits before it
    return _problem(RowProblem.SYNTAX_IDNA, found=_quoted(domain))


def _quoted(text: str) -> str:
    """Show a piece of an address so that nothing in it stays unseen and a long one does not fill the screen."""
    shown = "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text[:_SHOWN])
    return f'"{shown}…"' if len(text) > _SHOWN else f'"{shown}"'
