"""A request that was refused leaves an event, and no address in it, whatever the caller called things."""

from __future__ import annotations

from pipeline.intake_problems import IntakeProblem, IntakeRefusedError
from pipeline.refusals import remember_refusal
from tests.pipeline.imports import Desk


def test_what_names_hold_of_an_address_is_masked(work: Desk) -> None:
    refusal = IntakeRefusedError(IntakeProblem.NO_AUDIENCE, name="ana@empresa.com.br.csv")
    remember_refusal(work.threads.context, work.tenant.tenant_id, None, "of bia@empresa.com.br", refusal)
    (event,) = work.query("select subject, details from audit.events where action = 'import_refused'")
    assert (event.subject, event.details) == (
        "of *@empresa.com.br",
        {
            "code": "not_accepted",
            "sentence": "There is no audience *@empresa.com.br.csv'; `mkt audience list` shows those there are, `mkt audience create` makes one.",
        },
    )
