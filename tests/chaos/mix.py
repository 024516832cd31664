"""The random mix: work of several tenants and kinds, and faults by a schedule that a seed decides; then the reckoning."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.chaos.accounts import reckon
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.load import Load
from tests.chaos.record import Injection
from tests.chaos.schedule import Event, schedule
from tests.chaos.stand import Stand
from tests.support.waiting import until

#: What is asked for meanwhile; imports come most, and one before every fault.
DEEDS: Final[Mapping[str, Callable[[Load], None]]] = {
    "import at once": Load.import_at_once,
    "import in turn": Load.import_in_turn,
    "import opt-outs": Load.suppress,
    "send a campaign": Load.send,
    "cancel the newest": Load.cancel,
    "retry what failed": Load.retry,
}
#: Seconds within which work must move again after a fault, and all jobs must have ended when no more come.
END: Final = 300.0
#: The share of a seed's time that faults come in; the rest is for the jobs to end.
FAULTY: Final = 0.7
STEPS: Final = """
    select coalesce(sum(array_position(array['waiting', 'split', 'plan', 'parse', 'parsed', 'mark', 'upsert', 'link', 'validate',
           'send', 'settle', 'done'], stage)), 0) from mkt.import_chunks"""


@dataclass
class Mix:
    """One seed's run."""

    stand: Stand
    seed: int
    seconds: float
    faults: Mapping[str, Fault] = field(default_factory=lambda: FAULTS)
    injected: list[Injection] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def run(self, folder: Path) -> list[Injection]:
        """Do harm for the time that there is, let everything end, and reckon. Raises AssertionError that says how to replay."""
        load = Load(self.stand, random.Random(self.seed))
        try:
            load.begin(folder)
            load.import_in_turn()
            until(lambda: not load.unfinished(), timeout=END, what="the workers to be up")
            self._harm(load)
            until(lambda: not load.unfinished(), timeout=END, what="every job to end", every=0.2)
            account = reckon(load)
            assert (account.lost, account.doubled) == (0, 0), account
            findings = self.stand.watch.at_rest()
            assert not findings, findings
        except Exception as error:
            msg = f"{error}\nseed {self.seed}, after: {'; '.join(self.told)}\nreplay with: make chaos SEEDS={self.seed}, MINUTES={self.seconds / 60:.1f}"
            raise AssertionError(msg) from error
        # Whatever was under way met every fault of the run.
        return [replace(each, lost=account.lost, doubled=account.doubled) for each in self.injected]

    def _harm(self, load: Load) -> None:
        end = time.monotonic() + self.seconds * FAULTY
        for event in schedule(self.seed, list(self.faults), list(DEEDS)):
            if time.monotonic() > end:
                return
            load.chance = random.Random(event.draw)
            self.told.append(event.name)
            if event.name in DEEDS:
                DEEDS[event.name](load)
            else:
                load.import_at_once()
                self.stand.last(event.pause)
                self._inject(load, event)

    def _inject(self, load: Load, event: Event) -> None:
        fault = self.faults[event.name]
        under_way = load.unfinished()
        fault.inject(self.stand, random.Random(event.draw))
        over, before = time.monotonic(), self._steps()
        until(
            lambda: self._steps() != before or not load.unfinished(),
            timeout=END,
            what=f"work to move again after: {event.name}",
        )
        recovery = time.monotonic() - over
        rows = sum(load.files[job].count(b"\n") for job in under_way if job in load.files)
        self.injected.append(Injection(event.name, fault.number, len(under_way), rows, 0, 0, recovery))

    def _steps(self) -> int:
        self.stand.watch.look()
        return int(self.stand.watch.query(STEPS)[0][0])
