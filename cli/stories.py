"""The story of an address, told in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from cli.session import Session
from db.stories import Story


def show_story(session: Session, story: Story) -> None:
    """Print every judgement, what the platform heard of the mailbox, and the opt-outs, and when it is judged again."""
    told = sorted(_told(session, story), key=lambda line: line[0])
    if not told and story.state is None:
        session.screen.say("story.empty")
        return
    if told:
        session.screen.table(("at", "what", "code", "score", "why"), told)
    if (state := story.state) is not None:
        words = session.words
        session.screen.say(
            "story.state",
            status=words.say(f"verdict.{state.status}"),
            code=state.reason_code,
            score=state.score,
            at=state.validated_at,
            sentence=words.reason(state.reason_code),
        )
        session.screen.say("story.next", at=state.next_validation_at)


def _told(session: Session, story: Story) -> Iterator[tuple[datetime, str, str, int | None, str]]:
    words = session.words
    for each in story.judgements:
        why = words.reason(each.reason_code)
        if asked := (each.details.get("dns") or {}).get("at"):
            why += " " + words.say("story.asked", at=datetime.fromisoformat(asked))
        yield each.at, words.say(f"verdict.{each.status}"), each.reason_code, each.score, why
    for event in story.deliveries:
        yield event.at, words.say("story.delivery"), event.kind, None, event.source
    for event in story.opt_outs:
        yield event.at, words.say("story.opt_out"), event.kind, None, event.source
    for event in story.lifts:
        yield event.at, words.say("story.opt_out_lifted"), event.kind, None, words.say(f"lifted_as.{event.source}")
