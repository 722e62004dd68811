"""Deliveries: two users connect, an event is put in for one of them inside the process, and both sockets are watched.

And recipients who are not there: what the log says of an event for each of them.
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.line import Line
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Closed, Socket
from pytest_startup.boot.walk import SECRET_HEADERS, Values, Walk, nonce
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.deliveries import RECIPIENT, Delivery
from pytest_startup.contract.journeys import NONCE, Journey
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.trace import AbsentAddressed, DeliveryTried, LogLine

CONNECT_SECONDS = 5.0
PUT_SECONDS = 5.0
SETTLE_SECONDS = 0.2
"""How long an application may take to know a user whose socket it has accepted; greetings are read meanwhile."""

STRAY_SECONDS = 0.3
"""How long the other socket is watched once the event has arrived; a second copy has that time, too."""

LAST_SECONDS = 0.02
"""How long it takes to read what has come meanwhile."""

LOG_SECONDS = 0.1
"""How long a line may take from the application to us."""

USERS = ("the first", "the second")


class NotTried(Exception):
    """A delivery could not be tried; the text says why."""


@dataclass(slots=True)
class Arrivals:
    """The frames with one nonce at one socket: how many, and how many seconds after `began` the first one came."""

    word: str
    began: float = field(default_factory=now)
    count: int = 0
    seconds: float = 0.0

    def watch(self, user: User, limit: Deadline, *, once: bool = False) -> None:
        """Count until the deadline, or until there is one."""
        try:
            while not (once and self.count):
                frame = user.socket.receive(limit)
                if self.word in (frame if isinstance(frame, str) else frame.decode(errors="replace")):
                    self.count += 1
                    self.seconds = self.seconds or now() - self.began
        except (TimeoutError, Closed):
            pass


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
    _tickets: int = field(default=0)
    _walked: dict[str, Values] = field(default_factory=dict)

    def try_(self, delivery: Delivery, journey: Journey, deadline: Deadline) -> None:
        """Have an event delivered to each of two users, one after the other."""
        try:
            with self._users(delivery, journey, deadline) as users:
                for user in users:
                    Arrivals("").watch(user, _soon(SETTLE_SECONDS, deadline))
                for user, other in (users, users[::-1]):
                    self._one(delivery, user, other, deadline)
        except NotTried as error:
            self.recorder.add(
                DeliveryTried(
                    at=self.recorder.elapsed(),
                    delivery=delivery.name,
                    user="",
                    arrived=0,
                    strayed=0,
                    seconds=0.0,
                    problem=self.recorder.mask(str(error)),
                )
            )

    @contextmanager
    def _users(self, delivery: Delivery, journey: Journey, deadline: Deadline) -> Iterator[tuple[User, User]]:
        with ExitStack() as stack:
            first, second = (self._user(name, delivery, journey, stack, deadline) for name in USERS)
            yield first, second

    def _user(self, name: str, delivery: Delivery, journey: Journey, stack: ExitStack, deadline: Deadline) -> User:
        walker = Walker(self.recorder, self.values, f"{name} user of {delivery.name}")
        walk = walker.walk(journey.name, journey.steps, deadline)
        if walk is None:
            raise NotTried(f"{name} of its two users could not make the journey {journey.name}")
        self._walked[delivery.name] = walk.values
        try:
            opened = stack.enter_context(self._connect(delivery, walk, deadline))
        except ContractError as error:
            raise NotTried(str(error)) from error
        except (OSError, ValueError, EOFError) as error:
            raise NotTried(f"the socket of {name} user: {_short(error)}") from error
        return User(name, walk.values, opened)

    def _connect(self, delivery: Delivery, walk: Walk, deadline: Deadline) -> Socket:
        """Connect as a user of the application does, and send what comes first."""
        client, values = delivery.socket, walk.values
        limit = _soon(CONNECT_SECONDS, deadline)
        url = values.url(client.path)
        if client.query:
            query = urlencode({name: values.text(text) for name, text in client.query.items()})
            url += ("&" if "?" in url else "?") + query
        headers = walk.cookies(url) | {name: values.text(text) for name, text in client.headers.items()}
        self.recorder.keep_secret(text for name, text in headers.items() if name.lower() in SECRET_HEADERS)
        opened = Socket.open(url, limit, headers, [values.text(each) for each in client.subprotocols])
        for frame in client.first:
            opened.send(json.dumps(values.filled(frame)), limit)
        return opened

    def _one(self, delivery: Delivery, user: User, other: User, deadline: Deadline) -> None:
        """Put in an event for one user, and watch both sockets."""
        here = Arrivals(nonce())
        whom = user.values.filled(delivery.recipient) if delivery.recipient else ""
        raised = self._put(delivery, user.values, here.word, whom, deadline)
        here.watch(user, _soon(delivery.max_seconds, deadline), once=True)
        there = Arrivals(here.word)
        there.watch(other, _soon(STRAY_SECONDS, deadline))
        here.watch(user, _soon(LAST_SECONDS, deadline))
        event = DeliveryTried(
            at=self.recorder.elapsed(),
            delivery=delivery.name,
            user=user.name,
            arrived=here.count,
            strayed=there.count,
            seconds=here.seconds,
            problem=raised and f"putting it in raised {raised}",
        )
        self.recorder.add(event)

    # -- recipients who are not there

    def address_absent(self, delivery: Delivery, deadline: Deadline) -> None:
        """Put in events for recipients of every synthetic pattern, and for one who looks like those who were."""
        values = self._walked.get(delivery.name)
        if delivery.undeliverable is None or values is None:
            return
        for pattern in delivery.synthetic:
            self._address(delivery, values, pattern, pattern.replace("*", nonce()), deadline)
        real = stranger(values.filled(delivery.recipient))
        self._address(delivery, values, "", real, deadline)

    def _address(self, delivery: Delivery, values: Values, pattern: str, recipient: Any, deadline: Deadline) -> None:  # noqa: ANN401 (JSON)
        """Put in one event, and wait for the line that a real recipient's absence must give."""
        began = self.recorder.elapsed()
        raised = self._put(delivery, values, nonce(), recipient, deadline)
        seconds = LOG_SECONDS if pattern or raised else delivery.max_seconds
        said = re.compile(delivery.undeliverable or "")
        self.recorder.wait(self._line_since(began, said), Deadline.after(seconds, "a line of the log"))
        self.recorder.add(
            AbsentAddressed(
                at=self.recorder.elapsed(),
                delivery=delivery.name,
                pattern=pattern,
                recipient=str(recipient),
                raised=raised,
                began=began,
            )
        )

    def _line_since(self, began: float, said: re.Pattern[str]) -> Callable[[], bool | None]:
        def found() -> bool | None:
            lines = self.recorder.trace().all(LogLine)
            return any(line.at >= began and said.search(line.text) for line in lines) or None

        return found

    def _put(self, delivery: Delivery, values: Values, word: str, recipient: Any, deadline: Deadline) -> str:  # noqa: ANN401 (JSON)
        """Have the agent put an event in, and return what that raised."""
        self._tickets += 1
        place = filled(delivery.put.as_json(), values.within(**{NONCE: word, RECIPIENT: recipient}))
        limit = _soon(PUT_SECONDS, deadline)
        reply = self.line.ask(limit, "Put", "put", ticket=self._tickets, place=place)
        return self.recorder.mask(reply["raised"]) if reply else "nothing: it has not returned"


def _soon(seconds: float, deadline: Deadline) -> Deadline:
    """Return the earlier of two deadlines."""
    return Deadline.after(min(seconds, deadline.remaining()), deadline.what)


def filled(place: dict[str, Any], values: Values) -> dict[str, Any]:
    """Return a place, as the agent reads it, with the templates in the arguments of its calls replaced."""
    steps = [[kind, *values.filled(what)] if kind == "call" else [kind, *what] for kind, *what in place["steps"]]
    return {**place, "steps": steps}


def stranger(known: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return somebody who does not exist, and looks like somebody who does: the same kind, length and characters."""
    if isinstance(known, int):
        return known + secrets.randbelow(10**6) + 10**6
    letters = string.hexdigits[:16] if set(str(known).lower()) <= {*string.hexdigits, "-"} else string.ascii_lowercase
    return "".join(_another(each, letters) for each in str(known))


def _another(letter: str, letters: str) -> str:
    if letter.isdigit():
        return secrets.choice(string.digits)
    return secrets.choice([each for each in letters if each.isalpha()]) if letter.isalpha() else letter


def _short(error: Exception) -> str:
    return silence(error) if not isinstance(error, ConnectionError) or not str(error) else str(error)
