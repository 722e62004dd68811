"""Trying to get in where one should be kept out: bad tokens, foreign origins, too many requests; the last come last."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_startup.boot.exceeding import Exceeding
from pytest_startup.boot.origins import Origins
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.showing import Showing
from pytest_startup.boot.walk import Values
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.guarded import NotTried

SHARED = "it is up for others as well, who would be refused with us"


@dataclass(frozen=True, slots=True)
class Guarded:
    """The exercise of one boot in which nobody is let in who should not be."""

    recorder: Recorder
    contract: Contract
    values: Values

    def everything(self, deadline: Deadline) -> None:
        """Try everything that the contract declares; an application that is up for others keeps its limits."""
        Showing(self.recorder, self.contract, self.values).all(deadline)
        Origins(self.recorder, self.contract, self.values).all(deadline)
        if not isinstance(self.contract.launch.app, Url):
            Exceeding(self.recorder, self.contract, self.values).all(deadline)
            return
        for limit in self.contract.limits:
            event = NotTried(at=self.recorder.elapsed(), sort="limit", name=limit.name, reason=SHARED)
            self.recorder.add(event)
