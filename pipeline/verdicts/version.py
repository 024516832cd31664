"""Which rules and lists a verdict was drawn from. Another version judges again what an older one did, from the same facts."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from pipeline.verdicts import lists

#: The rules themselves: to be raised with every change that can make another verdict of the same facts.
RULES_VERSION: Final = "2026.11.1"

#: The version of the list of disposable domains, as it stands beside a verdict.
DISPOSABLE_VERSION: Final = f"ded{version('disposable-email-domains')}"
#: The day of the list of public suffixes is the last part of its package's version.
SUFFIXES_VERSION: Final = f"psl{version('publicsuffixlist').rpartition('.')[2]}"

#: Part of every verdict, as in ``2026.11.1+ded0.0.293+psl20261023+lists1a2b3c4d``.
VALIDATOR_VERSION: Final = f"{RULES_VERSION}+{DISPOSABLE_VERSION}+{SUFFIXES_VERSION}+lists{lists.fingerprint()}"
