"""The rules of verdicts, their flags and lists as tables of a document."""

from __future__ import annotations

from pipeline import texts
from pipeline.verdicts import DAY, HOUR, RULES, Flag, Rule, lists
from pipeline.verdicts.version import DISPOSABLE_VERSION, SUFFIXES_VERSION

#: What stands in each list of our own.
_LISTS = {
    "canonical": "providers at which several addresses are one mailbox",
    "disposable": "throw-away domains that the package lacks, and domains that are none whatever a list says",
    "forwarders": "domains of forwarding addresses: never disposable",
    "mail_servers": "mail servers of throw-away mailboxes and of parked domains",
    "mailbox_rules": "what providers say of the names of their mailboxes",
    "mailboxes": "names of roles, system mailboxes and robots that take invoices in",
    "providers": "free providers",
    "typos": "misspelt domains",
}


def rule_table() -> str:
    """Return the table of rules in the order in which they are tried."""
    lines = [
        "| rule | reason | status | score | looked at again after | what it means | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule in RULES:
        meaning = texts.template(f"verdicts.{rule.reason_code}", "en")
        cells = (f"`{rule.reason_code}`", rule.status, rule.score, _age(rule), meaning, rule.source)
        lines.append(f"| {rule.number} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def flag_table() -> str:
    """Return the flags that are no reasons."""
    rows = [f"| `{flag}` | {texts.template(f'verdicts.flags.{flag}', 'en')} |" for flag in Flag]
    return "\n".join(["| flag | what it means |", "|---|---|", *rows])


def list_table() -> str:
    """Return the lists with their versions."""
    packages = [
        f"| disposable-email-domains | `{DISPOSABLE_VERSION}` | throw-away domains |",
        f"| publicsuffixlist | `{SUFFIXES_VERSION}` | public suffixes (publicsuffix.org) |",
    ]
    own = [f"| `{name}.toml` | {lists.version(name)} | {_LISTS[name]} |" for name in lists.names()]
    return "\n".join(["| list | version | what is in it |", "|---|---|---|", *packages, *own])


def _age(rule: Rule) -> str:
    if rule.age is None:
        return "a week" if rule.number == "20" else "5 min, 30 min, 6 h, 24 h"
    return f"{rule.age // DAY} days" if rule.age >= DAY else f"{rule.age // HOUR} h"
