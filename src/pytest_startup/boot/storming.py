"""A storm of returns: many users lose their connections in the same moment, and come back in the same moment.

Each has messages of its own which were put in meanwhile. One event loop holds them all.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pytest_startup.boot.messages import Inbox, Messages
from pytest_startup.boot.outgoing import Upgrade
from pytest_startup.boot.packets import dialogue_of
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import NO_LINGER
from pytest_startup.boot.traveller import NOTICE_SECONDS, Traveller
from pytest_startup.chat.frames import text_of
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.places import Place
from pytest_startup.events.returning import StormEnded, StormReturned

EACH = 3
"""Messages for each user."""

CONNECT_SECONDS = 5.0
AFTER_SECONDS = 0.3
"""How long the sockets are watched when all has come: nothing may come twice."""

TICK_SECONDS = 0.05
ACCEPTED = "accepted"


class Member(asyncio.Protocol):
    """One connection of one user: takes messages into the `inbox`; `answer` says whether it was let in, and stays."""

    def __init__(self, upgrade: Upgrade, inbox: Inbox, wanted: Sequence[int], changed: Callable[[], None]) -> None:
        """Prepare to connect."""
        self.inbox, self.answer, self.seconds = inbox, "", 0.0
        self._wanted, self._changed, self._first = set(wanted), changed, upgrade.first
        self._dialogue = dialogue_of(upgrade)
        self._transport: asyncio.Transport | None = None
        self._began = 0.0

    async def connect(self) -> None:
        """Connect; the handshake is still to come."""
        self._began = now()
        loop, dialogue = asyncio.get_running_loop(), self._dialogue
        secure = ssl.create_default_context() if dialogue.secure else None
        try:
            await loop.create_connection(lambda: self, dialogue.host, dialogue.port, ssl=secure)
        except OSError as error:
            self._end(silence(error))

    @property
    def settled(self) -> bool:
        """Whether all has come that is wanted, or nothing can come any more."""
        through = self.answer == ACCEPTED and self._wanted <= set(self.inbox.numbers)
        return through or self.answer not in ("", ACCEPTED)

    def lose(self) -> None:
        """Break the connection off (RST)."""
        if self._transport is not None:
            with suppress(OSError):
                stream = self._transport.get_extra_info("socket")
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self._transport.abort()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take what comes."""
        try:
            frames = self._dialogue.hear(data)
        except ConnectionError as error:
            self._end(silence(error))
            return
        if self._dialogue.accepted and not self.answer:
            self.answer = ACCEPTED
            for frame in self._first:
                self._dialogue.say(frame)
        for each in frames:
            if self.inbox.take(text_of(each)):
                self.seconds = now() - self._began
        self._flush()
        if self._dialogue.ended:
            self._end(str(self._dialogue.closed()))
        self._changed()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more can come."""
        del exc
        with suppress(ConnectionError):
            self._dialogue.hear(b"")
        self._end(str(self._dialogue.closed()))

    # --

    def _end(self, answer: str) -> None:
        if self.answer in ("", ACCEPTED):
            self.answer = answer
        self._changed()

    def _flush(self) -> None:
        parts = self._dialogue.outgoing()
        if parts and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(parts))


@dataclass(slots=True)
class Storm:
    """One storm; `users` are those who have made the journey, by their numbers. Call it in a thread without a loop."""

    recorder: Recorder
    messages: Messages
    put: Place
    seconds: float
    users: Mapping[int, Traveller]
    wanted: int

    def run(self, deadline: Deadline) -> None:
        """Have all users connect, lose their connections, and come back; put everything on record."""
        connected = asyncio.run(self._visit(deadline))
        self.recorder.pause(min(NOTICE_SECONDS, deadline.remaining()), "the loss of many connections")
        taken = self._put([number for number in self.users if number in connected], deadline)
        began = self.recorder.elapsed()
        members = asyncio.run(self._return(taken, deadline))
        whole = not deadline.expired and len(self.users) == self.wanted
        for number, member in members.items() if not deadline.expired else ():
            self.recorder.add(
                StormReturned(
                    at=self.recorder.elapsed(),
                    user=number,
                    put=tuple(taken[number]),
                    came=tuple(member.inbox.numbers),
                    foreign=member.inbox.foreign,
                    seconds=member.seconds,
                    answer=member.answer or "timeout",
                )
            )
        at, count = self.recorder.elapsed(), len(connected)
        self.recorder.add(StormEnded(at=at, wanted=self.wanted, connected=count, whole=whole, began=began))

    async def _visit(self, deadline: Deadline) -> set[int]:
        """Connect all, and lose all connections at once; return who had one."""
        members, changed = self._members(dict.fromkeys(self.users, ()), plain=True)
        await _settle(members.values(), changed, deadline.within(CONNECT_SECONDS))
        await asyncio.sleep(NOTICE_SECONDS)
        there = {number for number, member in members.items() if member.answer == ACCEPTED}
        for member in members.values():
            member.lose()
        await asyncio.sleep(0)
        return there

    async def _return(self, taken: Mapping[int, Sequence[int]], deadline: Deadline) -> Mapping[int, Member]:
        members, changed = self._members(taken)
        await _settle(members.values(), changed, deadline.within(self.seconds))
        await asyncio.sleep(min(AFTER_SECONDS, deadline.remaining()))
        said = {number: member.answer for number, member in members.items()}
        for member in members.values():
            member.lose()
        await asyncio.sleep(0)
        for number, member in members.items():
            member.answer = said[number]
        return members

    def _members(
        self, wanted: Mapping[int, Sequence[int]], *, plain: bool = False
    ) -> tuple[dict[int, Member], asyncio.Event]:
        """Return a connection, not opened yet, for each user; and what is set at every change."""
        changed = asyncio.Event()
        upgrades = {number: self.users[number].upgrade(plain=plain) for number in wanted}
        inboxes = {number: Inbox(self.messages, _name(number)) for number in wanted}
        members = {n: Member(upgrades[n], inboxes[n], numbers, changed.set) for n, numbers in wanted.items()}
        return members, changed

    def _put(self, users: Sequence[int], deadline: Deadline) -> dict[int, list[int]]:
        """Put messages in for all users, one for each at a time; return those which were taken."""
        taken: dict[int, list[int]] = {number: [] for number in users}
        for message in range(1, EACH + 1):
            values = {number: self.users[number].walk.values for number in users}
            ordered = {n: self.messages.order(self.put, _name(n), message, values[n]) for n in users}
            for number, each in ordered.items():
                if not self.messages.refused(each, deadline):
                    taken[number].append(message)
        return taken


async def _settle(members: Collection[Member], changed: asyncio.Event, limit: Deadline) -> None:
    """Connect all at once, and wait until all is settled."""
    connecting = [asyncio.ensure_future(member.connect()) for member in members]
    while not limit.expired and not all(member.settled for member in members):
        with suppress(TimeoutError):
            async with asyncio.timeout(min(TICK_SECONDS, limit.remaining())):
                await changed.wait()
                changed.clear()
    for task in connecting:
        task.cancel()


def _name(number: int) -> str:
    return f"storm {number}"
