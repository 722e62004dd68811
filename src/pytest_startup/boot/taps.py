"""Taps: TCP proxies between the application and its services.

The application never talks to a service directly, so that for any language, driver and framework it is known when a
service was first touched, how many connections were opened, and how many bytes crossed. There is no library for it:
see docs/adr/0005.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")
_CHUNK = 65536
_RESET = struct.pack("ii", 1, 0)
STOP_SECONDS = 5.0


class Loop:
    """An event loop in a thread of its own, for everything that has to go on while a test waits."""

    def __init__(self) -> None:
        """Make the loop; `running` starts it."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="startup-taps", daemon=True)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Loop]:
        """Run a loop until the end of the block; whoever put work on it has ended it by then."""
        self = cls()
        self._thread.start()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOP_SECONDS)
            self._loop.close()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the loop and return its result, within `STOP_SECONDS`."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_SECONDS)


class Tap:
    """A TCP proxy on a loopback port of its own, in front of one service.

    `connections` counts what was accepted, `sent` the bytes to the service, `received` the bytes from it.
    """

    def __init__(self, service: str, upstream: tuple[str, int], touched: Callable[[str], None]) -> None:
        """Stand in front of `upstream`; `touched(service)` is called at the first connection."""
        self.service = service
        self.port = 0
        self.connections = 0
        self.sent = 0
        self.received = 0
        self._upstream = upstream
        self._touched = touched
        self._server: socket.socket
        self._links: set[asyncio.Task[None]] = set()

    @classmethod
    @contextmanager
    def open(cls, loop: Loop, service: str, upstream: tuple[str, int], touched: Callable[[str], None]) -> Iterator[Tap]:
        """Listen until the end of the block; then reset what is still connected."""
        tap = cls(service, upstream, touched)
        loop.run(tap._listen())
        try:
            yield tap
        finally:
            loop.run(tap._close())

    @property
    def crossed(self) -> int:
        """The bytes that have crossed so far, both ways."""
        return self.sent + self.received

    async def _listen(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._server.setblocking(False)  # noqa: FBT003 - socket's own signature
        self.port = self._server.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._server, self._accept)

    async def _close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._server)
        self._server.close()
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)
        await asyncio.sleep(0)  # the sockets of aborted transports are closed in the loop's next turn

    def _accept(self) -> None:
        """Take one connection; its socket is closed with its task, even if that never came to run."""
        with contextlib.suppress(OSError):  # it may have gone again
            client, _ = self._server.accept()
            self.connections += 1
            if self.connections == 1:
                self._touched(self.service)
            link = asyncio.create_task(self._serve(client))
            self._links.add(link)
            link.add_done_callback(self._links.discard)
            link.add_done_callback(lambda _: client.close())

    async def _serve(self, client: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=client)
        ends = [writer]
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._upstream)
            ends.append(far_writer)
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, far_writer, "sent"))
                pumps.create_task(self._pump(far_reader, writer, "received"))
        except* OSError:
            _reset(writer)
        finally:
            for end in ends:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counter: str) -> None:
        while data := await reader.read(_CHUNK):
            setattr(self, counter, getattr(self, counter) + len(data))
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection the hard way: the other side sees ECONNRESET, as behind a service that is gone."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
