"""Walking journeys with a real application, each step on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import send
from pytest_startup.boot.walk import Answer, Outgoing, Values, Walk
from pytest_startup.clock import Deadline
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.events.used import JourneyStepped


@dataclass(frozen=True, slots=True)
class Walker:
    """Whoever makes a journey: `name` tells them from others who make the same one.

    With `bases`, the addresses of several instances, each step is made at the next of them.
    """

    recorder: Recorder
    values: Values
    name: str = "a user"
    bases: Sequence[str] = ()

    def walk(self, journey: str, steps: Sequence[Step], deadline: Deadline) -> Walk | None:
        """Make a journey, and return what came of it; None when a step failed: the rest is not tried then.

        None, too, when there was no time left: what is wrong with an answer by then is our own doing, and not recorded.
        """
        walk = Walk(steps, self.values)
        while walk.step is not None:
            if deadline.expired or not self._step(journey, walk, walk.step, len(steps), deadline):
                return None
        return walk

    def _step(self, journey: str, walk: Walk, step: Step, steps: int, deadline: Deadline) -> bool:
        number, began = walk.at, self.recorder.elapsed()
        if self.bases:
            walk.values.base = self.bases[(number - 1) % len(self.bases)]
        answer, problem = self._ask(walk, deadline)
        self.recorder.keep_secret(walk.secrets)
        if problem and deadline.expired:
            return False
        self.recorder.add(
            JourneyStepped(
                at=self.recorder.elapsed(),
                journey=journey,
                walker=self.name,
                step=number,
                steps=steps,
                request=f"{step.request}{self._where(walk)}",
                answer=self.recorder.mask(answer.said),
                seconds=self.recorder.elapsed() - began,
                problem=self.recorder.mask(problem),
            )
        )
        return not problem

    def _where(self, walk: Walk) -> str:
        """Return at which of several instances a step was made."""
        return f" at {urlsplit(walk.values.base).netloc}" if self.bases else ""

    def _ask(self, walk: Walk, deadline: Deadline) -> tuple[Answer, str]:
        try:
            request = walk.request()
        except ContractError as error:
            return Answer("not asked"), str(error)
        if request is None:
            return Answer("not asked"), "there is nothing left to ask"
        answer = self._send(request, walk, deadline)
        return answer, walk.answered(answer)

    def _send(self, request: Outgoing, walk: Walk, deadline: Deadline) -> Answer:
        self.recorder.keep_secret(walk.secrets)  # before the application can write them to its log
        return send(request, deadline)
