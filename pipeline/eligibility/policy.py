"""What a campaign goes by where the rules of eligibility leave a choice, and what holds where nobody chose."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pipeline.verdicts import RULES, Flag
from pipeline.verdicts.reasons import WEEK

Choice = Literal["in", "out"]

#: Flags that count on a valid verdict as well; all others only where there is doubt already.
FLAGS: Final = frozenset({str(Flag.ROLE_ACCOUNT), str(Flag.FORWARDING_ALIAS)})
#: Everything that is no reason to exclude somebody in itself, by name.
FINDINGS: Final = tuple(sorted({*FLAGS, *(str(rule.reason_code) for rule in RULES if rule.status == "risky")}))
_IN_BY_DEFAULT: Final = frozenset({"forwarding_alias", "implicit_mx", "mx_ipv6_only", "role_account"})

#: Seconds after which a verdict is looked at again, by its reason; None: it follows the clock of retries.
AGES: Final[Mapping[str, int | None]] = {str(rule.reason_code): rule.age for rule in RULES}
#: A verdict is looked at again when its age is over, and that takes its time: nothing is stale before one and a half of it.
LEAST_FRESHNESS: Final = 1.5

#: The words for a membership whose grounds nobody stated, and those that somebody can state (LGPD art. 7; db.statuses).
NOT_STATED: Final = "nao_informada"
LEGAL_BASES: Final = (
    "consentimento", "obrigacao_legal", "politica_publica", "pesquisa", "execucao_de_contrato", "exercicio_de_direitos",
    "protecao_da_vida", "tutela_da_saude", "legitimo_interesse", "protecao_do_credito", NOT_STATED,
)  # fmt: skip
CONSENT_SOURCES: Final = ("web_form", "event", "customer", "referral", "partner", "purchased", "public", "other")


@dataclass(frozen=True)
class FrequencyCap:
    """At most so many messages of other campaigns in so many days; with this one, one more."""

    messages: int
    days: int


@dataclass(frozen=True)
class Policy:
    """What a campaign goes by. ``legal_bases`` None: any; ``max_age``: seconds by reason, in place of ``freshness`` times its age."""

    findings: Mapping[str, Choice] = field(
        default_factory=lambda: {name: "in" if name in _IN_BY_DEFAULT else "out" for name in FINDINGS}
    )
    not_yet_checked: Choice = "out"
    unknown: Choice = "out"
    freshness: float = LEAST_FRESHNESS
    max_age: Mapping[str, int] = field(default_factory=dict)
    consent_required: bool = False
    legal_bases: tuple[str, ...] | None = None
    excluded_sources: tuple[str, ...] = ()
    frequency_cap: FrequencyCap | None = None
    duplicate_mailbox: Choice = "out"

    def keeps(self, reason_code: str) -> float | None:
        """Return for how many seconds a verdict of this reason may be relied on; None: for as long as it stands."""
        if reason_code in self.max_age:
            return self.max_age[reason_code]
        age = AGES.get(reason_code, WEEK)
        return None if age is None else age * self.freshness

    def document(self) -> dict[str, Any]:
        """Return the policy as JSON has it, complete."""
        made = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        made["findings"] = dict(sorted(self.findings.items()))
        made["max_age"] = dict(sorted(self.max_age.items()))
        made["legal_bases"] = None if self.legal_bases is None else list(self.legal_bases)
        made["excluded_sources"] = list(self.excluded_sources)
        made["frequency_cap"] = None if self.frequency_cap is None else dataclasses.asdict(self.frequency_cap)
        return made
