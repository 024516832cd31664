"""Who receives a campaign, and what keeps the others from it: pure rules, from facts to a decision."""

from pipeline.eligibility.choices import CHOICES, Document, NoChoice, PolicyError, checked, chosen, policy_of
from pipeline.eligibility.deciding import Decision, Step, decide, decide_all, firsts, passes_alone, trace
from pipeline.eligibility.facts import Facts, Link, OptOut, VerdictFacts
from pipeline.eligibility.policy import FINDINGS, Choice, FrequencyCap, Policy
from pipeline.eligibility.rules import RULES, Evidence, Rule, RuleCode

__all__ = [
    "CHOICES",
    "FINDINGS",
    "RULES",
    "Choice",
    "Decision",
    "Document",
    "Evidence",
    "Facts",
    "FrequencyCap",
    "Link",
    "NoChoice",
    "OptOut",
    "Policy",
    "PolicyError",
    "Rule",
    "RuleCode",
    "Step",
    "VerdictFacts",
    "checked",
    "chosen",
    "decide",
    "decide_all",
    "firsts",
    "passes_alone",
    "policy_of",
    "trace",
]
