"""Users lose their connections and come back: in turns, while away, with state, all at once, too often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from pytest_startup.boot.insisting import Insisting
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.keeping import Confirming, Overflowing
from pytest_startup.boot.line import Line
from pytest_startup.boot.means import Means
from pytest_startup.boot.messages import Messages
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.resuming import Loss, Resuming, seen_before_loss
from pytest_startup.boot.storming import Storm
from pytest_startup.boot.traveller import Traveller
from pytest_startup.boot.walk import Values
from pytest_startup.clock import Deadline
from pytest_startup.contract.mistakes import ContractError
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reconnect import Reconnect
from pytest_startup.contract.sockets import SocketClient
from pytest_startup.events.returning import RETURNING, ReturnFailed, Way

AT_ONCE = 4
"""Users who are under way at the same time: each has a thread."""

PREPARED_AT_ONCE = 6
"""Users of a storm who make the journey at the same time: that is no storm yet."""

SECONDS_PER_USER = 0.5
"""How much longer it may take for each user of a storm, who has to be made ready first."""

DEFAULT = Reconnect()


class NoUser(Exception):
    """Somebody could not make the journey; the text says which."""


@dataclass(slots=True)
class Returning:
    """The exercise of one boot in which connections are lost."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means
    line: Line
    _messages: Messages = field(init=False)

    def __post_init__(self) -> None:
        """Have messages at hand; none is put in yet."""
        self._messages = Messages(self.recorder, self.line)

    def everything(self, deadline: Deadline) -> None:
        """Do all that the contract declares; what is about the start comes first."""
        socket = self.contract.websocket
        reconnect = None if socket is None else socket.reconnect
        if reconnect is not None:
            self._start(reconnect, deadline)
            self._at_once(self._rounds(reconnect, deadline))
        self._at_once(self._apart(reconnect, deadline))
        if reconnect is not None and self._queues(reconnect):
            self._storm(reconnect, deadline)

    def _at_once(self, rounds: Iterable[Callable[[], None]]) -> None:
        """Do all of these, some at a time."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="startup-returning") as pool:
            for done in [pool.submit(each) for each in rounds]:
                done.result()

    # -- one user at a time

    def _start(self, reconnect: Reconnect, deadline: Deadline) -> None:
        """Have the very first user lose the connection at once."""
        if not self._queues(reconnect):
            return
        name, way = "the very first", reconnect.ways[-1]
        with self._trying("start", name, deadline), self._there(name, deadline) as user:
            self._resuming(reconnect).away(Loss(name, user, way, deadline), "start")

    def _rounds(self, reconnect: Reconnect, deadline: Deadline) -> Iterator[Callable[[], None]]:
        """Yield what each of some users does: one for every way in which a connection is lost, and one who goes on."""
        for way in reconnect.ways:
            yield partial(self._in_every_turn, reconnect, way, deadline)
        if reconnect.turn is not None or reconnect.state is not None:
            yield partial(self._with_state, reconnect, deadline)

    def _in_every_turn(self, reconnect: Reconnect, way: Way, deadline: Deadline) -> None:
        """Have a user lose the connection in turns, after more and more events, and then between turns."""
        resuming, name = self._resuming(reconnect), f"whose connection is {way}"
        with (
            self._trying((f"turn {way}", f"away {way}"), name, deadline),
            self._there(name, deadline, chats=True) as user,
        ):
            loss = Loss(name, user, way, deadline)
            for chat, seen in seen_before_loss(self.contract.chat):
                well = False
                with self._trying(f"turn {way}", name, deadline):
                    well = resuming.turn(loss, chat, seen)
                user.leave()
                if not well:
                    break  # what is missing is waited for at length: once is enough
            if self._queues(reconnect):
                resuming.away(loss, "away")

    def _with_state(self, reconnect: Reconnect, deadline: Deadline) -> None:
        name, way = "who goes on", reconnect.ways[-1]
        with self._trying("state", name, deadline), self._there(name, deadline, chats=True) as user:
            self._resuming(reconnect).state(Loss(name, user, way, deadline), self.contract.chat)

    def _resuming(self, reconnect: Reconnect) -> Resuming:
        return Resuming(self.recorder, reconnect, self._messages)

    # -- several

    def _apart(self, reconnect: Reconnect | None, deadline: Deadline) -> Iterator[Callable[[], None]]:
        """Yield what a few users do who have nothing in common with all others."""
        socket = self.contract.websocket
        if socket is not None and socket.buffer is not None and self._messages.possible:
            seconds = (reconnect or DEFAULT).max_seconds
            overflowing = Overflowing(self.recorder, socket.buffer, self._messages, seconds)
            yield partial(self._together, "buffer", overflowing.try_, ("flooded", "spared"), deadline)
        if socket is not None and socket.confirm is not None and self._messages.possible:
            confirming = Confirming(self.recorder, socket.confirm, self._messages)
            yield partial(self._together, "confirm", confirming.try_, ("first", "second"), deadline)
        if reconnect is not None and reconnect.backoff is not None:
            insisting = Insisting(self.recorder, reconnect.backoff)
            yield partial(self._together, "backoff", insisting.without_waiting, ("eager", "another"), deadline)
            yield partial(self._together, "backoff", insisting.waiting, ("patient",), deadline)

    def _together(self, part: str, work: Callable[..., None], names: Sequence[str], deadline: Deadline) -> None:
        """Have some users do something."""
        with self._trying(part, "one of its users", deadline), ExitStack() as stack:
            users = [stack.enter_context(self._there(f"{part}: {name}", deadline)) for name in names]
            work(*users, deadline)

    def _storm(self, reconnect: Reconnect, deadline: Deadline) -> None:
        longer = Deadline.after(deadline.remaining() + SECONDS_PER_USER * reconnect.storm, "a storm of returns")

        def prepare(number: int) -> tuple[int, Traveller] | None:
            with self._trying("storm", f"user {number}", longer):
                return number, self._user(f"storm {number}", longer)
            return None

        with ThreadPoolExecutor(PREPARED_AT_ONCE, thread_name_prefix="startup-returning") as pool:
            users = dict(filter(None, pool.map(prepare, range(1, reconnect.storm + 1))))
        assert reconnect.put is not None  # noqa: S101 - it was looked at before
        with self._trying("storm", "many users", longer):
            Storm(self.recorder, self._messages, reconnect.put, reconnect.max_seconds, users, reconnect.storm).run(
                longer
            )

    # -- who they are

    def _queues(self, reconnect: Reconnect) -> bool:
        return reconnect.put is not None and self._messages.possible

    @contextmanager
    def _trying(self, parts: str | tuple[str, ...], user: str, deadline: Deadline) -> Iterator[None]:
        """Put on record what keeps a part, or several, from being tried, unless that is our own deadline."""
        try:
            yield
        except (OSError, ValueError, EOFError, NoUser, ContractError) as error:
            if deadline.expired:
                return
            problem = str(error) if isinstance(error, NoUser | ContractError) else f"no socket: {silence(error)}"
            at, told = self.recorder.elapsed(), self.recorder.mask(problem)
            for part in (parts,) if isinstance(parts, str) else parts:
                self.recorder.add(ReturnFailed(at=at, part=part, user=user, problem=told))

    @contextmanager
    def _there(self, name: str, deadline: Deadline, *, chats: bool = False) -> Iterator[Traveller]:
        """Yield a user who has made the journey; the connection is gone after the block."""
        user = self._user(name, deadline, chats=chats)
        try:
            yield user
        finally:
            user.leave()

    def _user(self, name: str, deadline: Deadline, *, chats: bool = False) -> Traveller:
        socket, chat = self.contract.websocket, self.contract.chat
        assert socket is not None  # noqa: S101 - it was looked at before
        journey = self.contract.journey(chat.journey if chats and chat is not None else str(socket.journey))
        client = chat.socket if chats and chat is not None else socket.socket
        assert isinstance(client, SocketClient)  # noqa: S101 - the reader has joined them
        walker = Walker(self.recorder, self.values, f"{RETURNING}: {name}", self.means)
        walk = walker.walk(journey.name, journey.steps, deadline)
        if walk is None:
            raise NoUser(f"could not make the journey {journey.name}")
        return Traveller(walk, client, socket.reconnect or DEFAULT, self.recorder)
