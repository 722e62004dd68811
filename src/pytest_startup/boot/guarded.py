"""Trying to get in where one should be kept out: bad tokens, foreign origins, too many requests; the last come last.

First of all comes what can only be seen once: the first use of a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_startup.boot.exceeding import Exceeding
from pytest_startup.boot.means import Means
from pytest_startup.boot.origins import Origins
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.showing import Showing
from pytest_startup.boot.taps import Tap
from pytest_startup.boot.telling import Telling
from pytest_startup.boot.walk import Values
from pytest_startup.boot.warming import Warming
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
    means: Means
    taps: Mapping[str, Tap]

    def everything(self, deadline: Deadline) -> None:
        """Try everything that the contract declares; an application that is up for others keeps its limits."""
        parts = (self.recorder, self.contract, self.values, self.means)
        Warming(*parts, self.taps).all(deadline)
        Showing(*parts).all(deadline)
        Origins(*parts).all(deadline)
        Telling(*parts).all(deadline)
        if not isinstance(self.contract.launch.app, Url):
            Exceeding(*parts).all(deadline)
            return
        for limit in self.contract.limits:
            event = NotTried(at=self.recorder.elapsed(), sort="limit", name=limit.name, reason=SHARED)
            self.recorder.add(event)
