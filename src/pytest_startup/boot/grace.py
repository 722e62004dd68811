"""A walk through a grace period: time is moved to shortly before its end, and to shortly after it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pytest_startup.boot import plan
from pytest_startup.boot.examination import Examination
from pytest_startup.boot.recorder import Recorder
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.model import Grace
from pytest_startup.events.inside import GraceLookedAt, PhaseEntered, PhaseLeft, PortBound, TimeUnmovable
from pytest_startup.events.process import Exited, LogLine, NeverReady

MARGIN_SECONDS = 0.5
"""How far before and after the end it is looked at: longer than a look takes on a busy machine."""

LOOK_SECONDS = 5.0
SETTLE_SECONDS = 0.1
"""How long what is logged at one moment may take to reach us before the next one."""

LOG_SECONDS = 1.0
"""How long the line is waited for which tells that the period is over."""

NO_FREEZEGUN = 'time is moved by freezegun, which is not installed: pip install "pytest-startup[time]"'


@dataclass(slots=True)
class GraceWalk:
    """Looks at an application which serves, ready or not, three times: at once, just before and just after the end."""

    examination: Examination
    grace: Grace
    _moved: float = field(default=0.0, init=False)

    def go(self) -> None:
        """Look; where time cannot be moved, or the application never serves, say so in the trace."""
        if not self.examination.line.attached:
            return
        if plan.freezegun() is None:
            self._recorder.add(TimeUnmovable(at=self._recorder.elapsed(), reason=NO_FREEZEGUN))
            return
        if self._serves() and self._recorder.seen(TimeUnmovable) is None:
            self.examination.prober.rest()
            margin = min(MARGIN_SECONDS, self.grace.seconds / 4)
            self._look(lambda _, __: 0.0)
            self._look(lambda _, most: self.grace.seconds - margin - most)
            self._look(lambda least, _: self.grace.seconds + margin - least)
            self._await_line()

    @property
    def _recorder(self) -> Recorder:
        return self.examination.recorder

    def _serves(self) -> bool:
        """Wait until it listens, and the phase is over in which the period begins."""
        limit = self.examination.contract.launch.boot_timeout
        self._wait(lambda: not self._missing(), limit)
        if self._recorder.seen(Exited) is not None:
            return False
        if missing := self._missing():
            at, stacks = self._recorder.elapsed(), self.examination.stacks()
            self._recorder.add(NeverReady(at=at, limit=limit, waiting_for=missing, stacks=stacks))
        return not missing

    def _missing(self) -> str:
        if self._recorder.seen(PortBound) is None:
            return "the server to listen (the lifespan's startup has not completed)"
        since = self.grace.since
        if since is not None and self._recorder.trace().first(PhaseLeft, phase=since) is None:
            return f"the end of the phase {since}, in which the grace period {self.grace.name} begins"
        return ""

    def _began(self) -> tuple[float, float]:
        """Return the earliest and the latest moment at which the period may have begun."""
        trace = self._recorder.trace()
        if self.grace.since is None:
            served = self._recorder.seen(PortBound)
            return 0.0, served.at if served is not None else self._recorder.elapsed()
        entered = trace.first(PhaseEntered, phase=self.grace.since)
        left = trace.first(PhaseLeft, phase=self.grace.since)
        latest = left.at if left is not None else self._recorder.elapsed()
        return entered.at if entered is not None else latest, latest

    def _elapsed(self) -> tuple[float, float]:
        """Return how long it has lasted by now for the application: at least, at most."""
        earliest, latest = self._began()
        moment = self._recorder.elapsed() + self._moved
        return moment - latest, moment - earliest

    def _look(self, by: Callable[[float, float], float]) -> None:
        """Let `by(at least, at most elapsed)` seconds pass at once, and look; not at what is over."""
        self._wait(lambda: False, SETTLE_SECONDS)
        seconds = by(*self._elapsed())
        if seconds < 0 or self._recorder.seen(Exited) is not None:
            return
        reply = self._ask(seconds)
        self._moved += seconds
        self._note(reply or {"began": now(), "at": self._recorder.elapsed(), "status": None, "problem": "no answer"})

    def _ask(self, seconds: float) -> dict[str, Any] | None:
        look, status = self.grace.look, self.grace.status
        return self.examination.line.ask(
            Deadline.after(LOOK_SECONDS, "a look"),
            "GraceSeen",
            "grace",
            seconds=seconds,
            look=None if look is None else look.as_json(),
            status=status.as_json(),
        )

    def _note(self, reply: dict[str, Any]) -> None:
        earliest, latest = self._began()
        status, mask = reply["status"], self._recorder.mask
        self._recorder.add(
            GraceLookedAt(
                at=reply["at"],
                grace=self.grace.name,
                elapsed_least=reply["began"] - self._recorder.origin - latest + self._moved,
                elapsed_most=reply["at"] - earliest + self._moved,
                status=mask(status) if isinstance(status, str) else status,
                problem=mask(reply["problem"]),
            )
        )

    def _await_line(self) -> None:
        """Wait for the line which tells that the period is over, where there is to be one."""
        if self.grace.log is not None:
            pattern, since = re.compile(self.grace.log), self._recorder.elapsed() - LOG_SECONDS
            self._wait(lambda: any(pattern.search(each) for each in self._said(since)), LOG_SECONDS)

    def _said(self, since: float) -> list[str]:
        return [line.text for line in self._recorder.trace().all(LogLine) if line.at >= since]

    def _wait(self, enough: Callable[[], bool], seconds: float) -> None:
        self._recorder.until(enough, seconds, "a grace period")
