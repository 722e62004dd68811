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
        """Run a loop until the end of the block; cancel what is left on it then."""
        self = cls()
        self._thread.start()
        try:
            yield self
        finally:
            self.run(self._cancel_all())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(STOP_SECONDS)
            self._loop.close()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the loop and return its result, within `STOP_SECONDS`."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_SECONDS)

    @staticmethod
    async def _cancel_all() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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
        self._server: asyncio.Server | None = None

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
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.connections == 1:
            self._touched(self.service)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._upstream)
        except OSError:
            _reset(writer)
            return
        try:
            await asyncio.gather(self._pump(reader, far_writer, "sent"), self._pump(far_reader, writer, "received"))
        except OSError:
            _reset(writer)
        finally:
            for end in (writer, far_writer):
                end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counter: str) -> None:
        while data := await reader.read(_CHUNK):
            setattr(self, counter, getattr(self, counter) + len(data))
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection the hard way: the other side sees ECONNRESET, as behind a service that is gone."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
