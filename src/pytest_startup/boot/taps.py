"""Taps: TCP proxies between the application and its services.

The application never talks to a service directly, so that for any language, driver and framework it is known when a
service was first touched, how many connections were opened, and how many bytes crossed; and so that the service can
misbehave (`conduct`). There is no library for it: see docs/adr/0005.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pytest_startup.boot.conduct import Conduct, Link

_T = TypeVar("_T")
_HOST = "127.0.0.1"
_BACKLOG = 512
STOP_SECONDS = 5.0
SHARED = sys.platform.startswith("linux")
"""Whether two of our sockets can be bound to a port as long as one of them does not listen.

Then one claims the port all the time. Elsewhere it is claimed by whichever of the two there is, and between them nobody
does for a moment.
"""


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

    `connections` counts what was accepted, `peak` how many there were at a time since somebody last set it; `sent` are
    the bytes to the service, `received` the bytes from it. It may be
    switched from one conduct to another from any thread, at any time; the port stays its own throughout.
    """

    def __init__(self, loop: Loop, service: str, upstream: tuple[str, int]) -> None:
        """Stand in front of `upstream`; `open` lets it listen."""
        self.service = service
        self.port = self.connections = self.sent = self.received = self.peak = 0
        self._touched: Callable[[str], None] = lambda _: None
        self._felt: Callable[[str], None] = lambda _: None
        self._loop, self._upstream = loop, upstream
        self._conduct = Conduct()
        self._claim: socket.socket
        self._listener: socket.socket
        self._links: dict[asyncio.Task[None], Link] = {}

    @classmethod
    @contextmanager
    def open(cls, loop: Loop, service: str, upstream: tuple[str, int]) -> Iterator[Tap]:
        """Listen until the end of the block, then reset what is still connected."""
        tap = cls(loop, service, upstream)
        loop.run(tap._open())
        try:
            yield tap
        finally:
            loop.run(tap._close())

    @property
    def crossed(self) -> int:
        """The bytes that have crossed so far, both ways."""
        return self.sent + self.received

    @property
    def open_connections(self) -> int:
        """How many connections there are at this moment."""
        return len(self._links)

    def begin(self, touched: Callable[[str], None], felt: Callable[[str], None]) -> None:
        """Count from here on: what came before was not the application.

        `touched(service)` is called at the first connection, `felt(service)` whenever a fault strikes one.
        """
        self._loop.run(self._begin(touched, felt))

    def switch(self, conduct: Conduct, *, sever: bool = False) -> int:
        """Treat new connections by `conduct` from now on.

        With `sever`, those that there are end with a reset; otherwise they go on as they were. Returns how many ended.
        """
        return self._loop.run(self._switch(conduct, sever=sever))

    def end_lost(self) -> None:
        """End the connections which a stall has left without an answer, as a service does that knows them no more."""
        self._loop.run(self._sever(lost=True))

    async def _begin(self, touched: Callable[[str], None], felt: Callable[[str], None]) -> None:
        self.connections = self.sent = self.received = self.peak = 0
        self._touched, self._felt = touched, felt

    async def _open(self) -> None:
        self._claim = self._bind()
        self._listen()

    async def _switch(self, conduct: Conduct, *, sever: bool) -> int:
        before, self._conduct = self._conduct, conduct
        if before.listens and not conduct.listens:
            self._refuse()
        elif conduct.listens and not before.listens:
            self._listen()
        return await self._sever() if sever else 0

    def _listen(self) -> None:
        if not SHARED:
            self._claim.close()
        self._listener = self._bind()
        self._listener.listen(_BACKLOG)
        asyncio.get_running_loop().add_reader(self._listener, self._accept, self._listener)

    def _refuse(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        self._listener.close()
        if not SHARED:
            self._claim = self._bind()

    def _bind(self) -> socket.socket:
        """Bind our port. Who is bound and does not listen refuses, and nobody else can have the port meanwhile."""
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setblocking(False)  # noqa: FBT003 - socket's own signature
        bound.bind((_HOST, self.port))
        self.port = bound.getsockname()[1]
        return bound

    async def _sever(self, *, lost: bool = False) -> int:
        links = {task: link for task, link in self._links.items() if link.lost or not lost}
        for task, link in links.items():
            link.reset()
            task.cancel()
        await asyncio.gather(*links, return_exceptions=True)
        await asyncio.sleep(0)  # the sockets of aborted transports are closed in the loop's next turn
        return len(links)

    async def _close(self) -> None:
        if self._conduct.listens:
            self._refuse()
        self._claim.close()
        await self._sever()

    def _accept(self, listener: socket.socket) -> None:
        """Take one connection; its socket is closed with its task, even if that never came to run."""
        with contextlib.suppress(OSError):  # it may have gone again
            client, _ = listener.accept()
            self.connections += 1
            if self.connections == 1:
                self._touched(self.service)
            link = Link(client, self._upstream, self._count, lambda: self._felt(self.service), self._flows)
            task = asyncio.create_task(link.run(self._conduct))
            self._links[task] = link
            self.peak = max(self.peak, len(self._links))
            task.add_done_callback(self._links.pop)
            task.add_done_callback(lambda _: client.close())

    def _flows(self) -> bool:
        return self._conduct.flows

    def _count(self, field: str, size: int) -> None:
        setattr(self, field, getattr(self, field) + size)
