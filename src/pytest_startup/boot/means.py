"""What the errands of a walk are done with: HTTP, the agent inside the application, connections behind the taps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pytest_startup.boot.behind import Behind, Subscriptions
from pytest_startup.boot.line import Line
from pytest_startup.boot.minting import mint
from pytest_startup.boot.outgoing import (
    Errand,
    Evaluation,
    Given,
    Listening,
    Minting,
    Outgoing,
    Result,
    Statement,
    Talk,
    Words,
)
from pytest_startup.boot.requests import send
from pytest_startup.boot.scripted import Sockets
from pytest_startup.boot.talking import talk
from pytest_startup.clock import Deadline
from pytest_startup.contract.actions import LISTENS, Action, Call, Hearing, Query, RedisCommand
from pytest_startup.contract.journeys import Step

REPLY_SECONDS = 1.0
"""How much longer we wait for the word that a call has not returned."""


@dataclass(slots=True)
class Means:
    """The means of one walk: its subscriptions and sockets are its own, all else is shared.

    Without line and ways, there are HTTP and WebSockets alone.
    """

    line: Line | None = None
    behind: Behind | None = None
    _subscriptions: Subscriptions | None = field(default=None)
    _sockets: Sockets = field(default_factory=Sockets)

    def of_a_walk(self) -> Means:
        """Return the same means for one walk more."""
        return Means(self.line, self.behind)

    def lack(self, steps: Sequence[Step]) -> bool:
        """Whether these steps need what is not there; then nothing can be said of them."""
        return not all(self._has_for(step.action) for step in steps)

    def _has_for(self, action: Action) -> bool:
        match action:
            case Call():
                return self.line is not None and self.line.attached
            case Query():
                kind = "postgres"
            case RedisCommand() | Hearing():
                kind = "redis"
            case _:
                return True
        return self.behind is not None and self.behind.knows(kind, action.service)

    def close(self) -> None:
        """End what was begun for this walk."""
        self._sockets.close()
        if self._subscriptions is not None:
            self._subscriptions.close()

    def end(self) -> None:
        """Close what all walks share."""
        self._sockets.close()
        if self.behind is not None:
            self.behind.close()

    def do(self, errand: Errand, deadline: Deadline) -> Result:  # noqa: PLR0911 (one for each kind)
        """Do what a walk wants done, by the earlier of its limit and `deadline`."""
        limit = deadline.within(errand.seconds)
        match errand:
            case Outgoing():
                return send(errand, limit)
            case Evaluation():
                return self._evaluate(errand, limit)
            case Statement():
                return self._ways().ask(errand, limit)
            case Words() if errand.words[0].upper() in LISTENS:
                return self._listening().begin(errand, limit)
            case Words():
                return self._ways().command(errand, limit)
            case Listening():
                return self._listening().hear(errand, limit)
            case Talk():
                turn = talk(errand, limit)
                return Given(turn.last, failed="" if turn.complete else str(turn.divergence))
            case Minting():
                return mint(errand, time.time())
            case _:
                return self._sockets.do(errand, limit)

    def _evaluate(self, errand: Evaluation, limit: Deadline) -> Given:
        assert self.line is not None  # noqa: S101 - `lack` was asked
        reply_by = Deadline.after(limit.remaining() + REPLY_SECONDS, limit.what)
        reply = self.line.ask(reply_by, "Called", "call", place=errand.place, limit=limit.remaining())
        if reply is None:
            return Given(failed="the application's process does not say")
        if not reply["returned"]:
            return Given(failed=f"did not return within {errand.seconds:g} s")
        return Given(reply["value"], failed=f"raised {reply['raised']}" if reply["raised"] else "")

    def _ways(self) -> Behind:
        assert self.behind is not None  # noqa: S101 - `lack` was asked
        return self.behind

    def _listening(self) -> Subscriptions:
        if self._subscriptions is None:
            self._subscriptions = self._ways().subscriptions()
        return self._subscriptions
