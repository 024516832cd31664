"""The provider's domain that somebody must have meant who wrote another one: suggested, never put in its place.

Lists of known misspellings come first; they are certain. Otherwise a name of five letters or more that is one letter off
from a provider's, with the same suffix, may be a misspelling, or a company: whether mail is served there decides, and the
judge does that. Only the name is compared: with its suffix, ``.com.br`` alone would make one short company name in five
look like a provider's. What could be two providers is none; nor is a provider's own name under another suffix that exists
(gmail.co). Endings that no domain has (``.con``, ``.com.b``) are mended whatever stands before them: a provider's name gets
the provider's own.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import Final, NamedTuple

from publicsuffixlist import PublicSuffixList
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from pipeline.verdicts import lists

#: Shorter names are a letter off from half of all names.
_MEASURABLE: Final = 5

_KEYS: Final = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class Typo(NamedTuple):
    """The ``domain`` that was meant; ``certain``: known as a misspelling, also where mail is served at what was written."""

    domain: str
    certain: bool


def _pairs(table: dict[str, list[str]]) -> dict[str, str]:
    return {written: meant for meant, misspelt in table.items() for written in misspelt}


def _name(domain: str) -> str:
    return domain.partition(".")[0]


def _by_suffix(domains: dict[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for written, meant in domains.items():
        name, _, suffix = written.partition(".")
        found.setdefault(suffix, {})[name] = meant
    return found


_PROVIDERS: Final = lists.load("providers")
_TYPOS: Final = lists.load("typos")

#: Domains of providers: never a misspelling of another's.
FREE: Final = frozenset(_PROVIDERS["free"])
#: Those that people mean who misspell one.
TARGETS: Final = tuple(_PROVIDERS["targets"])
#: Names that say the whole domain.
BY_NAME: Final[dict[str, str]] = _PROVIDERS["names"]

_WORDS: Final = frozenset(_PROVIDERS["words"])
_NAMES_OF_PROVIDERS: Final = frozenset(map(_name, FREE))
_NAMES_OF_OTHERS: Final = frozenset(_TYPOS["names"])
_DOMAINS: Final[dict[str, str]] = _TYPOS["domains"]
_LABELS: Final = _pairs(_TYPOS["labels"])
_LIKELY: Final = _pairs(_TYPOS["likely"])
_ENDINGS: Final = _pairs(_TYPOS["endings"])
_BEFORE_BR: Final = {**_ENDINGS, **_pairs(_TYPOS["before_br"])}

_NAMES_OF_TARGETS: Final = frozenset(map(_name, TARGETS))
#: Suffix -> name -> domain, of those that people mean; under a suffix that a provider is falsely given (gmail.com.br), too.
_MEANT: Final = _by_suffix(
    {w: m for w, m in _DOMAINS.items() if _name(w) == _name(m)} | {each: each for each in TARGETS}
)
_MEASURED: Final = {s: tuple(n for n in names if len(n) >= _MEASURABLE) for s, names in _MEANT.items()}
_LONG_NAMES: Final = tuple(sorted(name for name in _NAMES_OF_TARGETS if len(name) >= _MEASURABLE))


def suggest_domain(domain: str, *, usable_mx: bool | None) -> Typo | None:
    """Return the domain that ``domain`` (as A-labels, in lower case) must have been meant for; None: it may be right.

    ``usable_mx``: whether mail is served there, None: not known yet. An ending that should not exist is none to mend
    where it is: the list of public suffixes is older than that one.
    """
    if domain in FREE or not all(labels := domain.split(".")) or len(labels) == 1:
        return None
    if domain in _DOMAINS:
        return Typo(_DOMAINS[domain], certain=True)
    if labels[0] == "www" and (host := domain.removeprefix("www.")) in TARGETS:
        return Typo(host, certain=True)
    if "xn--" in domain and (bare := unaccented(domain)) != domain:
        return Typo(bare, certain=False)
    return _misspelt(domain) or _with_broken_ending(domain, usable_mx=usable_mx)


@lru_cache(maxsize=65_536)
def is_doubtful(domain: str) -> bool:
    """Whether `suggest_domain` would suggest another domain, were no mail served at this one: where not, it never does."""
    return suggest_domain(domain, usable_mx=False) is not None


def mended_ending(domain: str) -> str:
    """Return the domain with an ending that exists, where it has none and the meaning is plain; else as it is."""
    mended = _mended(domain)
    name, _, suffix = mended.partition(".")
    if suffix == "com" and mended != domain and name in BY_NAME:
        return BY_NAME[name]  # terra.com is a domain too, but nobody means it
    if mended in FREE or mended in _DOMAINS:
        return _DOMAINS.get(mended, mended)
    if _exists(domain):
        return mended
    # Of a provider's name under an ending that it does not have (orange.com) nobody knows whose it is.
    return BY_NAME.get(name) or (domain if name in _NAMES_OF_PROVIDERS and _is_suffix(suffix) else mended)


def unaccented(domain: str) -> str:
    """Return the domain or name of a provider that is written with accents, as text or as A-labels; any other as it is."""
    try:
        text = ".".join(
            label[4:].encode().decode("punycode") if label.startswith("xn--") else label for label in domain.split(".")
        )
    except (UnicodeError, OverflowError):
        return domain
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare if bare in TARGETS or bare in BY_NAME else domain


def resembles_provider(name: str) -> bool:
    """Whether a name is that of a provider but for one letter: then that is wrong as well, or nothing is."""
    return name not in _NAMES_OF_TARGETS and bool(_near(name, _LONG_NAMES))


def _misspelt(domain: str) -> Typo | None:
    name, _, suffix = domain.partition(".")
    meant = _MEANT.get(suffix)
    if meant is None or name in _NAMES_OF_PROVIDERS:
        return None
    if (known := _LABELS.get(name)) in meant:
        return Typo(meant[known], certain=meant[known].endswith(f".{suffix}"))
    if (known := _LIKELY.get(name)) in meant:
        return Typo(meant[known], certain=False)
    if len(name) < _MEASURABLE or name in _NAMES_OF_OTHERS or name[0] == "-" or name[-1] == "-":
        return None
    near = [meant[each] for each in _near(name, _MEASURED[suffix]) if _may_mean(domain, f"{each}.{suffix}")]
    return Typo(near[0], certain=False) if len(near) == 1 else None


def _with_broken_ending(domain: str, *, usable_mx: bool | None) -> Typo | None:
    mended = mended_ending(domain)
    if mended == domain:
        return None
    if (typo := _misspelt(mended)) or resembles_provider(_name(mended)):
        return typo
    if mended in FREE:
        return Typo(mended, certain=True)
    return None if usable_mx else Typo(mended, certain=not _exists(domain))


def _mended(domain: str) -> str:
    *labels, last = domain.split(".")
    if not labels:
        return domain
    ending = last if _is_suffix(last) else _ENDINGS.get(last, last)
    if ending != "br":
        return ".".join((*labels, ending))
    # What stands before it must be a suffix with it: of x.b nobody knows what it is, usp.br is a university.
    *names, second = labels
    if names and not _is_suffix(f"{second}.br"):
        second = _BEFORE_BR.get(second, second)
    return ".".join((*names, second, "br")) if names and _is_suffix(f"{second}.br") else domain


def _exists(domain: str) -> bool:
    return _is_suffix(domain.rpartition(".")[2])


@lru_cache(maxsize=4_096)
def _is_suffix(name: str) -> bool:
    return bool(_suffixes().is_public(name))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _near(name: str, names: tuple[str, ...]) -> list[str]:
    # Optimal string alignment: one letter more, less, other, or two changed about.
    return [near for near, _, _ in extract(name, names, scorer=OSA.distance, score_cutoff=1, limit=None)]


def _may_mean(written: str, domain: str) -> bool:
    # People get the first letter right, and another one makes another word: cloud, email, serra. Where the provider has no
    # such domain (gmail.com.br), those of others are as likely.
    is_coined = written[0] == domain[0] and domain in FREE and _name(domain) not in _WORDS
    return is_coined or _is_slip(_name(written), _name(domain))


def _is_slip(written: str, name: str) -> bool:
    """Whether a finger went astray: a key missed, hit twice or beside it, two keys in the wrong order."""
    at = next((at for at, (a, b) in enumerate(zip(written, name, strict=False)) if a != b), len(name))
    if len(written) < len(name) or sorted(written) == sorted(name):
        return True
    around = name[at : at + 1] if len(written) == len(name) else name[max(0, at - 1) : at + 1]
    return any(written[at] == key or written[at] in _BESIDE.get(key, "") for key in around)


def _beside() -> dict[str, str]:
    keys = {(row, at): key for row, line in enumerate(_KEYS) for at, key in enumerate(line)}
    steps = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
    return {key: "".join(keys.get((row + r, at + a), "") for r, a in steps) for (row, at), key in keys.items()}


_BESIDE: Final = _beside()
