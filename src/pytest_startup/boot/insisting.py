"""Coming back too often: one who comes again and again, one who waits as told, and somebody else."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Closed, Denied
from pytest_startup.boot.traveller import Traveller
from pytest_startup.chat.frames import at as look
from pytest_startup.chat.frames import document_of
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.reconnect import Backoff
from pytest_startup.events.returning import CameAgain

LOOK_SECONDS = 0.05
"""How long a socket is watched for being closed again, while one comes again and again."""

WATCH_SECONDS = 0.3
"""The same, where it is about that one answer."""

BEYOND = 10
"""How many more connections than are allowed are tried."""

LONGEST_PAUSE = 5.0
"""Nobody waits longer for us."""

MARGIN_SECONDS = 0.1
"""How much longer than told one waits."""

UNTOLD = -1.0
ACCEPTED = "accepted"


@dataclass(slots=True)
class Insisting:
    """Opens connections more often than one user may."""

    recorder: Recorder
    backoff: Backoff

    def without_waiting(self, eager: Traveller, other: Traveller, deadline: Deadline) -> None:
        """Have one come too often, and again before the pause is over; and then somebody else."""
        if self._often(eager, deadline) is not None:
            self._once("early", eager, deadline)
            self._once("other", other, deadline)

    def waiting(self, patient: Traveller, deadline: Deadline) -> None:
        """Have one come too often, and again when the pause is over which was told."""
        pause = self._often(patient, deadline)
        if pause is not None and 0 <= pause <= LONGEST_PAUSE and pause < deadline.remaining():
            self.recorder.pause(pause + MARGIN_SECONDS, "the pause which was told")
            self._once("waited", patient, deadline)

    def _often(self, user: Traveller, deadline: Deadline) -> float | None:
        """Come again and again; return the pause that was told with the first refusal, None when there was none."""
        began, most = now(), self.backoff.attempts + BEYOND
        for number in range(1, most + 1):
            answer, pause = self._come(user, LOOK_SECONDS, deadline)
            if deadline.expired:
                return None
            if answer != ACCEPTED or number == most:
                self._record("often", number, now() - began, answer, pause)
                return None if answer == ACCEPTED else pause
        return None

    def _once(self, when: str, user: Traveller, deadline: Deadline) -> None:
        began = now()
        answer, pause = self._come(user, WATCH_SECONDS, deadline)
        if not deadline.expired:
            self._record(when, 1, now() - began, answer, pause)

    def _record(self, when: str, number: int, seconds: float, answer: str, pause: float) -> None:
        at = self.recorder.elapsed()
        event = CameAgain(at=at, when=when, number=number, seconds=seconds, answer=answer, pause=pause)  # type: ignore[arg-type]
        self.recorder.add(event)

    def _come(self, user: Traveller, seconds: float, deadline: Deadline) -> tuple[str, float]:
        """Connect, watch the socket and leave; return how that was answered, and the pause that was told."""
        latest = ""
        try:
            user.connect(deadline)
            limit = deadline.within(seconds)
            with suppress(TimeoutError):
                while True:
                    latest = user.take(limit)
        except (Closed, Denied) as error:
            return str(error), self._pause(error, latest)
        except (OSError, ValueError, EOFError) as error:
            return silence(error), UNTOLD
        finally:
            user.leave()
        return ACCEPTED, UNTOLD

    def _pause(self, error: Closed | Denied, latest: str) -> float:
        """Return how many seconds one was told to wait; -1 when nothing usable was told."""
        told, text = self.backoff.pause, ""
        if told is None:
            return UNTOLD
        if told.where == "reason" and isinstance(error, Closed):
            found = re.search(told.what, error.reason)
            text = found[1] or "" if found else ""
        elif told.where == "header" and isinstance(error, Denied):
            text = next((value for name, value in error.headers if name.lower() == told.what.lower()), "")
        elif told.where == "frame":
            with suppress(LookupError):
                text = str(look(document_of(latest), told.what))
        try:
            return max(0.0, float(text))
        except ValueError:
            return UNTOLD
