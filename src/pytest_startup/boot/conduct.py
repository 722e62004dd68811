"""How a service behaves towards the application, as its tap makes it look: one class for each way.

A conduct treats any number of connections.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, ClassVar

from pytest_startup.boot.handshakes import Handshake, handshake

CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)

Pump = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Link:
    """One connection of the application.

    `count(field, n)` is told the bytes that cross (`sent`, `received`), `felt()` that a fault has struck.
    """

    def __init__(
        self,
        client: socket.socket,
        upstream: tuple[str, int],
        count: Callable[[str, int], None],
        felt: Callable[[], None],
        flows: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take an accepted connection, and where the service really is; what comes while nothing `flows` is lost."""
        self._client, self._upstream, self._count, self.felt = client, upstream, count, felt
        self._flows, self.lost = flows, False
        self.reader: asyncio.StreamReader
        self._ends: list[asyncio.StreamWriter] = []

    async def run(self, conduct: Conduct) -> None:
        """Treat the connection as `conduct` does, and end it."""
        try:
            self.reader, writer = await asyncio.open_connection(sock=self._client)
            self._ends.append(writer)
            await conduct.treat(self)
        except* OSError:
            self.reset()
        finally:
            for end in self._ends:
                end.transport.abort()

    async def forward(
        self,
        asked: Callable[[bytes], None] | None = None,
        answers: Pump | None = None,
        hold: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        """Connect to the service, and forward both ways until both have ended.

        `asked` sees what goes to the service before it goes, and `hold` is waited for then; `answers` stands in for
        what brings its answers back.
        """
        reader, writer = await asyncio.open_connection(*self._upstream)
        self._ends.append(writer)
        async with asyncio.TaskGroup() as pumps:
            pumps.create_task(self._ask(self.reader, writer, asked or _ignore, hold))
            pumps.create_task((answers or self._answer)(reader, self._ends[0]))

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        asked: Callable[[bytes], None],
        hold: Callable[[], Coroutine[Any, Any, None]] | None,
    ) -> None:
        while data := await reader.read(CHUNK):
            if self._loses():
                continue
            asked(data)
            if hold is not None:
                await hold()
            self._count("sent", len(data))
            writer.write(data)
            await writer.drain()
        _end(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self.give(writer, data)
        _end(writer)

    async def answer(self, data: bytes) -> None:
        """Answer in the place of the service, and say that there is no more."""
        await self.give(self._ends[0], data)
        _end(self._ends[0])
        while await self.reader.read(CHUNK):  # whoever asked may close first
            pass

    async def give(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Give the application a part of an answer."""
        if self._loses():
            return
        self._count("received", len(data))
        writer.write(data)
        await writer.drain()

    def _loses(self) -> bool:
        """Whether what has come is lost: the service hangs, or has hung before in the midst of this connection.

        A stream with a hole in it is of no use to either side; whoever waits for the rest of it waits for ever.
        """
        if not self._flows():
            self.lost = True
            self.felt()
        return self.lost

    def reset(self) -> None:
        """End the connection the hard way: ECONNRESET at the other side, as behind a service that is gone."""
        with suppress(OSError):  # it may be closed already
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _ignore(_: bytes) -> None:
    pass


def _end(writer: asyncio.StreamWriter) -> None:
    if writer.can_write_eof():
        writer.write_eof()


@dataclass(frozen=True, slots=True)
class Conduct:
    """A healthy service: every byte crosses as it comes. Also what all conducts have in common."""

    listens: ClassVar[bool] = True
    """Whether connections are accepted at all."""

    flows: ClassVar[bool] = True
    """Whether anything crosses on connections which were there before."""

    async def treat(self, link: Link) -> None:
        """Do with a connection what is to be done; it ends with the return, by a reset after an `OSError`."""
        await link.forward()


@dataclass(frozen=True, slots=True)
class Refusing(Conduct):
    """Nobody listens: connections are refused. One that had just been accepted is reset."""

    listens: ClassVar[bool] = False

    async def treat(self, link: Link) -> None:
        """Reset it."""
        link.felt()
        raise ConnectionResetError


@dataclass(frozen=True, slots=True)
class Closing(Refusing):
    """Accepts and resets at once: as near to a refusal as comes where refused connections cannot be noticed."""

    listens: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Silent(Conduct):
    """Accepts, swallows whatever comes, never says a word."""

    async def treat(self, link: Link) -> None:
        """Read until the application gives up."""
        link.felt()
        while await link.reader.read(CHUNK):
            pass


@dataclass(frozen=True, slots=True)
class Stalled(Silent):
    """Hangs: connections are accepted, those that there are stay open, and nothing is answered on any of them.

    A connection on which nothing was asked meanwhile is well again afterwards. On the others, and on new ones, no
    answer comes, until the tap ends them: so it is known who would wait for ever, however short the trouble is.
    """

    flows: ClassVar[bool] = False

    async def treat(self, link: Link) -> None:
        """Read until the application gives up."""
        link.lost = True
        await Silent.treat(self, link)


@dataclass(frozen=True, slots=True)
class Resetting(Conduct):
    """Accepts, and resets at the first bytes."""

    async def treat(self, link: Link) -> None:
        """Let it say something, and hang up."""
        await link.reader.read(CHUNK)
        link.felt()
        raise ConnectionResetError


@dataclass(frozen=True, slots=True)
class Slow(Conduct):
    """Every part of every answer comes `seconds` later; parts that follow each other do so then as well."""

    seconds: float

    async def treat(self, link: Link) -> None:
        """Forward, late in one direction."""
        await link.forward(answers=partial(self._later, link))

    async def _later(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        due: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        async with asyncio.TaskGroup() as both:
            both.create_task(self._read(reader, due))
            both.create_task(self._write(link, writer, due))

    async def _read(self, reader: asyncio.StreamReader, due: asyncio.Queue[tuple[float, bytes]]) -> None:
        clock = asyncio.get_running_loop().time
        while data := await reader.read(CHUNK):
            due.put_nowait((clock() + self.seconds, data))
        due.put_nowait((clock() + self.seconds, b""))

    async def _write(self, link: Link, writer: asyncio.StreamWriter, due: asyncio.Queue[tuple[float, bytes]]) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            at, data = await due.get()
            await asyncio.sleep(at - clock())
            if not data:
                return _end(writer)
            link.felt()
            await link.give(writer, data)


@dataclass(frozen=True, slots=True)
class Cutting(Conduct):
    """The first answer after the handshake of a service of `kind` ends in its middle, with a reset."""

    kind: str

    async def treat(self, link: Link) -> None:
        """Forward until the answer comes."""
        greeting = handshake(self.kind)
        await link.forward(greeting.feed, partial(self._half, link, greeting))

    async def _half(
        self, link: Link, greeting: Handshake, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(CHUNK):
            if greeting.over:
                await link.give(writer, data[: len(data) // 2])
                link.felt()
                raise ConnectionResetError
            await link.give(writer, data)
        _end(writer)


@dataclass(frozen=True, slots=True)
class Breaking(Conduct):
    """Breaks every connection, in each of some `ways` in turn: whoever tries again meets another one."""

    ways: tuple[Conduct, ...]
    _turns: Iterator[int] = field(default_factory=count, compare=False)

    async def treat(self, link: Link) -> None:
        """Treat it as the next in turn does."""
        await self.ways[next(self._turns) % len(self.ways)].treat(link)


@dataclass(frozen=True, slots=True)
class Mistaken(Conduct):
    """A healthy service which the application addresses with wrong credentials."""

    async def treat(self, link: Link) -> None:
        """Let the service say so."""
        link.felt()
        await link.forward()
