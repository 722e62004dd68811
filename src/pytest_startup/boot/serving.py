"""An application that is booted once and kept up, for whoever wants to use it.

with Serving(contract, keeper) as app:
    urllib.request.urlopen(f"{app.base_url}/health/ready", timeout=5)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from pytest_startup.boot.boot import Boot
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.walk import Values
from pytest_startup.checks.started import becomes_ready
from pytest_startup.contract.model import Contract
from pytest_startup.errors import NotReady
from pytest_startup.events.base import Event
from pytest_startup.events.process import Exited
from pytest_startup.findings import NotCovered
from pytest_startup.report.failure import log_before, told
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace

SETTLE_SECONDS = 0.2
"""How long the last lines of a log, or the word that it has ended, may take from the application to us."""


class Serving:
    """The application of a contract, with its services: started, ready, and up until the end of the block."""

    def __init__(self, contract: Contract, keeper: Keeper, on_event: Callable[[Event], None] | None = None) -> None:
        """Prepare to boot what `contract` describes, with services out of `keeper`."""
        self.contract = contract
        self._boot = Boot(contract, keeper, on_event=on_event)
        self._stack = ExitStack()
        self._means = Means()

    def __enter__(self) -> Self:
        """Start it and wait until it is ready; raises `NotReady` when it does not become so, and leaves nothing."""
        with ExitStack() as stack:
            stack.enter_context(self._boot)
            if not self._boot.until_ready():
                raise NotReady(self.recorder.mask(self.trace.why_unready()), self._account_of_start())
            self._boot.rest()
            self._means = self._boot.means()
            stack.callback(self._means.end)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it: gently, or at once when the block was left by an exception."""
        self._stack.__exit__(kind, error, at)

    @property
    def base_url(self) -> str:
        """The URL below which it is asked, without a slash at its end."""
        return self._boot.base.rstrip("/")

    @property
    def trace(self) -> Trace:
        """What has been recorded so far."""
        return self._boot.trace

    @property
    def recorder(self) -> Recorder:
        """Where whatever happens to it is recorded."""
        return self._boot.recorder

    @property
    def ended(self) -> str:
        """How its process ended, in words; empty while it is up."""
        found = self.recorder.seen(Exited)
        return f"the application ended with code {found.code}, {found.at:.2f} s after its start" if found else ""

    def walker(self, name: str) -> Walker:
        """Return somebody who can make journeys with it, by all means that there are."""
        return Walker(self.recorder, Values(self._boot.known, self.base_url), name, self._means)

    def account(self) -> str:
        """Return what is to be known beside any failure: whether it has ended, and the last lines of its log."""
        self.recorder.pause(SETTLE_SECONDS, "the log")
        lines = [*filter(None, [self.ended]), *log_before(self.trace, None)]
        return self.recorder.mask("\n".join(lines).strip("\n"))

    def _account_of_start(self) -> str:
        verdict = becomes_ready(self.trace, self.contract, "")
        findings = [] if isinstance(verdict, NotCovered) else verdict
        lines = [line for finding in findings for line in told(finding, self.trace)]
        log = [] if any(list(log_before(self.trace, each.at)) for each in findings) else log_before(self.trace, None)
        return self.recorder.mask("\n".join([*lines, *log]))
