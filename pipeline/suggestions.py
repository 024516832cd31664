"""The address that somebody must have meant who wrote one that is rejected, where there is no doubt about it.

A suggestion is shown, never applied. What a local part was meant to be nobody knows: only marks around it are mended, and
what stands after the @.
"""

from __future__ import annotations

import re
from typing import Final

from pipeline.addresses import BLANKS, MAX_ADDRESS, judge
from pipeline.problems import RowProblem
from pipeline.verdicts.mailboxes import is_unaccented_at
from pipeline.verdicts.typos import BY_NAME, TARGETS, mended_ending, resembles_provider, suggest_domain, unaccented

_WITHOUT_DOTS: Final = {domain.replace(".", ""): domain for domain in TARGETS}
#: What follows a domain that may be parted by a comma or a space.
_ENDINGS: Final = frozenset({"com", "net", "org", "br"})

_AT_SIGNS: Final = str.maketrans({"\uff20": "@", "\ufe6b": "@", "\uff0e": ".", "\u3002": "."})
_SPELLED_AT: Final = re.compile(r"\s*[(\[{]\s*(?:at|arroba|a|@)\s*[)\]}]\s*|\s+(?:at|arroba)\s+", re.IGNORECASE)
_SPELLED_DOT: Final = re.compile(
    r"\s*[(\[{]\s*(?:dot|ponto|punto|\.)\s*[)\]}]\s*|\s+(?:dot|ponto|punto)\s+", re.IGNORECASE
)
_SPACED_AT: Final = re.compile(r"\s*@\s*")
_COMMENT_AFTER: Final = re.compile(r"\s*\([^()@]*\)$")
_QUOTED: Final = re.compile(r'"([^"\\\s]+)"@')
_FALSE_DOTS: Final = re.compile(r"\s*[,;.][\s,;.]*")
_SPACE: Final = re.compile(r"\s+")
_ADDRESS: Final = re.compile(r"([^@]+)@+([^@]+)")


def suggestion(raw_email: str, problem: RowProblem) -> str | None:
    """Return the address that the cell of a rejected row must have meant, in its stored form; None: more than one may be.

    ``problem`` is the code of the row: nothing is suggested where it is not about the form of the one address.
    """
    if not problem.startswith(("syntax_", "domain_")) or problem is RowProblem.SYNTAX_MULTIPLE_ADDRESSES:
        return None
    text = raw_email.strip(BLANKS)
    if not text or len(text) > MAX_ADDRESS:
        return None
    parts = _ADDRESS.fullmatch(_with_one_at(text))
    if parts is None:
        return None
    domain = _mended_domain(parts[2])
    if domain is None or not is_unaccented_at(parts[1], domain):
        return None  # mending the name before the @ as well would be two guesses at once
    mended = judge(f"{parts[1]}@{domain}").normalized
    return None if mended is None or mended == judge(raw_email).normalized else mended


def _with_one_at(text: str) -> str:
    """Write the marks of an address as marks, without what people put around them."""
    text = _COMMENT_AFTER.sub("", text.translate(_AT_SIGNS)).rstrip(BLANKS + ";,.>")
    if "@" not in _SPELLED_AT.sub("", text):
        text = _SPELLED_DOT.sub(".", _SPELLED_AT.sub("@", text))
    return _QUOTED.sub(r"\1@", _SPACED_AT.sub("@", text))


def _mended_domain(written: str) -> str | None:
    domain = _FALSE_DOTS.sub(".", written.lower()).strip(".")
    is_pointed = domain == written.lower()
    if _SPACE.search(domain) and (domain := _SPACE.sub("", domain)) not in TARGETS:
        return None  # gm ail.com is one word; what "exemplo com" is, or "x.com casa", is not certain
    domain = mended_ending(_with_dots(unaccented(domain)))
    if typo := suggest_domain(domain, usable_mx=None):
        if not typo.certain:
            return None  # without asking DNS, that is said of no address
        domain = typo.domain
    name, _, suffix = domain.partition(".")
    if not suffix or resembles_provider(name):
        return None
    # What is parted from a domain by a comma or a space may be a remark as well.
    return domain if is_pointed or domain.rpartition(".")[2] in _ENDINGS else None


def _with_dots(domain: str) -> str:
    return domain if "." in domain else BY_NAME.get(domain) or _WITHOUT_DOTS.get(domain) or domain
