"""The address that somebody must have meant who wrote one that is rejected, where there is no doubt about it.

A suggestion is shown, never applied. What a local part was meant to be nobody knows: only marks around it are mended, and
what stands after the @.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from pipeline.addresses import BLANKS, MAX_ADDRESS, judge
from pipeline.problems import RowProblem

#: Domains of the large providers in Brazil, by which a mended domain is known to exist.
_PROVIDERS: Final = frozenset(
    [
        "gmail.com",
        "hotmail.com",
        "outlook.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "yahoo.com",
        "yahoo.com.br",
        "outlook.com.br",
        "hotmail.com.br",
        "live.com.br",
        "ymail.com",
        "rocketmail.com",
        "googlemail.com",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "ig.com.br",
        "globo.com",
        "globomail.com",
        "r7.com",
        "zipmail.com.br",
        "oi.com.br",
        "protonmail.com",
        "proton.me",
        "aol.com",
    ]
)
#: Names of providers that have one domain only, or one that all but a few mean.
_BY_NAME: Final = {
    "gmail": "gmail.com",
    "hotmail": "hotmail.com",
    "icloud": "icloud.com",
    "msn": "msn.com",
    "ymail": "ymail.com",
    "googlemail": "googlemail.com",
    "protonmail": "protonmail.com",
    "globomail": "globomail.com",
    "uol": "uol.com.br",
    "bol": "bol.com.br",
    "terra": "terra.com.br",
    "ig": "ig.com.br",
}
_WITHOUT_DOTS: Final = {domain.replace(".", ""): domain for domain in _PROVIDERS}
#: No mail is served there.
_NOT_SERVED: Final = {"gmail.com.br": "gmail.com", "icloud.com.br": "icloud.com"}

#: Endings that no domain has, and what they are typing errors of. Two-letter endings are countries and not among them.
_COM: Final = frozenset(
    ["con", "cmo", "comm", "coom", "ccom", "vom", "xom", "ocm", "cpm", "clm", "conm", "comn", "copm"]
)
_BR_AFTER_COM: Final = frozenset({"b", "brr", "bbr", "rb", "r"})
_SECOND_LEVEL: Final = frozenset({"com", "net", "org", "gov", "edu"})
_ENDINGS: Final = frozenset({"com", "net", "org", "br"})
_JOINED: Final = {"combr": ("com", "br"), "conbr": ("com", "br"), "netbr": ("net", "br"), "orgbr": ("org", "br")}

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
    if domain is None:
        return None
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
    if _SPACE.search(domain) and (domain := _SPACE.sub("", domain)) not in _PROVIDERS:
        return None  # gm ail.com is one word; what "exemplo com" is, or "x.com casa", is not certain
    for mend in _MENDS:
        domain = mend(domain)
    ending = domain.rpartition(".")[2]
    if ending == domain or _resembles_provider(domain):
        return None
    # What is parted from a domain by a comma or a space may be a remark as well.
    return _NOT_SERVED.get(domain, domain) if is_pointed or ending in _ENDINGS else None


def _without_accents(domain: str) -> str:
    if domain.isascii():
        return domain
    bare = "".join(c for c in unicodedata.normalize("NFKD", domain) if not unicodedata.combining(c))
    return bare if bare in _PROVIDERS or bare in _BY_NAME or bare in _WITHOUT_DOTS else domain


def _with_dots(domain: str) -> str:
    return domain if "." in domain else _BY_NAME.get(domain) or _WITHOUT_DOTS.get(domain) or domain


def _with_ending(domain: str) -> str:
    *labels, last = domain.split(".")
    if not labels:
        return domain
    if last in _JOINED:
        return ".".join((*labels, *_JOINED[last]))
    if last in _BR_AFTER_COM and len(labels) > 1:
        labels[-1] = "com" if labels[-1] in _COM else labels[-1]
        return ".".join((*labels, "br")) if labels[-1] in _SECOND_LEVEL else domain
    if last == "br" and len(labels) > 1 and (labels[-1] in _COM or labels[-1] == "cm"):
        return ".".join((*labels[:-1], "com", "br"))
    return ".".join((*labels, "com")) if last in _COM else domain


_MENDS: Final[tuple[Callable[[str], str], ...]] = (_without_accents, _with_dots, _with_ending)


def _resembles_provider(domain: str) -> bool:
    """Whether the name of a domain is that of a provider but for one letter: then that is wrong as well, or nothing is."""
    name = domain.partition(".")[0]
    return name not in _NAMES and any(_is_one_off(name, each) for each in _LONG_NAMES)


_NAMES: Final = frozenset(domain.partition(".")[0] for domain in _PROVIDERS)
#: A shorter one is a letter off from half of all names.
_LONG_NAMES: Final = tuple(name for name in sorted(_NAMES) if len(name) > 3)  # noqa: PLR2004 (see above)


def _is_one_off(one: str, other: str) -> bool:
    """Whether one letter more, less, other, or two changed about, make one word of the other."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start + 1 : start + 2] + short[start : start + 1]
    return short[start + 1 :] == long[start + 1 :] or swapped + short[start + 2 :] == long[start:]
