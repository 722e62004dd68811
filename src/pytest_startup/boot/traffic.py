"""Traffic from outside: what is offered before the application is ready, and the first requests once it is."""

from __future__ import annotations

import http.client
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from pytest_startup.boot.outgoing import Outgoing
from pytest_startup.boot.probes import pause
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import AGENT, connection_to, read_body, send, silence, target_of
from pytest_startup.boot.sockets import Socket
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.traffic import Traffic
from pytest_startup.events.process import Ready
from pytest_startup.events.used import Offered, Requested

OFFER_SECONDS = 2.0
"""How long an answer may take, beyond the time that the contract lets the event loop stand still."""

KEPT_SECONDS = 0.2
"""How long an accepted socket is watched for being closed again."""

REPEATED_SECONDS = 0.2
"""How often an answer which stays the same is recorded."""

JOIN_SECONDS = 1.0
"""How long the last offers are waited for."""

AT_ONCE = 4
REQUEST_SECONDS = 5.0

Kind = Literal["request", "socket"]


def upgrade(base: str, path: str, seconds: float = OFFER_SECONDS) -> str:
    """Ask for a socket, and return what became of it within some seconds, as `Offered` has it."""
    accepted = False
    try:
        with Socket.open(base + path, Deadline.after(seconds, path)) as opened:
            accepted, watched = True, Deadline.after(KEPT_SECONDS, path)
            while True:  # whatever it says first
                opened.receive(watched)
    except Exception as error:  # noqa: BLE001 (whatever comes instead of a handshake)
        return "kept" if accepted and isinstance(error, TimeoutError) else silence(error)


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers what users would ask for, over and over, until the application is ready; records what is answered.

    That nobody listens is recorded once, until it is another answer that comes.
    """

    recorder: Recorder
    traffic: Traffic
    base: str
    seconds: float

    @contextmanager
    def offering(self) -> Iterator[None]:
        """Offer everything until the end of the block, or until it is ready."""
        end = threading.Event()
        jobs: list[tuple[Kind, str]] = [("request", path) for path in self.traffic.requests]
        jobs += [("socket", path) for path in self.traffic.sockets]
        threads = [
            threading.Thread(target=self._run, args=(*job, end), name="startup-traffic", daemon=True) for job in jobs
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            end.set()
            deadline = Deadline.after(JOIN_SECONDS, "the last offers")
            for thread in threads:
                thread.join(deadline.remaining())

    def _run(self, kind: Kind, path: str, end: threading.Event) -> None:
        offer = self._request if kind == "request" else self._upgrade
        last: Offered | None = None
        since = now()
        while not end.wait(pause(since)) and self.recorder.seen(Ready) is None:
            began = self.recorder.elapsed()
            answer = self.recorder.mask(offer(path))
            at = self.recorder.elapsed()
            if last is None or last.answer != answer or (answer != "refused" and at - last.at >= REPEATED_SECONDS):
                last = Offered(at=at, vantage="outside", what=kind, path=path, answer=answer, began=began)
                self.recorder.add(last)

    def _request(self, path: str) -> str:
        deadline = Deadline.after(self.seconds, path)
        return send(Outgoing("GET", self.base + path, {}, None, self.seconds), deadline).said

    def _upgrade(self, path: str) -> str:
        return upgrade(self.base, path, self.seconds)


@dataclass(slots=True)
class _Count:
    """How often something was answered, the first time as which request and when."""

    first: int
    at: float
    count: int = 0


@dataclass(slots=True)
class FirstRequests:
    """The first requests: `total` of them over the `paths` in turn, a handful at once, on connections that are kept."""

    recorder: Recorder
    base: str
    paths: Sequence[str]
    total: int
    headers: Mapping[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _counts: dict[tuple[str, str], _Count] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, deadline: Deadline) -> None:
        """Make them, as many as there is time for, and record how often each was answered how.

        An answer that was not there when the time was over is nobody's mistake, and is not recorded.
        """
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="startup-requests") as pool:
            for done in [pool.submit(self._some, deadline) for _ in range(AT_ONCE)]:
                done.result()
        for (path, answer), found in self._counts.items():
            event = Requested(at=found.at, path=path, answer=answer, count=found.count, first=found.first)
            self.recorder.add(event)

    def _some(self, deadline: Deadline) -> None:
        connection = connection_to(self.base, REQUEST_SECONDS)
        try:
            while (number := self._next()) <= self.total and not deadline.expired:
                path = self.paths[(number - 1) % len(self.paths)]
                answer = self.recorder.mask(self._ask(connection, path, deadline))
                if answer == "timeout" and deadline.expired:
                    return
                self._count(number, path, answer)
                if answer == "timeout":
                    return  # it would be the same with the next ones, and take long
        finally:
            connection.close()

    def _next(self) -> int:
        with self._lock:
            return next(self._numbers)

    def _count(self, number: int, path: str, answer: str) -> None:
        with self._lock:
            found = self._counts.setdefault((path, answer), _Count(number, self.recorder.elapsed()))
            found.count += 1
            found.first = min(found.first, number)

    def _ask(self, connection: http.client.HTTPConnection, path: str, deadline: Deadline) -> str:
        """Ask on a connection that is kept; no second time: who hangs up on a request has lost it."""
        limit = deadline.within(REQUEST_SECONDS)
        connection.timeout = max(0.001, limit.remaining())
        try:
            if _ended(connection):
                connection.close()  # before we asked: the next request opens another one
            if connection.sock is not None:
                connection.sock.settimeout(connection.timeout)
            connection.request("GET", target_of(self.base + path), headers={"User-Agent": AGENT, **self.headers})
            response = connection.getresponse()
            read_body(response, connection, limit)
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            return silence(error)
        if response.isclosed() or response.length == 0:
            response.close()  # which keeps the connection
        else:
            connection.close()  # its body was longer than we read
        return str(response.status)


def _ended(connection: http.client.HTTPConnection) -> bool:
    """Whether the server has closed a connection between two requests."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
