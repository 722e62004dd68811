"""The chat as it is used: by one user; by the first users of all, at once; by many who ask at the same moment.

Users are prepared by walking the journey, several at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from pytest_startup.boot.crowd import Crowd
from pytest_startup.boot.descriptors import room_for
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.talking import talk
from pytest_startup.boot.walk import Values, Walk, nonce
from pytest_startup.chat.conversation import Conversation
from pytest_startup.chat.schemas import Judge, judges
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.journeys import NONCE, Journey
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.events.used import (
    CHAT,
    FIRST_USERS,
    ONE_NAME,
    USERS,
    JourneyStepped,
    NameRaced,
    SchemaViolated,
    TurnTaken,
    UsersAsked,
)

AT_ONCE = 20
"""Users who are made ready at the same time, and the first users of all: each has a thread."""

ROUNDS = 3
"""How often a name is raced for."""

RIVALS = 8
"""How many race for it."""

READY_SECONDS = 5.0
"""How long those who begin together wait for one another."""


T = TypeVar("T")


@dataclass(slots=True)
class Users:
    """The users of one boot; `values` and `means` are those of their journeys."""

    recorder: Recorder
    chat: Chat
    journey: Journey
    values: Values
    means: Means = field(default_factory=Means)

    def one(self, deadline: Deadline) -> None:
        """Have one user take a turn."""
        walk = self._walk(CHAT, 1, deadline)
        if walk is not None:
            self._take_turn(CHAT, 1, walk, deadline, judges(self.chat))

    # -- the first ones

    def first(self, deadline: Deadline) -> dict[int, Walk]:
        """Have the first users of all make the journey and ask, all at once; return those who came as far by number."""
        wanted = min(self.chat.users, AT_ONCE)
        began, gate = self.recorder.elapsed(), threading.Barrier(wanted)

        def arrive(number: int) -> Walk | None:
            _wait_for_all(gate)
            walk = self._walk(FIRST_USERS, number, deadline)
            if walk is not None:
                self._take_turn(FIRST_USERS, number, walk, deadline)
            return walk

        arrived = enumerate(_at_once(arrive, wanted, wanted), 1)
        walks = {number: walk for number, walk in arrived if walk is not None}
        self._count(FIRST_USERS, wanted, len(walks), len(walks), began)
        return walks

    def race(self, deadline: Deadline) -> None:
        """Have several make the journey under one name at once, and one more after them; in some rounds."""
        for number in range(1, ROUNDS + 1):
            if deadline.expired:
                return
            Rivals(self, number, nonce(), deadline).race()

    # -- many

    def many(self, walked: Mapping[int, Walk], deadline: Deadline) -> None:
        """Have all users connect, and ask at the same moment.

        Some have made the journey before, and keep their numbers.
        Whose turn was cut short by our own deadline is not on record.
        """
        missing = [number for number in range(1, self.chat.users + 1) if number not in walked]

        def prepare(place: int) -> Walk | None:
            return self._walk(USERS, missing[place - 1], deadline)

        prepared = zip(missing, _at_once(prepare, len(missing), AT_ONCE), strict=True)
        walks = {**walked, **{number: walk for number, walk in prepared if walk is not None}}
        talks = {number: found for number, walk in walks.items() if (found := self._talk(walk)) is not None}
        numbers, sockets = list(talks), 1 if self.chat.question.request is None else 2
        with room_for(len(talks), sockets) as room:
            crowd = Crowd(list(talks.values())[: room.users])
            crowd.run(deadline)
        for walk in walks.values():
            self.recorder.keep_secret(walk.secrets)  # a greeting may have told some
        began = self.recorder.elapsed() - (now() - crowd.began)
        for place, member in crowd.finished:
            self._record(USERS, numbers[place], member.turn, began)
        asked = sum(member.turn.is_asked for _, member in crowd.finished)
        self._count(USERS, self.chat.users, len(walks), asked, began, lack=room.lack)

    # -- one of them

    def _walk(self, exercise: str, number: int, deadline: Deadline) -> Walk | None:
        walker = Walker(self.recorder, self.values, f"{exercise}: user {number}", self.means)
        return walker.walk(self.journey.name, self.journey.steps, deadline)

    def _talk(self, walk: Walk) -> Talk | None:
        """Return the turn of whoever has made the journey."""
        try:
            found = walk.talk(Turn({}, self.chat), self.chat.max_seconds)
        except ContractError:
            return None  # a template which stands for nothing: the reader has told of it
        self.recorder.keep_secret(walk.secrets)
        return found

    def _take_turn(
        self,
        exercise: str,
        number: int,
        walk: Walk,
        deadline: Deadline,
        schemas: Mapping[str, Judge] | None = None,
    ) -> None:
        errand = self._talk(walk)
        if errand is not None:
            began = self.recorder.elapsed()
            turn = talk(errand, deadline, schemas)
            self.recorder.keep_secret(walk.secrets)  # a greeting may have told some
            if turn.began_at is not None:
                began = self.recorder.elapsed() - (now() - turn.began_at)
            if turn.divergence is None or not deadline.expired:
                self._record(exercise, number, turn, began)

    def _record(self, exercise: str, number: int, turn: Conversation, asked: float) -> None:
        for violation in turn.violations:
            self.recorder.add(
                SchemaViolated(
                    at=self.recorder.elapsed(),
                    exercise=exercise,
                    user=number,
                    type=violation.about,
                    path=violation.path,
                    expected=self.recorder.mask(violation.expected),
                    observed=self.recorder.mask(violation.observed),
                )
            )
        wrong = turn.divergence
        self.recorder.add(
            TurnTaken(
                at=self.recorder.elapsed(),
                exercise=exercise,
                user=number,
                asked=asked,
                types=tuple(turn.types),
                times=tuple(turn.times),
                run=turn.run,
                about="" if wrong is None else wrong.about,
                expected="" if wrong is None else self.recorder.mask(wrong.expected),
                observed="" if wrong is None else self.recorder.mask(wrong.observed),
                diverged=0.0 if wrong is None else wrong.at,
                greeting=tuple(turn.greeted),
                questioned=turn.is_asked,
            )
        )

    def _count(  # noqa: PLR0913 - the fields of an event
        self, exercise: str, wanted: int, prepared: int, asked: int, began: float, *, lack: str = ""
    ) -> None:
        self.recorder.add(
            UsersAsked(
                at=self.recorder.elapsed(),
                exercise=exercise,
                wanted=wanted,
                prepared=prepared,
                asked=asked,
                began=began,
                lack=lack,
            )
        )


@dataclass(slots=True)
class Rivals:
    """One round of a race for a name: all walks have the same nonce."""

    users: Users
    number: int
    name: str
    deadline: Deadline

    def race(self) -> None:
        """Race, and record what each step was answered."""
        gate = threading.Barrier(RIVALS)

        def run(number: int) -> str:
            _wait_for_all(gate)
            return self._walk(number)

        walkers = _at_once(run, RIVALS, RIVALS)
        late = self._walk(RIVALS + 1)
        for step, action in enumerate(self.users.journey.steps, 1):
            made = [event for walker in walkers for event in self._stepped(walker, step)]
            last = self._stepped(late, step)
            if made and not self.deadline.expired:
                self.users.recorder.add(
                    NameRaced(
                        at=self.users.recorder.elapsed(),
                        round=self.number,
                        step=step,
                        request=str(action.action),
                        answers=tuple(event.answer for event in made),
                        accepted=sum(not event.problem for event in made),
                        late=last[0].answer if last else "",
                        welcome=bool(last) and not last[0].problem,
                    )
                )

    def _walk(self, number: int) -> str:
        """Make the journey, and return the name of whoever made it."""
        users, who = self.users, f"{ONE_NAME}: round {self.number}, user {number}"
        walker = Walker(users.recorder, users.values.within(**{NONCE: self.name}), who, users.means)
        walker.walk(users.journey.name, users.journey.steps, self.deadline)
        return who

    def _stepped(self, walker: str, step: int) -> list[JourneyStepped]:
        return self.users.recorder.trace().all(JourneyStepped, walker=walker, step=step)


def _at_once(work: Callable[[int], T], count: int, width: int) -> list[T]:
    """Do the same for the numbers from 1, `width` at a time, and return the results in their order."""
    if not count:
        return []
    with ThreadPoolExecutor(min(width, count), thread_name_prefix="startup-users") as pool:
        return list(pool.map(work, range(1, count + 1)))


def _wait_for_all(gate: threading.Barrier) -> None:
    try:
        gate.wait(READY_SECONDS)
    except threading.BrokenBarrierError:
        return  # one of them came late: the others begin without it
