"""`mkt campaign preview` and `mkt campaign explain`: who would receive a campaign now, who would not, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.campaign_words import evidence_sentence, origin_text, reason_text, rule_title
from cli.find_campaign import Which, refusing
from cli.refusals import Refusal, RefusedError
from cli.session import Session
from cli.words import help_text
from pipeline.eligibility import RULES
from pipeline.explanations import Explanation
from pipeline.explanations import explain as explained
from pipeline.previews import Preview
from pipeline.previews import preview as previewed


def preview(session: Session, cid: Which) -> None:
    """Show whom a campaign would reach if it was sent now."""
    with refusing():
        found = previewed(session.context, session.tenant.tenant_id, cid)
    if session.asked.json:
        session.screen.document(_document(found))
        return
    words, screen, counts = session.words, session.screen, found.counts
    screen.say(
        "campaign.summary",
        name=found.campaign.name,
        contacts=words.count("contact", counts.contacts),
        recipients=counts.recipients,
        excluded=counts.contacts - counts.recipients,
    )
    if found.campaign.is_sent:
        screen.say("campaign.was_sent")
    elif found.campaign.is_frozen:
        screen.say("campaign.was_stopped")
    screen.table(
        ("audience", "contacts", "campaign.recipients"),
        [(each.audience.name, each.contacts, each.recipients) for each in found.reaches],
    )
    if counts.exclusions:
        screen.line()
        screen.table(("campaign.rule", "reason", "contacts"), _exclusions(session, found))
    if any(each.recipients for each in counts.outlooks):
        screen.line()
        screen.say("campaign.outlooks")
        screen.table(
            ("campaign.key", "campaign.value", "campaign.instead", "campaign.difference"),
            [
                (each.key, _plain(each.value), _plain(each.instead), _signed(session, each.recipients))
                for each in counts.outlooks
                if each.recipients
            ],
        )
        screen.say("campaign.how_to_choose", cid=str(found.campaign.cid))
    _loose_ends(session, found)


def _loose_ends(session: Session, found: Preview) -> None:
    """Say what is not decided yet: who is still being checked, and imports that are held back."""
    words, screen = session.words, session.screen
    if found.counts.unchecked:
        contacts = words.count("contact", found.counts.unchecked)
        if found.seconds is None:
            screen.say("campaign.unchecked", contacts=contacts)
        else:
            screen.say("campaign.unchecked_for", contacts=contacts, time=words.seconds(found.seconds))
    for each in found.held:
        screen.say(
            "campaign.held",
            file=each.file_name,
            contacts=words.count("contact", each.contacts),
            id=str(each.import_job_id),
        )


def _exclusions(session: Session, found: Preview) -> Iterator[tuple[str, str, int]]:
    """Yield the rules in their order, each with its reasons, the most frequent first."""
    words, counts = session.words, found.counts
    for rule in RULES:
        if (contacts := counts.exclusions.get(rule.code, 0)) == 0:
            continue
        reasons = counts.reasons.get(rule.code, {})
        if not reasons:
            yield rule_title(words, rule.code), "", contacts
        for reason, number in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
            yield rule_title(words, rule.code), reason_text(words, reason), number


def _signed(session: Session, number: int) -> str:
    return ("+" if number > 0 else "-") + str(session.words.value(abs(number)))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _document(found: Preview) -> dict[str, Any]:
    counts = found.counts
    return {
        "cid": found.campaign.cid,
        "name": found.campaign.name,
        "is_sent": found.campaign.is_sent,
        "is_frozen": found.campaign.is_frozen,
        "at": found.at,
        "contacts": counts.contacts,
        "recipients": counts.recipients,
        "exclusions": {rule.code: counts.exclusions[rule.code] for rule in RULES if rule.code in counts.exclusions},
        "reasons": {rule.code: dict(counts.reasons[rule.code]) for rule in RULES if rule.code in counts.reasons},
        "audiences": [
            {
                "audience_id": each.audience.audience_id,
                "name": each.audience.name,
                "contacts": each.contacts,
                "recipients": each.recipients,
            }
            for each in found.reaches
        ],
        "excluded_audiences": [{"audience_id": each.audience_id, "name": each.name} for each in found.excluded],
        "policy": found.policy.document(),
        "choices": [asdict(each) for each in counts.outlooks],
        "unchecked": counts.unchecked,
        "unchecked_seconds": found.seconds,
        "quarantined": [{**asdict(each), "release": f"mkt job release {each.import_job_id}"} for each in found.held],
    }


def explain(
    session: Session,
    cid: Which,
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=help_text("campaign.address"))],
) -> None:
    """Show every rule for one person, with what it looked at."""
    try:
        with refusing():
            found = explained(session.context, session.tenant.tenant_id, cid, address)
    except UnicodeEncodeError:
        raise  # what is no text may be the campaign's name, too
    except ValueError:
        raise RefusedError(Refusal.CAMPAIGN_NO_ADDRESS, address=address) from None
    if session.asked.json:
        session.screen.document(_explanation(found))
        return
    _tell(session, found)


def _tell(session: Session, found: Explanation) -> None:
    words, screen = session.words, session.screen
    rule = found.decision.rule
    about = {"email": found.email, "name": found.campaign.name}
    if rule is None:
        screen.say("campaign.receives", **about)
    else:
        screen.say("campaign.receives_not", **about, rule=rule_title(words, rule))
    if found.contact is None:
        screen.say("campaign.no_contact", email=found.email)
    screen.table(
        ("campaign.number", "campaign.rule", "campaign.result", "campaign.evidence"),
        [
            (
                number,
                rule_title(words, step.rule),
                words.say(f"campaign.{'decides' if step.decides else 'matches' if step.matches else 'passes'}"),
                " ".join(evidence_sentence(words, each) for each in step.evidence),
            )
            for number, step in enumerate(found.steps, 1)
        ],
    )
    for each in found.memberships:
        screen.say(
            f"campaign.{'was_member' if each.removed_at else 'member'}",
            audience=each.audience,
            added_at=each.added_at,
            removed_at=each.removed_at,
            origin=origin_text(words, asdict(each.origin)),
        )
    if found.contact is not None and not found.memberships:
        screen.say("campaign.no_membership")
    if found.frozen is not None:
        screen.say(f"campaign.frozen_{found.frozen['outcome']}", rule=_rule_or_nothing(session, found.frozen["rule"]))


def _rule_or_nothing(session: Session, rule: str | None) -> str:
    return "" if rule is None else rule_title(session.words, rule)


def _explanation(found: Explanation) -> dict[str, Any]:
    return {
        "cid": found.campaign.cid,
        "name": found.campaign.name,
        "at": found.at,
        "email": found.email,
        "rid": found.contact and found.contact.rid,
        "receives": found.decision.rule is None,
        "rule": found.decision.rule,
        "reason": found.decision.reason,
        "rules": [
            {
                "rule": step.rule,
                "matches": step.matches,
                "decides": step.decides,
                "reason": step.reason,
                "evidence": [{"code": each.code, **each.params} for each in step.evidence],
                "source": step.source,
            }
            for step in found.steps
        ],
        "memberships": [
            {**{key: value for key, value in asdict(each).items() if key != "origin"}, **asdict(each.origin)}
            for each in found.memberships
        ],
        "stands_for_mailbox": found.first and {"rid": found.first.rid, "email": found.first.email},
        "frozen": found.frozen,
    }
