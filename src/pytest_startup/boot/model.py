"""Letting a language model fail in every way, one after the other, while the application uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pytest_startup.boot import plan
from pytest_startup.boot.conduct import Conduct, Silent
from pytest_startup.boot.examination import Examination
from pytest_startup.boot.http_conduct import BreakingOff, Noting, Refusing
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.talking import talk
from pytest_startup.boot.walk import Walk
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.failing import RETRY_AFTER_SECONDS, WAYS, Failure
from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.model import Service
from pytest_startup.events.edge import ServiceSwitched
from pytest_startup.events.guarded import TURN, ModelUsed
from pytest_startup.events.process import Exited

WATCH_SECONDS = 5.0
"""How long readiness is watched at least for saying that a model fails, or that it is back."""

SETTLE_SECONDS = 0.5
"""How long it is watched from then on: what is said late, or for a moment only, is seen as well."""

APART_SECONDS = 1.0
"""Seconds between two tries to use a model which is back: each is somebody's log-in."""

MARGIN_SECONDS = 2.0
"""How much longer than it may take a use is waited for."""

CONDUCTS: dict[str, Callable[[], Conduct]] = {
    "throttles": lambda: Refusing(429, "Too Many Requests", {"Retry-After": str(RETRY_AFTER_SECONDS)}),
    "errs": lambda: Refusing(500, "Internal Server Error"),
    "falls-silent": Silent,
    "breaks-off": BreakingOff,
}


@dataclass(slots=True)
class Failing:
    """The exercise of one boot in which its model fails."""

    examination: Examination
    walker: Walker
    service: Service
    failure: Failure
    _walk: Walk | None = field(default=None, init=False)
    _recovers: bool = field(default=True, init=False)

    def everything(self) -> None:
        """Use it while all is well, then once in every way it fails, and each time until it is back."""
        self._begin()
        self._use("well", "before", Noting(Conduct()))
        for way in WAYS:
            if self.examination.recorder.seen(Exited) is None:
                self._fail(way)

    def _fail(self, way: str) -> None:
        tap = self.examination.edge.taps[self.service.name]
        conduct = Noting(CONDUCTS[way]())
        self._switched(way)
        tap.switch(conduct, sever=True)
        self._use(way, "during", conduct)
        with self.examination.prober.asking():
            self._watch(ready=self.failure.readiness != "not-ready")
            self._hear_liveness()
            self._settle()
            self._switched("up")
            tap.switch(Conduct(), sever=True)
            if self._recovers:
                self._watch(ready=True)
            self._settle()
            self._use_again(way)

    def _use_again(self, way: str) -> None:
        """Use it until all works that did before: a breaker may be open for a while, and readiness follow it.

        What has not come back once is not waited for again.
        """
        recorder = self.examination.recorder
        patience = Deadline.after(plan.RECOVERY_SECONDS if self._recovers else 0.0, "the recovery")
        while True:
            since = recorder.elapsed()
            self._begin()  # as somebody else: what the one before has asked may still be under way
            self._use(way, "after", Noting(Conduct()))
            works = self._works_again(since)
            if works or patience.expired or recorder.seen(Exited) is not None:
                break
            recorder.pause(APART_SECONDS, "another use")
        self._recovers = self._recovers and self._watch(ready=True) and works

    def _works_again(self, since: float) -> bool:
        """Whether every use which worked before has worked since then."""
        used = self.examination.recorder.trace().all(ModelUsed, service=self.service.name)
        before = {each.what for each in used if each.when == "before" and each.works}
        return before <= {each.what for each in used if each.when == "after" and each.works and each.at >= since}

    def _switched(self, to: str) -> None:
        recorder = self.examination.recorder
        recorder.add(ServiceSwitched(at=recorder.elapsed(), service=self.service.name, to=to))

    def _watch(self, *, ready: bool) -> bool:
        """Wait until readiness says so, asked from now on; return whether it did, or there is none to ask."""
        readiness = self.examination.contract.health.readiness
        if isinstance(readiness, NoProbe):
            return True
        since = self.examination.recorder.elapsed()

        def says() -> bool:
            said = self.examination.prober.said("readiness", since)
            return said is not None and said.ready == ready

        self.examination.recorder.until(says, max(WATCH_SECONDS, readiness.follows_within), "watching")
        return says()

    def _hear_liveness(self) -> None:
        """Wait until liveness has answered a question asked from now on, if only by its silence."""
        if isinstance(self.examination.contract.health.liveness, NoProbe):
            return
        prober, since = self.examination.prober, self.examination.recorder.elapsed()
        self.examination.recorder.until(lambda: prober.said("liveness", since) is not None, WATCH_SECONDS, "watching")

    def _settle(self) -> None:
        self.examination.recorder.pause(SETTLE_SECONDS, "watching")

    # -- uses

    def _use(self, way: str, when: str, conduct: Noting) -> None:
        """Use the model in every way that is declared, and record each with its requests."""
        place = self.failure.use if self.failure.use is not None else self.service.canary
        if place is not None and self.examination.line.attached:
            first, began = len(conduct.moments), now()
            limit = Deadline.after(self.failure.max_seconds + 2 * MARGIN_SECONDS, "a use of the model")
            reply = self.examination.line.ask(limit, "Canary", "canary", place=place.as_json())
            found = reply or {"works": False, "observed": "never returned"}
            moments = conduct.moments[first:]
            self._record(way, when, str(place), now() - began, moments, works=found["works"], said=found["observed"])
        if self._walk is not None:
            self._ask(self._walk, way, when, conduct)

    def _begin(self) -> None:
        """Do all that comes before asking the model: the last step of the journey, or a turn of the chat."""
        contract = self.examination.contract
        if self.failure.journey is not None:
            journey = contract.journey(self.failure.journey)
            name, steps = journey.name, journey.steps
        elif contract.chat is not None:
            name = contract.chat.journey
            steps = (*contract.journey(name).steps, Step(action=Turn({}, contract.chat)))
        else:
            return
        walk = self.walker.walk(name, steps[:-1], Deadline.after(WATCH_SECONDS * len(steps), "a journey"))
        self._walk = None if walk is None else walk.onward(steps)

    def _ask(self, walk: Walk, way: str, when: str, conduct: Noting) -> None:
        """Make the last step once more."""
        step, errand = walk.step, walk.errand()
        if step is None or errand is None:
            return
        recorder, first, began = self.examination.recorder, len(conduct.moments), now()
        recorder.keep_secret(walk.secrets)
        seconds = self.failure.max_seconds + MARGIN_SECONDS
        limit = Deadline.after(seconds, "a use of the model")
        if isinstance(errand, Talk):
            what, turn = TURN, talk(errand, limit)
            good, said = turn.complete, "completed" if turn.divergence is None else turn.divergence.observed
        else:
            result = self.walker.means.do(replace(errand, seconds=seconds), limit)
            what, good, said = str(step.action), not walk.wrong(result), result.said
        self._record(way, when, what, now() - began, conduct.moments[first:], works=good, said=said)

    def _record(  # noqa: PLR0913 - the fields of an event
        self, way: str, when: str, what: str, seconds: float, moments: list[float], /, *, works: bool, said: str
    ) -> None:
        recorder = self.examination.recorder
        recorder.add(
            ModelUsed(
                at=recorder.elapsed(),
                service=self.service.name,
                way=way,
                when="before" if when == "before" else "during" if when == "during" else "after",
                what=what,
                works=works,
                observed=recorder.mask(said),
                seconds=seconds,
                requests=len(moments),
                shortest=min((later - earlier for earlier, later in pairwise(moments)), default=-1.0),
            )
        )
