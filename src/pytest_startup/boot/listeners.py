"""Many WebSockets in one event loop: what comes to each of them, and when; some of them do not answer, or not read.

company = Company(deadline)
await company.join([Listener(upgrade) for upgrade in upgrades])
await company.until(lambda: all(each.heard for each in company.listeners), 2.0)
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from pytest_startup.boot.dialogue import Closed, Denied
from pytest_startup.boot.outgoing import Upgrade
from pytest_startup.boot.packets import dialogue_of
from pytest_startup.boot.requests import silence
from pytest_startup.chat.frames import text_of
from pytest_startup.clock import Deadline, now

TICK_SECONDS = 0.02
"""How often it is looked at who has waited for too long."""

LEAVE_SECONDS = 0.2
SMALL_BUFFER = 4096
"""Bytes which the socket takes that nobody reads; the system may double them."""


class Heard(NamedTuple):
    """A message, and when it came."""

    at: float
    text: str


class Listener(asyncio.Protocol):
    """One socket of a user. `answers` says what is sent back to a message, if anything.

    One which is `mute` never sends anything once it is open, no answers to pings either. Unless it `keeps` them,
    messages are told to `answers` alone. `how` says how it ended: `closed CODE` (1006: without a close frame),
    `denied STATUS`, or as `silence`; empty while it is open.
    """

    def __init__(
        self,
        upgrade: Upgrade,
        answers: Callable[[str], str | None] = lambda _: None,
        *,
        mute: bool = False,
        keeps: bool = True,
    ) -> None:
        """Prepare to connect."""
        self.heard: list[Heard] = []
        self.pings: list[float] = []
        self.opened = self.ended = 0.0
        self.how = ""
        self.changed: Callable[[], None] = lambda: None
        self._upgrade, self._answers, self._mute, self._keeps = upgrade, answers, mute, keeps
        self._dialogue = dialogue_of(upgrade)
        self._transport: asyncio.Transport | None = None

    @property
    def settled(self) -> bool:
        """Whether the handshake has been answered, in whatever way."""
        return bool(self.opened or self.how)

    @property
    def open(self) -> bool:
        """Whether it has been accepted and has not ended."""
        return bool(self.opened) and not self.how

    async def connect(self) -> None:
        """Connect; the handshake is still to come."""
        loop, dialogue = asyncio.get_running_loop(), self._dialogue
        secure = ssl.create_default_context() if dialogue.secure else None
        try:
            await loop.create_connection(lambda: self, dialogue.host, dialogue.port, ssl=secure)
        except OSError as error:
            self.end(silence(error))

    def say(self, text: str) -> None:
        """Send a message; nothing happens when the socket has ended, which is told by then."""
        with suppress(Closed):
            self._dialogue.say(text)
        self._flush()

    def stall(self) -> None:
        """Read no more, and let the system take as little as it can."""
        if self._transport is not None and not self._transport.is_closing():
            inner: socket.socket | None = self._transport.get_extra_info("socket")
            if inner is not None:
                inner.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            self._transport.pause_reading()

    def leave(self) -> None:
        """Say goodbye, or go without a word where nothing may be said."""
        if self._transport is not None and not self._transport.is_closing():
            self._dialogue.leave()
            self._flush()
            self._transport.close()

    def abort(self) -> None:
        """Be gone at once."""
        if self._transport is not None:
            self._transport.abort()

    def end(self, how: str) -> None:
        """Note that nothing more can come."""
        if not self.how:
            self.how, self.ended = how, now()
            self.changed()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Note what comes, and answer it."""
        at, known = now(), self._dialogue.pings
        try:
            messages = self._dialogue.hear(data)
        except Denied as error:
            self.end(silence(error))
            return
        if not self.opened and self._dialogue.accepted:
            self._begin(at)
        self.pings += [at] * (self._dialogue.pings - known)
        for message in messages:
            self._take(Heard(at, text_of(message)))
        self._flush()
        if self._dialogue.ended:
            self.end(silence(self._dialogue.closed()))
        self.changed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more can come."""
        if not self.opened:
            self.end("reset" if exc is None else silence(exc))
            return
        with suppress(ConnectionError):
            self._dialogue.hear(b"")
        self.end(silence(self._dialogue.closed()))

    # --

    def _begin(self, at: float) -> None:
        for frame in self._upgrade.first:
            self._dialogue.say(frame)
        self._flush()
        self.opened = at

    def _take(self, message: Heard) -> None:
        if self._keeps:
            self.heard.append(message)
        answer = self._answers(message.text)
        if answer is not None:
            with suppress(Closed):
                self._dialogue.say(answer)

    def _flush(self) -> None:
        parts = self._dialogue.outgoing()
        silent = self._mute and self.opened
        if parts and not silent and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(parts))


class Company:
    """Listeners of one event loop, and waiting for what comes to them; never beyond `deadline`."""

    def __init__(self, deadline: Deadline) -> None:
        """Begin with nobody; within the loop."""
        self.listeners: list[Listener] = []
        self.deadline = deadline
        self._any_change = asyncio.Event()

    async def join(self, listeners: Sequence[Listener], seconds: float) -> None:
        """Have these connect, all at once; who has had no answer after `seconds` is told `timeout`."""
        self.listeners += listeners
        for listener in listeners:
            listener.changed = self._any_change.set
        connecting = [asyncio.ensure_future(each.connect()) for each in listeners]
        await self.until(lambda: all(each.settled for each in listeners), seconds)
        for task in connecting:
            task.cancel()
        for listener in listeners:
            if not listener.settled:
                listener.end("timeout")
                listener.abort()

    async def until(self, enough: Callable[[], bool], seconds: float) -> bool:
        """Wait until it is enough, at most so long; return whether it is."""
        limit = self.deadline.within(seconds)
        while not (done := enough()) and not limit.expired:
            self._any_change.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(TICK_SECONDS, limit.remaining())):
                    await self._any_change.wait()
        return done

    async def listen(self, seconds: float) -> None:
        """Let this time pass."""
        await self.until(lambda: False, seconds)

    async def leave(self) -> None:
        """Have all of them say goodbye, and see them gone."""
        for listener in self.listeners:
            listener.leave()
        await self.until(lambda: not any(each.open for each in self.listeners), LEAVE_SECONDS)
        for listener in self.listeners:
            listener.abort()
