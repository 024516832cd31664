"""The rules of eligibility and what can be chosen of them as tables of a document."""

from __future__ import annotations

import json

from pipeline import texts
from pipeline.eligibility import CHOICES, FINDINGS, RULES, Policy
from pipeline.verdicts import DAY

#: What a choice other than that of a finding is about.
_MEANINGS = {
    "not_yet_checked": "contacts that nobody has judged so far",
    "unknown": "contacts of whom DNS told nothing",
    "freshness": "a verdict is stale when it is so many times as old as the age after which it is looked at again ([verdicts](verdicts.md))",
    "consent_required": "one of the contact's memberships must state a legal basis",
    "legal_bases": "it must be one of these (`nao_informada`: none is stated)",
    "excluded_sources": "memberships from these sources do not count",
    "frequency_cap": "at most so many messages of other campaigns in so many days",
    "duplicate_mailbox": "further contacts with the mailbox of a recipient: `anasilva@gmail.com` beside `ana.silva@gmail.com`",
}


def eligibility_rules() -> str:
    """Return the table of rules in the order in which they are tried."""
    lines = ["| | rule | the contact … | source |", "|---:|---|---|---|"]
    for number, rule in enumerate(RULES, 1):
        meaning = texts.template(f"eligibility.rules.{rule.code}", "en")
        lines.append(f"| {number} | `{rule.code}` | {meaning} | {rule.source} |")
    return "\n".join(lines)


def finding_choices() -> str:
    """Return what holds of each finding where nobody chose."""
    lines = ["| finding | by default | what it means |", "|---|---|---|"]
    for name in FINDINGS:
        key = f"verdicts.{name}" if f"verdicts.{name}" in texts.keys("en") else f"verdicts.flags.{name}"
        lines.append(f"| `{name}` | {Policy().findings[name]} | {texts.template(key, 'en')} |")
    return "\n".join(lines)


def other_choices() -> str:
    """Return all else that can be chosen, with what it takes."""
    document = Policy().document()
    lines = ["| choice | takes | by default | what it is about |", "|---|---|---|---|"]
    for name, meaning in _MEANINGS.items():
        values = CHOICES[name].values.replace("|", " \\| ").replace(",", ", ")
        lines.append(f"| `{name}` | {values} | `{json.dumps(document[name])}` | {meaning} |")
    days = (Policy().keeps("mx_ok") or 0) // DAY
    lines.append(
        f"| `max_age.REASON` | days, such as `{days:.0f}d` | | in place of `freshness`, for verdicts of this reason; not less than one and a half times its age |"
    )
    return "\n".join(lines)
