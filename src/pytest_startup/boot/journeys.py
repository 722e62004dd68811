"""Walking journeys with a real application, each step on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Answer, Errand, Result
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.events.process import Exited
from pytest_startup.events.used import JourneyStepped

A_USER = "a user"

PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds between two tries of a question whose answer is not right yet; the last one repeats."""


@dataclass(frozen=True, slots=True)
class _Round:
    """One walk under way: of which journey, of how many steps, with what, until when."""

    journey: str
    walk: Walk
    steps: int
    means: Means
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Walker:
    """Whoever makes a journey: `name` tells them from others who make the same one.

    With `bases`, the addresses of several instances, each step is made at the next of them.
    """

    recorder: Recorder
    values: Values
    name: str = A_USER
    means: Means = field(default_factory=Means)
    bases: Sequence[str] = ()

    def walk(self, journey: str, steps: Sequence[Step], deadline: Deadline) -> Walk | None:
        """Make a journey, and return what came of it; None when a step failed: the rest is not tried then.

        None, too, when there was no time left: what is wrong with an answer by then is our own doing, and not
        recorded; nor is a journey whose steps need what is not there.
        """
        means = self.means.of_a_walk()
        if means.lack(steps):
            return None
        round_ = _Round(journey, Walk(steps, self.values), len(steps), means, deadline)
        try:
            while (step := round_.walk.step) is not None:
                if deadline.expired or not self._step(step, round_):
                    return None
        finally:
            means.close()
        return round_.walk

    def _step(self, step: Step, round_: _Round) -> bool:
        number, began = round_.walk.at, self.recorder.elapsed()
        if self.bases:
            round_.walk.values.base = self.bases[(number - 1) % len(self.bases)]
        result, problem = self._ask(step, round_)
        self.recorder.keep_secret(round_.walk.secrets)
        if problem and round_.deadline.expired:
            return False
        self.recorder.add(
            JourneyStepped(
                at=self.recorder.elapsed(),
                journey=round_.journey,
                walker=self.name,
                step=number,
                steps=round_.steps,
                request=f"{step.action}{self._where(round_.walk)}",
                answer=self.recorder.mask(result.said),
                seconds=self.recorder.elapsed() - began,
                problem=self.recorder.mask(problem),
            )
        )
        return not problem

    def _where(self, walk: Walk) -> str:
        """Return at which of several instances a step was made."""
        return f" at {urlsplit(walk.values.base).netloc}" if self.bases else ""

    def _ask(self, step: Step, round_: _Round) -> tuple[Result, str]:
        walk = round_.walk
        try:
            errand = walk.errand()
        except ContractError as error:
            return Answer("not asked"), str(error)
        if errand is None:
            return Answer("not asked"), "there is nothing left to ask"
        self.recorder.keep_secret(walk.secrets)  # before the application can write them to its log
        result = self._until_right(step, errand, round_)
        return result, walk.answered(result)

    def _until_right(self, step: Step, errand: Errand, round_: _Round) -> Result:
        """Do an errand; ask a question again until its answer is right, or its time is up."""
        walk, means = round_.walk, round_.means
        limit = round_.deadline.within(step.max_seconds)
        result, tries = means.do(errand, limit), 0
        while step.asks_again and not limit.expired and walk.wrong(result):
            pause = min(PAUSES[min(tries, len(PAUSES) - 1)], limit.remaining())
            if self.recorder.wait(lambda: self.recorder.seen(Exited), Deadline.after(pause, "another try")):
                break  # nobody is there any more who could make it right
            latest, tries = means.do(errand, limit), tries + 1
            result = latest if not limit.expired or not walk.wrong(latest) else result
        return result
