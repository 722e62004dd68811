"""A user whose connections come and go: loses one in every way that there is, and comes back with what was seen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pytest_startup.boot.outgoing import Upgrade
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket, connect
from pytest_startup.boot.walk import Walk, said
from pytest_startup.chat.frames import at as look
from pytest_startup.chat.frames import document_of, text_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.reconnect import LAST, Reconnect
from pytest_startup.contract.sockets import SocketClient
from pytest_startup.contract.templates import references
from pytest_startup.events.returning import Way

CONNECT_SECONDS = 5.0

PART_SECONDS = 1.0
"""How long the other side may take to end a connection that we have ended."""

NOTICE_SECONDS = 0.2
"""How long an application may take to notice that a connection is lost, or that one is there."""


QUIET_SECONDS = 0.3
"""When nothing has come for so long, all has."""


@dataclass(slots=True)
class Traveller:
    """One user, who has made the journey.

    `taken` is what was captured from frames, `{last}` among it; `repeated` says that the last frame had come before.
    """

    walk: Walk
    client: SocketClient
    reconnect: Reconnect
    recorder: Recorder
    taken: dict[str, JsonValue] = field(default_factory=dict)
    repeated: bool = field(default=False)
    _ids: set[str] = field(default_factory=set)
    _socket: Socket | None = field(default=None)
    _came: bool = field(default=False)

    def connect(self, deadline: Deadline, *, plain: bool = False) -> None:
        """Connect, saying what was seen, unless it is to be `plain`; raises what `Socket.open` raises."""
        self._socket = connect(self.upgrade(plain=plain or not self._came), deadline.within(CONNECT_SECONDS))
        self._came = True

    @property
    def connected(self) -> bool:
        """Whether there is a connection which has not been lost by us."""
        return self._socket is not None

    def upgrade(self, *, plain: bool = False) -> Upgrade:
        """Return how the next connection is opened; raises `ContractError` for a useless template."""
        before, self.walk.values = self.walk.values, self.walk.values.within(**self._known())
        try:
            return self.walk.upgrade(self.client if plain else self._returning())
        finally:
            self.walk.values = before
            self.recorder.keep_secret(self.walk.secrets)

    def say(self, frame: Mapping[str, JsonValue] | str, deadline: Deadline) -> None:
        """Send a frame."""
        self._open.send(frame if isinstance(frame, str) else json.dumps(frame), deadline)

    def take(self, limit: Deadline) -> str:
        """Return the next frame; raises as `Socket.receive`."""
        text = text_of(self._open.receive(limit))
        self._note(text)
        return text

    def frames(self, limit: Deadline) -> Iterator[str]:
        """Yield frames until the deadline, or until nothing can come any more."""
        try:
            while not limit.expired:
                yield self.take(limit)
        except (TimeoutError, ConnectionError):
            return

    def until_quiet(self, limit: Deadline, enough: Callable[[], bool]) -> Iterator[str]:
        """Yield frames until it is enough and nothing has come for a moment; or the deadline, or the end."""
        while not limit.expired:
            try:
                frame = self.take(limit.within(QUIET_SECONDS))
            except TimeoutError:
                if enough():
                    return
            except ConnectionError:
                return
            else:
                yield frame

    def lose(self, way: Way, deadline: Deadline) -> list[str]:
        """Lose the connection, and return what came before it was gone."""
        limit = deadline.within(PART_SECONDS)
        found: list[str] = []
        if way != "reset":
            with suppress(OSError):  # it is gone already; what came before can still be read
                self._open.leave(limit) if way == "closed" else self._open.hang_up()
            found = list(self.frames(limit))
        self._open.reset()  # both sides are done with it by now, or one of them does not say so
        self._socket = None
        return found

    def come_back(self, deadline: Deadline, *, plain: bool = False) -> str:
        """Connect, and return why that could not be; empty when it could."""
        try:
            self.connect(deadline, plain=plain)
        except (OSError, ValueError, EOFError) as error:
            return f"no socket: {silence(error)}"
        return ""

    def leave(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # -- what was seen

    @property
    def _open(self) -> Socket:
        assert self._socket is not None  # noqa: S101 - it is connected, or was not asked
        return self._socket

    def _note(self, text: str) -> None:
        """Keep what the next connection is opened with, and whether a frame of this id has come before."""
        document = document_of(text)
        for name, path in {LAST: self.reconnect.last, **self.reconnect.capture}.items():
            found = _at(document, path)
            if found is not None:
                self.taken[name] = found
        number = _at(document, self.reconnect.last)
        self.repeated = number is not None and said(number) in self._ids
        self._ids |= {said(number)} if number is not None else set()

    def _known(self) -> dict[str, JsonValue]:
        resume = self.reconnect.resume
        start = {} if resume is None or resume.start is None else {LAST: resume.start}
        return {**start, **self.taken}

    def _returning(self) -> SocketClient:
        """Return how to connect with what was seen; as at first when what has to be said is not known yet."""
        resume, named = self.reconnect.resume, {LAST, *self.reconnect.capture}
        if resume is None:
            return self.client
        wanted = {each.owner for text in resume.texts() for each in references(text)} & named
        if not wanted <= set(self._known()):
            return self.client
        return replace(
            self.client,
            path=resume.path or self.client.path,
            headers={**self.client.headers, **resume.headers},
            query={**self.client.query, **resume.query},
            first=resume.first or self.client.first,
        )


def _at(document: JsonValue, path: str) -> JsonValue:
    try:
        return look(document, path)
    except LookupError:
        return None
