"""Users of an application for somebody's own tests: they make the journey, connect, ask, say, receive, and leave.

with Serving(contract, keeper) as app, Visits(app) as chat:
    ann = chat.user()
    ann.ask("When does it come?").assert_complete()

Whatever waits has a deadline. What goes wrong is an `AssertionError` which shows what came and the last lines of the
application's log; the application goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import count
from types import TracebackType
from typing import Any, Self, TypeVar

from pytest_startup.boot.expected import same
from pytest_startup.boot.requests import silence
from pytest_startup.boot.serving import Serving
from pytest_startup.boot.sockets import Socket, connect
from pytest_startup.boot.taken import Taken
from pytest_startup.boot.talking import CONNECT_SECONDS, converse, greet
from pytest_startup.boot.walk import Walk
from pytest_startup.chat.followed import Followed, came, is_ignored
from pytest_startup.chat.questions import differing
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.model import Contract
from pytest_startup.contract.places import JsonValue
from pytest_startup.errors import BootError
from pytest_startup.events.used import JourneyStepped
from pytest_startup.report.script import Came
from pytest_startup.report.words import shortened

AT_ONCE = 20
"""Users who come, or ask, at the same time."""

RECEIVE_SECONDS = 5.0
"""How long a frame is waited for, unless it is said."""

MARGIN_SECONDS = 1.0
"""How much longer we wait than the contract allows, so that it is the contract which is broken."""

MISSED_SECONDS = 0.1
"""The most that it takes to read what came before a question."""

LONGEST = 160
"""Characters of a frame that are shown."""

T = TypeVar("T")
R = TypeVar("R")


def chat_of(contract: Contract) -> Chat:
    """Return the chat; raises `BootError` which says what to write where the contract has none."""
    if contract.chat is None:
        where = contract.source.name if contract.source is not None else "the contract"
        fix = "write [chat] with journey, socket, ask and events: docs/contract.md shows each of them"
        raise BootError("chat", f"{where} declares no chat, so nobody knows how a user connects and asks", fix)
    return contract.chat


class Visits:
    """The users of one test; all of them leave at the end of the block. `name` tells them from those of others."""

    def __init__(self, app: Serving, name: str = "visits") -> None:
        """Take an application that is up; raises `BootError` when its contract has no chat, or it has ended."""
        self.app, self.chat, self.name = app, chat_of(app.contract), name
        if app.ended:
            fix = "look at the test before, or at its log"
            raise BootError("startup_chat", f"{app.ended}, before this test\n{app.account()}\n", fix)
        self._numbers = count(1)
        self._visitors: list[Visitor] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Have all users leave."""
        for each in self._visitors:
            each.close()

    def user(self) -> Visitor:
        """Have somebody make the journey of the chat, and connect."""
        __tracebackhide__ = True
        return self._arrive(next(self._numbers))

    def users(self, number: int) -> list[Visitor]:
        """Have several come at the same time."""
        __tracebackhide__ = True
        numbers = [next(self._numbers) for _ in range(number)]
        return _at_once(self._arrive, numbers)

    def ask_at_once(self, visitors: Iterable[Visitor], text: str | None = None, /, **keys: Any) -> list[Taken]:  # noqa: ANN401 (JSON)
        """Have several ask at the same time, and return their turns in the order of the users."""
        __tracebackhide__ = True
        return _at_once(lambda each: each.ask(text, **keys), list(visitors))

    def _arrive(self, number: int) -> Visitor:
        __tracebackhide__ = True
        visitor = Visitor(self.app, self.chat, f"{self.name}: user {number}")
        visitor.reconnect()
        self._visitors.append(visitor)
        return visitor


class Visitor:
    """A user with a socket of their own. It belongs to one thread at a time."""

    def __init__(self, app: Serving, chat: Chat, name: str) -> None:
        """Make the journey; raises `AssertionError` when a step of it fails."""
        __tracebackhide__ = True
        self.app, self.chat, self.name = app, chat, name
        self._walk = self._journey()
        self._socket: Socket | None = None
        self._greeted: Mapping[str, JsonValue] = {}
        self._began = now()

    @property
    def values(self) -> Mapping[str, JsonValue]:
        """What the journey has captured, and the greeting of the socket, by name."""
        return {**self._walk.values.captured, **self._greeted}

    def ask(self, text: str | None = None, /, *, within: float | None = None, **keys: JsonValue) -> Taken:
        """Ask, and wait for the end of the turn, at most as long as the contract allows or `within` seconds.

        Unless `text` says something else it is the question of the contract; `keys` of its frame may differ. `{nonce}`
        in them is the text by which the answer is told; `text` has it at its end unless it says where.
        What came before and was not received is no part of the turn.
        """
        __tracebackhide__ = True
        opened = self._connected()
        self._skip(opened)
        seconds = self.chat.max_seconds + MARGIN_SECONDS if within is None else within
        other = differing(self.chat.question.body, text, keys)
        talk = self._walk.talk(Turn(other, self.chat), seconds)
        question = talk.question(self._greeted)
        self.app.recorder.keep_secret(self._walk.secrets)
        turn = Followed(talk.chat, talk.nonce, talk.earlier)
        turn.goes_on(self._greeted)
        self._began = now()
        converse(turn, replace(talk, question=lambda _: question), opened, Deadline.after(seconds, "the turn"))
        return Taken(question.said, turn, self._failed)

    def say(self, frame: JsonValue, *, within: float = RECEIVE_SECONDS) -> None:
        """Send a frame: a text as it is, anything else as JSON."""
        __tracebackhide__ = True
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self._began = now()
        try:
            self._connected().send(text, Deadline.after(within, "sending"))
        except OSError as error:
            raise self._failed(f"{shortened(text, LONGEST)} could not be sent: {silence(error)}") from None

    def receive(self, having: JsonValue = None, *, within: float = RECEIVE_SECONDS) -> Any:  # noqa: ANN401 (JSON)
        """Return the next frame, or the next which has at least what `having` says; what comes before it is skipped.

        It is returned as JSON, and one that is none as its text. It fails when nothing such comes `within` so many
        seconds.
        """
        __tracebackhide__ = True
        limit, seen = Deadline.after(within, "a frame"), list[Came]()
        while True:
            try:
                found = self._next(limit)
            except OSError as error:
                how = "came" if isinstance(error, TimeoutError) else f"came: the socket was {silence(error)}"
                raise self._lacking(having, seen, f"{how} within {within:g} s") from None
            said = found.text if found.frame is None else found.frame
            if having is None or same(having, said):
                return said
            seen.append(found)

    def quiet(self, seconds: float) -> None:
        """Fail when anything comes within so many seconds; types which the contract ignores do not count."""
        __tracebackhide__ = True
        limit = Deadline.after(seconds, "silence")
        with suppress(TimeoutError):
            while True:
                try:
                    found = self._next(limit)
                except ConnectionError as error:
                    raise self._failed(f"the socket was to be quiet, and was {silence(error)}") from None
                if not is_ignored(self.chat, found.type):
                    raise self._failed(f"nothing was to come within {seconds:g} s", "\n".join(_listed([found])))

    def reconnect(self) -> None:
        """Connect again as the same user; the socket that was open is closed before.

        Where the server speaks first, its greeting is awaited, and is no frame that could be received afterwards.
        """
        __tracebackhide__ = True
        self.close()
        upgrade = self._walk.upgrade(self.chat.socket)
        self.app.recorder.keep_secret(self._walk.secrets)
        try:
            self._socket = connect(upgrade, Deadline.after(CONNECT_SECONDS, "connecting"))
        except (OSError, ValueError, EOFError) as error:
            raise self._failed(f"no socket for {self.name}: {silence(error)}") from None
        self._began = now()
        greeting = Followed(self.chat, "", self._walk.asked)
        if not greet(greeting, self._socket, Deadline.after(self.chat.max_seconds, "the greeting")):
            raise self._failed(f"{self.name} was greeted otherwise: {greeting.divergence}")
        self._greeted = dict(greeting.captured)

    def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _journey(self) -> Walk:
        __tracebackhide__ = True
        journey = self.app.contract.journey(self.chat.journey)
        deadline = Deadline.after(sum(step.max_seconds for step in journey.steps) + MARGIN_SECONDS, journey.name)
        walk = self.app.walker(self.name).walk(journey.name, journey.steps, deadline)
        if walk is not None:
            return walk
        step = self.app.trace.last(JourneyStepped, walker=self.name)
        if step is None or not step.problem:
            raise self._failed(
                f"{self.name} could not make the journey {journey.name}: there was no time for it, or no means"
            )
        where = f"step {step.step} of {step.steps}: {step.request}"
        raise self._failed(f"{self.name} failed in the journey {journey.name}, {where}: {step.problem}")

    def _connected(self) -> Socket:
        __tracebackhide__ = True
        if self._socket is None:
            raise self._failed(f"{self.name} has left; reconnect() comes back")
        return self._socket

    def _skip(self, opened: Socket) -> None:
        """Drop what has come by now; whether the socket is closed is told by whoever uses it next."""
        limit = Deadline.after(MISSED_SECONDS, "what was missed")
        with suppress(OSError):
            while not limit.expired:
                opened.receive(Deadline.after(0.001, limit.what))

    def _next(self, limit: Deadline) -> Came:
        __tracebackhide__ = True
        return came(self.chat, self._connected().receive(limit), now() - self._began)

    def _lacking(self, having: JsonValue, seen: list[Came], how: str) -> AssertionError:
        wanted = "nothing" if having is None else f"nothing with {json.dumps(having)}"
        return self._failed(f"{wanted} {how}", "\n".join(_listed(seen)))

    def _failed(self, what: str, shown: str = "") -> AssertionError:
        """Return a failure with all that is known; secrets in it are masked."""
        text = "\n\n".join(filter(None, [what, shown, self.app.account()]))
        return AssertionError(self.app.recorder.mask(text))


def _at_once(work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Do the same with each at the same time; a failure is told as if there were no threads."""
    __tracebackhide__ = True
    with ThreadPoolExecutor(min(max(1, len(items)), AT_ONCE), thread_name_prefix="startup-visits") as pool:
        try:
            return list(pool.map(work, items))
        except AssertionError as error:
            raise error.with_traceback(None) from None


def _listed(seen: Iterable[Came]) -> Iterable[str]:
    """Yield a line for each frame that came instead."""
    for each in seen:
        yield f"    {each.at:7.2f} s  {shortened(each.text, LONGEST)}"
