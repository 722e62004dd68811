"""Using an application beyond watching it: traffic before it is ready, and all that the contract says afterwards.

using = Using(contract, exercise, recorder, line, setting.values, "http://127.0.0.1:8000")
with using.begun():
    ...                      # it starts; `overhear` is told of every event
    using.everything()       # it is ready
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from pytest_startup.boot import plan, together
from pytest_startup.boot.askers import Askers
from pytest_startup.boot.behind import Behind
from pytest_startup.boot.deliveries import Deliveries
from pytest_startup.boot.guarded import Guarded
from pytest_startup.boot.guests import Guests
from pytest_startup.boot.journeys import A_USER, Walker
from pytest_startup.boot.line import Line
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.returning import Returning
from pytest_startup.boot.taps import Tap
from pytest_startup.boot.traffic import OFFER_SECONDS, FirstRequests, Offers
from pytest_startup.boot.users import Users
from pytest_startup.boot.visiting import Visiting
from pytest_startup.boot.visitors import Visit
from pytest_startup.boot.walk import Values, secrets_in
from pytest_startup.clock import Deadline
from pytest_startup.contract.journeys import Disturbance, Journey
from pytest_startup.contract.model import Contract
from pytest_startup.contract.templates import Values as Known
from pytest_startup.contract.values import Url
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import KEEPING_OUT
from pytest_startup.events.inside import PhaseEntered
from pytest_startup.events.process import Exited, FaultFelt
from pytest_startup.events.returning import RETURNING
from pytest_startup.events.sockets import SOCKETS
from pytest_startup.events.used import (
    AFTERWARDS,
    CHAT,
    DELIVERIES,
    DISTURBANCE,
    FIRST_REQUESTS,
    FIRST_USERS,
    FIRST_WALKER,
    JOURNEYS,
    ONE_NAME,
    OUTAGE,
    USERS,
    DeliveryTried,
    ExerciseBegan,
    ExerciseEnded,
    JourneyStepped,
    TurnTaken,
)
from pytest_startup.variation import Exercise

USE_SECONDS = 40.0
"""What all of it may take together once the application is ready."""

WALK_SECONDS = 10.0
AFTERWARDS_SECONDS = 40.0

SECONDS_PER_USER = 0.5
"""How much longer it may take for each user who has to be made ready first."""

SETTLE_SECONDS = 0.1
"""How long the last lines of a log may take from the application to us."""


@dataclass(slots=True)
class Using:
    """One exercise of one boot: `use`, a `journey` that is disturbed, an `outage`, or a `crowd` of users."""

    contract: Contract
    exercise: Exercise
    recorder: Recorder
    line: Line
    known: Known
    base: str
    taps: Mapping[str, Tap] = field(default_factory=dict)
    means: Means = field(init=False)
    _disturbing: threading.Thread | None = field(default=None)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Have the means of all journeys at hand; nothing is opened before it is needed."""
        self.means = Means(self.line, Behind(self.known))

    @property
    def values(self) -> Values:
        """What templates stand for before anything is captured."""
        return Values(self.known, self.base)

    @property
    def guests(self) -> Guests:
        """Those who connect together."""
        return Guests(self.recorder, self.contract, self.line, self.values, self.means)

    def walker(self, name: str = A_USER) -> Walker:
        """Return somebody who can make journeys, by all means that there are."""
        return Walker(self.recorder, self.values, name, self.means)

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Offer traffic until the application is ready, at most until the end of the block."""
        with ExitStack() as stack:
            stack.callback(self.means.end)
            if self.exercise.kind == "use" and self.contract.traffic.declared:
                seconds = OFFER_SECONDS + self.contract.startup.max_block_seconds
                offers = Offers(self.recorder, self.contract.traffic, self.base, seconds)
                stack.enter_context(offers.offering())
            try:
                yield
            finally:
                if self._disturbing is not None:
                    self._disturbing.join(plan.HELD_SECONDS)

    # -- while it starts

    def overhear(self, event: Event) -> None:
        """Begin the disturbance when its phase does."""
        disturbance = plan.disturbance_of(self.contract, self.exercise)
        if disturbance is None:
            return
        held = isinstance(event, FaultFelt) and event.subject == disturbance.phase
        if held or (isinstance(event, PhaseEntered) and event.phase == disturbance.phase):
            with self._lock:
                if self._disturbing is None:
                    self._disturbing = threading.Thread(target=self._disturb, args=(disturbance,), daemon=True)
                    self._disturbing.start()

    def _disturb(self, disturbance: Disturbance) -> None:
        deadline = Deadline.after(plan.HELD_SECONDS, "the disturbance")
        self.walker(DISTURBANCE).walk(self.exercise.name, disturbance.steps, deadline)
        self.line.tell("release", phase=disturbance.phase)

    # -- once it is ready

    def everything(self) -> None:
        """Do what this exercise is, in time."""
        deadline = Deadline.after(USE_SECONDS, "using the application")
        match self.exercise.kind:
            case "chat":
                self._chat(deadline)
            case "journey":
                self._disturbed_journey(deadline)
            case "crowd":
                self._crowd()
                together.one_by_one(self.guests, self._part)
            case "security":
                with self._part(KEEPING_OUT):
                    Guarded(self.recorder, self.contract, self.values, self.means, self.taps).everything(deadline)
            case "heartbeats" | "broadcasts" | "upgrading" as kind:
                together.go(kind, self.guests, self._part)
            case "reconnect":
                with self._part(RETURNING):
                    Returning(self.recorder, self.contract, self.values, self.means, self.line).everything(deadline)
            case "sockets":
                if self.contract.websocket is not None:
                    with self._part(SOCKETS):
                        visit = Visit(self.recorder, self.contract, self.values, self.means)
                        Visiting(visit).everything(deadline)
            case _:
                self._first_requests(deadline)
                self._all(deadline)

    def _disturbed_journey(self, deadline: Deadline) -> None:
        if self._disturbing is not None:
            self._disturbing.join(deadline.remaining())
        self._journeys([each for each in self.contract.journeys if each.name == self.exercise.name], deadline)

    @contextmanager
    def throughout(self, service: str) -> Iterator[None]:
        """Have users ask on until the end of the block, in which a service is in trouble; wait for what they get."""
        traffic = self.contract.traffic
        headers = self._headers(Deadline.after(WALK_SECONDS, "the journey of whoever asks"))
        if headers is None or not (traffic.requests or self._health()):
            yield
            return
        paths = traffic.requests or self._health()
        with self._part(OUTAGE), Askers(self.recorder, self.base, paths, headers, traffic.max_seconds).asking(service):
            yield

    def afterwards(self) -> None:
        """Use it all, after an outage; again when not all went well, until what has limits of time has met them."""
        deadline = Deadline.after(AFTERWARDS_SECONDS, "using the application after an outage")
        patience = Deadline.after(plan.RECOVERY_SECONDS, "the recovery")
        while True:
            began = self.recorder.elapsed()
            with self._part(AFTERWARDS):
                self._all(deadline)
            if patience.expired or self.recorder.seen(Exited) is not None or not self._went_wrong(began):
                return

    def _went_wrong(self, since: float) -> bool:
        """Whether anything that has been tried since then failed."""
        trace = self.recorder.trace()
        steps = any(each.problem for each in trace.all(JourneyStepped) if each.at >= since)
        turns = any(each.about for each in trace.all(TurnTaken) if each.at >= since)
        return steps or turns or any(each.arrived != 1 for each in trace.all(DeliveryTried) if each.at >= since)

    def _all(self, deadline: Deadline) -> None:
        self._journeys([each for each in self.contract.journeys if each.disturbance is None], deadline)
        self._chat(deadline)
        if self.line.attached:
            self._deliveries(deadline)

    def _chat(self, deadline: Deadline) -> None:
        """Have one user take a turn of the chat, if there is one."""
        if (users := self._users()) is not None:
            with self._part(CHAT):
                users.one(deadline)

    def _users(self) -> Users | None:
        """Return the users of the chat, if there is one."""
        chat = self.contract.chat
        if chat is None:
            return None
        return Users(self.recorder, chat, self.contract.journey(chat.journey), self.values, self.means)

    def _crowd(self) -> None:
        """Have many users at once: first of all the very first ones, as only they find an empty database."""
        users = self._users()
        if users is None:
            return
        seconds = USE_SECONDS + 2 * users.chat.max_seconds + SECONDS_PER_USER * users.chat.users
        deadline = Deadline.after(seconds, "using the application, by many users")
        with self._part(FIRST_USERS):
            walked = users.first(deadline)
        with self._part(ONE_NAME):
            users.race(deadline)
        with self._part(USERS):
            users.many(walked, deadline)

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        self.recorder.add(ExerciseBegan(at=self.recorder.elapsed(), name=name))
        yield
        self.recorder.wait(lambda: None, Deadline.after(SETTLE_SECONDS, "the log"))
        self.recorder.add(ExerciseEnded(at=self.recorder.elapsed(), name=name))

    def _first_requests(self, deadline: Deadline) -> None:
        traffic = self.contract.traffic
        paths = traffic.requests or self._health()
        if paths:
            with self._part(FIRST_REQUESTS):
                headers = self._headers(deadline)
                if headers is not None:
                    FirstRequests(self.recorder, self.base, paths, traffic.first_requests, headers).make(deadline)

    def _health(self) -> Sequence[str]:
        """Return what is asked where no path is declared: health, unless that is somebody's who is up already."""
        if isinstance(self.contract.launch.app, Url):
            return ()
        return [probe.path for _, probe in plan.probes(self.contract)]

    def _headers(self, deadline: Deadline) -> Mapping[str, str] | None:
        """Return the headers of the first requests, of somebody who has made the journey if they need one.

        None when the journey could not be made: requests of nobody would be turned away, and prove nothing.
        """
        traffic, values = self.contract.traffic, self.values
        if traffic.journey is not None:
            walk = self.walker(FIRST_WALKER).walk(
                traffic.journey, self.contract.journey(traffic.journey).steps, deadline
            )
            if walk is None:
                return None
            values = walk.values
        headers = {name: values.text(text) for name, text in traffic.headers.items()}
        self.recorder.keep_secret(secrets_in(headers))
        return headers

    def _journeys(self, journeys: Sequence[Journey], deadline: Deadline) -> None:
        if journeys:
            with self._part(JOURNEYS):
                for each in journeys:
                    self.walker().walk(each.name, each.steps, deadline)

    def _deliveries(self, deadline: Deadline) -> None:
        engine = Deliveries(self.recorder, self.line, self.values, self.means)
        wanted = [(each, self.contract.journey(each.journey)) for each in self.contract.deliveries]
        if wanted:
            with self._part(DELIVERIES):
                for delivery, journey in wanted:
                    engine.try_(delivery, journey, deadline)
            with self._part("recipients"):
                for delivery, _ in wanted:
                    engine.address_absent(delivery, deadline)
