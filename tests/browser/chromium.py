"""A headless Chromium that is told over a pipe what to do (the DevTools protocol), and asked what it saw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: Nothing but the page may be asked for, by the browser itself neither.
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
#: Where a browser that is told over a pipe reads and writes.
READS, WRITES = 3, 4


@dataclass
class Seen:
    """What a page asked for and complained of while it was loaded, and what a script in it came to."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    result: Any = None


class Browser:
    """One browser; each look is a tab of its own."""

    def __init__(self, to: int, from_: int) -> None:
        self._to, self._from, self._rest, self._number = to, from_, b"", 0
        self._events: list[dict[str, Any]] = []

    def look(self, page: Path, *, width: int, scheme: str, script: str) -> Seen:
        """Open a page in a window so wide, in a colour scheme, and run a script in it."""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Network", "Log", "Runtime", "Page"):
            self._ask(f"{domain}.enable", session)
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self._ask("Emulation.setDeviceMetricsOverride", session, **metrics)
        self._ask("Emulation.setEmulatedMedia", session, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._events.clear()
        self._ask("Page.navigate", session, url=page.as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._events.append(self._read())
        found = self._ask("Runtime.evaluate", session, expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        seen = Seen(result=found["result"].get("value"))
        for event in self._events:
            told = event.get("params", {})
            if event["method"] == "Network.requestWillBeSent":
                seen.requests.append(told["request"]["url"])
            elif event["method"] in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                seen.complaints.append(json.dumps(told))
        self._ask("Target.closeTarget", targetId=target)
        return seen

    def _ask(self, method: str, session: str | None = None, **params: object) -> Any:  # noqa: ANN401 (a document)
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        os.write(self._to, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while "id" not in (answer := self._read()):
            self._events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._from, 65_536)
            assert more, "the browser ended"
            self._rest += more
        told, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(told))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser. Fails where there is none: these tests were asked for."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program is not None, f"none of {', '.join(NAMES)} is on the PATH: install Chromium, then run `make browser`"
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()

    def arrange() -> None:
        spare = [os.dup(theirs_in), os.dup(theirs_out)]  # one of them may be where the other has to go
        os.dup2(spare[0], READS)
        os.dup2(spare[1], WRITES)

    with tempfile.TemporaryDirectory(prefix="mkt-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={profile}"],
            preexec_fn=arrange,  # noqa: PLW1509 (no thread holds a lock here)
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            yield Browser(ours_out, ours_in)
        finally:
            process.terminate()
            process.wait(timeout=30)
            os.close(ours_out)
            os.close(ours_in)
