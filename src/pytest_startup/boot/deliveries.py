"""Deliveries: two users connect, an event is put in for one of them inside the process, and both sockets are watched.

And recipients who are not there: what the log says of an event for each of them.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.line import Line
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Closed, Socket, connect
from pytest_startup.boot.walk import Values, Walk, filled, nonce
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.deliveries import RECIPIENT, Delivery
from pytest_startup.contract.journeys import NONCE, Journey
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.events.process import LogLine
from pytest_startup.events.used import PUT_SECONDS, AbsentAddressed, DeliveryTried

CONNECT_SECONDS = 5.0
REPLY_SECONDS = 1.0
"""How much longer we wait for the word that a call has not returned."""

SETTLE_SECONDS = 0.2
"""How long an application may take to know a user whose socket it has accepted; greetings are read meanwhile."""

STRAY_SECONDS = 0.3
"""How long the other socket is watched once the event has arrived; a second copy has that time, too."""

LAST_SECONDS = 0.02
"""How long it takes to read what has come meanwhile."""

LOG_SECONDS = 0.1
"""How long a line may take from the application to us, at least."""

SHORTEST = 6
"""Characters of the recipient who does not exist, at least: a shorter one may exist after all."""

USERS = ("the first", "the second")


class NotTried(Exception):
    """A delivery could not be tried; the text says why."""


@dataclass(slots=True)
class Arrivals:
    """The frames with one nonce at one socket: how many, and how many seconds after `began` the first one came.

    `closed` says that the socket is, and by which code.
    """

    word: str
    began: float = field(default_factory=now)
    count: int = 0
    seconds: float = 0.0
    closed: str = ""

    def watch(self, user: User, limit: Deadline, *, once: bool = False) -> None:
        """Count until the deadline, or until there is one."""
        try:
            while not (once and self.count):
                frame = user.socket.receive(limit)
                if self.word in (frame if isinstance(frame, str) else frame.decode(errors="replace")):
                    self.count += 1
                    self.seconds = self.seconds or now() - self.began
        except TimeoutError:
            pass
        except Closed as error:
            self.closed = f"its socket was {error}"


class Reply(NamedTuple):
    """What the call that puts an event in raised, if anything, and whether it returned in time."""

    raised: str
    returned: bool


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who has made the journey and is connected."""

    name: str
    values: Values
    socket: Socket


@dataclass(slots=True)
class Deliveries:
    """Tries the deliveries of one boot, with the agent at the other end of `line` to put the events in."""

    recorder: Recorder
    line: Line
    values: Values
    means: Means = field(default_factory=Means)
    _walked: dict[str, list[Values]] = field(default_factory=dict)

    def try_(self, delivery: Delivery, journey: Journey, deadline: Deadline) -> None:
        """Have an event delivered to each of two users, one after the other; no word of what there is no time for."""
        try:
            with self._users(delivery, journey, deadline) as users:
                for user in users:
                    Arrivals("").watch(user, deadline.within(SETTLE_SECONDS))
                for user, other in (users, users[::-1]):
                    self._one(delivery, user, other, deadline)
        except (NotTried, ContractError) as error:
            self._record(delivery, "", Arrivals(""), Arrivals(""), str(error), deadline=deadline)

    def _record(  # noqa: PLR0913 - the fields of an event
        self,
        delivery: Delivery,
        user: str,
        here: Arrivals,
        there: Arrivals,
        problem: str,
        *,
        returned: bool = True,
        deadline: Deadline,
    ) -> None:
        """Record what became of an event, unless there was no time to see it."""
        if deadline.expired:
            return
        self.recorder.add(
            DeliveryTried(
                at=self.recorder.elapsed(),
                delivery=delivery.name,
                user=user,
                arrived=here.count,
                strayed=there.count,
                seconds=here.seconds,
                problem=self.recorder.mask(problem),
                returned=returned,
            )
        )

    @contextmanager
    def _users(self, delivery: Delivery, journey: Journey, deadline: Deadline) -> Iterator[tuple[User, User]]:
        with ExitStack() as stack:
            first, second = (self._user(name, delivery, journey, stack, deadline) for name in USERS)
            yield first, second

    def _user(self, name: str, delivery: Delivery, journey: Journey, stack: ExitStack, deadline: Deadline) -> User:
        walker = Walker(self.recorder, self.values, f"{name} user of {delivery.name}", self.means)
        walk = walker.walk(journey.name, journey.steps, deadline)
        if walk is None:
            raise NotTried(f"{name} of its two users could not make the journey {journey.name}")
        self._walked.setdefault(delivery.name, []).append(walk.values)
        try:
            opened = self._connect(delivery, walk, stack, deadline)
        except (OSError, ValueError, EOFError) as error:
            raise NotTried(f"the socket of {name} user: {silence(error)}") from error
        return User(name, walk.values, opened)

    def _connect(self, delivery: Delivery, walk: Walk, stack: ExitStack, deadline: Deadline) -> Socket:
        """Connect as a user of the application does, and send what comes first."""
        upgrade = walk.upgrade(delivery.socket)
        self.recorder.keep_secret(walk.secrets)
        return stack.enter_context(connect(upgrade, deadline.within(CONNECT_SECONDS)))

    def _one(self, delivery: Delivery, user: User, other: User, deadline: Deadline) -> None:
        """Put in an event for one user, and watch both sockets."""
        word = nonce()
        ticket = self._tell(delivery, user.values, word, _recipient(delivery, user.values))
        here, there = Arrivals(word), Arrivals(word)
        here.watch(user, deadline.within(delivery.max_seconds), once=True)
        there.watch(other, deadline.within(STRAY_SECONDS))
        here.watch(user, deadline.within(LAST_SECONDS))
        reply = self._reply(ticket, deadline)
        here.watch(user, deadline.within(LAST_SECONDS))  # what was sent at the end of a call that takes long
        problem = f"putting it in raised {reply.raised}" if reply.raised else here.closed
        self._record(delivery, user.name, here, there, problem, returned=reply.returned, deadline=deadline)

    # -- recipients who are not there

    def address_absent(self, delivery: Delivery, deadline: Deadline) -> None:
        """Put in events for one who looks like those who were there, and for recipients of every synthetic pattern.

        How long the line about the first one takes is how long one about the others would take.
        """
        walked = self._walked.get(delivery.name)
        if delivery.undeliverable is None or not walked:
            return
        try:
            real = stranger(*(_recipient(delivery, values) for values in reversed(walked)))
            took = self._address(delivery, "", real, delivery.max_seconds, deadline)
            for pattern in delivery.synthetic:
                absent = pattern.replace("*", nonce())
                self._address(delivery, pattern, absent, max(LOG_SECONDS, 2 * took), deadline)
        except ContractError:
            return  # as it was when users were addressed, and is on record

    def _address(self, delivery: Delivery, pattern: str, recipient: Any, seconds: float, deadline: Deadline) -> float:  # noqa: ANN401 (JSON)
        """Put in one event, wait for the line that a real recipient's absence must give; return how long it took."""
        if deadline.expired:
            return 0.0
        began = self.recorder.elapsed()
        reply = self._reply(self._tell(delivery, self._walked[delivery.name][-1], nonce(), recipient), deadline)
        told = not pattern and (reply.raised or not reply.returned)
        took = self._line(re.compile(delivery.undeliverable or ""), began, LOG_SECONDS if told else seconds, deadline)
        if not deadline.expired:
            self.recorder.add(
                AbsentAddressed(
                    at=self.recorder.elapsed(),
                    delivery=delivery.name,
                    pattern=pattern,
                    recipient=str(recipient),
                    raised=reply.raised,
                    began=began,
                    returned=reply.returned,
                )
            )
        return took

    def _line(self, said: re.Pattern[str], began: float, seconds: float, deadline: Deadline) -> float:
        """Wait for a line of the log, and return how many seconds after `began` it came; 0 when it did not."""

        def found() -> float | None:
            lines = self.recorder.trace().all(LogLine)
            return next((line.at - began for line in lines if line.at >= began and said.search(line.text)), None)

        return self.recorder.wait(found, deadline.within(seconds)) or 0.0

    # -- the agent puts them in

    def _tell(self, delivery: Delivery, values: Values, word: str, recipient: Any) -> int:  # noqa: ANN401 (JSON)
        """Have the agent put an event in, and return the ticket of its reply."""
        place = filled(delivery.put.as_json(), values.within(**{NONCE: word, RECIPIENT: recipient}))
        return self.line.order("put", place=place, limit=PUT_SECONDS)

    def _reply(self, ticket: int, deadline: Deadline) -> Reply:
        """Wait for the end of the call; the agent does not wait longer than it may take, and says so."""
        limit = deadline.within(PUT_SECONDS + REPLY_SECONDS)
        reply = self.recorder.reply(limit, kind="Put", ticket=ticket)
        return (
            Reply("", returned=False)
            if reply is None
            else Reply(self.recorder.mask(reply["raised"]), reply["returned"])
        )


def _recipient(delivery: Delivery, values: Values) -> Any:  # noqa: ANN401 (JSON)
    """Return who a user is to whoever sends."""
    return values.filled(delivery.recipient) if delivery.recipient else ""


def stranger(known: Any, *others: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return somebody who does not exist, and looks like `known`: the same kind, length and characters.

    A text that is very short becomes longer. It is none of the `others` either.
    """
    taken = {str(each) for each in (known, *others)}
    found = _like(known)
    while {str(found), str(found).lstrip("0")} & taken:
        found = _like(known)
    return found


def _like(known: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(known, int):
        return known + secrets.randbelow(10**6) + 10**6
    text = str(known)
    text += "0" * (SHORTEST - len(text) if any(map(str.isalnum, text)) else SHORTEST)
    letters = string.hexdigits[:16] if set(text.lower()) <= {*string.hexdigits, "-"} else string.ascii_lowercase
    return "".join(_another(each, letters) for each in text)


def _another(letter: str, letters: str) -> str:
    if letter.isdigit():
        return secrets.choice(string.digits)
    return secrets.choice([each for each in letters if each.isalpha()]) if letter.isalpha() else letter
