"""How a tap makes its service behave, between real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from pytest_startup.boot.conduct import (
    Closing,
    Conduct,
    Cutting,
    Mistaken,
    Refusing,
    Resetting,
    Silent,
    Slow,
    Stalled,
)
from pytest_startup.boot.taps import Loop, Tap
from pytest_startup.clock import Deadline, now

SECONDS = 10.0
QUESTION = b"what?" * 10
ANSWER = b"0123456789" * 10


class Server:
    """Answers whatever it hears with `ANSWER`, and notes what it heard."""

    def __init__(self, listener: socket.socket) -> None:
        """Serve `listener` until it is closed."""
        self.heard = b""
        self.address: tuple[str, int] = listener.getsockname()[:2]
        self._listener = listener
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            while data := client.recv(65536):
                self.heard += data
                client.sendall(ANSWER)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Listen where the service is."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield server
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def server(listener: socket.socket) -> Server:
    """Serve there."""
    return Server(listener)


@pytest.fixture
def felt() -> list[str]:
    """Collect the services whose faults were felt."""
    return []


@pytest.fixture
def tap(server: Server, felt: list[str]) -> Iterator[Tap]:
    """Put a tap in front of it."""
    with Loop.running() as loop, Tap.open(loop, "service", server.address) as tap:
        tap.begin(lambda _: None, felt.append)
        yield tap


def _connect(tap: Tap) -> socket.socket:
    return socket.create_connection(("127.0.0.1", tap.port), SECONDS)


def _read(sock: socket.socket, most: int = 1_000_000) -> tuple[bytes, str]:
    """Return what comes, `most` bytes at most, and how it ended: `closed`, the name of the error, or `more`."""
    received = b""
    try:
        while len(received) < most:
            data = sock.recv(most - len(received))
            if not data:
                return received, "closed"
            received += data
    except OSError as error:
        return received, type(error).__name__
    return received, "more"


def _ask(tap: Tap) -> tuple[bytes, str]:
    """Connect, ask, read the answer, say that this was all, and return what came and how it ended."""
    try:
        with _connect(tap) as sock:
            sock.sendall(QUESTION)
            answer, end = _read(sock, len(ANSWER))
            if end != "more":
                return answer, end
            with contextlib.suppress(OSError):  # it may be gone by now
                sock.shutdown(socket.SHUT_WR)
            rest, end = _read(sock)
            return answer + rest, end
    except OSError as error:
        return b"", type(error).__name__


def _until(true: Callable[[], bool]) -> None:
    deadline = Deadline.after(SECONDS, "the tap")
    while not true():
        deadline.check()


RESET = "ConnectionResetError"
REFUSED = "ConnectionRefusedError"

OUTCOMES = {
    "healthy": (Conduct(), (ANSWER, "closed"), []),
    "mistaken": (Mistaken(), (ANSWER, "closed"), ["service"]),
    "refusing": (Refusing(), (b"", REFUSED), []),
    "closing": (Closing(), (b"", RESET), ["service"]),
    "resetting": (Resetting(), (b"", RESET), ["service"]),
    "slow": (Slow(0.05), (ANSWER, "closed"), ["service"]),
    "cutting": (Cutting("llm"), (ANSWER[:50], RESET), ["service"]),
}


@pytest.mark.parametrize(("conduct", "outcome", "struck"), OUTCOMES.values(), ids=OUTCOMES)
def test_outcome(conduct: Conduct, outcome: tuple[bytes, str], struck: list[str], tap: Tap, felt: list[str]) -> None:
    """Every conduct has its outcome, to the byte, and says that it was felt; the healthy one after it has none."""
    tap.switch(conduct)
    assert outcome == _ask(tap)
    assert struck == felt
    tap.switch(Conduct())
    assert (ANSWER, "closed") == _ask(tap)


@pytest.mark.parametrize("conduct", [Resetting(), Closing(), Refusing()], ids=lambda each: type(each).__name__)
def test_nothing_reaches_a_service_that_is_not_there(tap: Tap, server: Server, conduct: Conduct) -> None:
    """What does not forward sends no byte to the service, and none comes from it."""
    tap.switch(conduct)
    _ask(tap)
    assert (b"", 0, 0) == (server.heard, tap.sent, tap.received)


def test_silence(tap: Tap, server: Server, felt: list[str]) -> None:
    """A silent service takes any amount of bytes and says nothing, the connection stays, nothing is forwarded."""
    tap.switch(Silent())
    with _connect(tap) as sock:
        sock.sendall(b"x" * 10_000_000)
        sock.settimeout(0.2)
        assert (b"", "TimeoutError") == _read(sock)
        assert tap.open_connections == 1
    assert (["service"], b"", 0, 0) == (felt, server.heard, tap.sent, tap.received)


def test_slow_is_pipelined(tap: Tap) -> None:
    """Each answer comes later, and twenty in a row do not take twenty times as long."""
    tap.switch(Slow(0.3))
    with _connect(tap) as sock:
        for _ in range(20):
            asked = now()
            sock.sendall(QUESTION)
            _until(lambda asked=asked: now() - asked > 0.01)  # so that they are twenty questions
        sock.shutdown(socket.SHUT_WR)
        received, end = _read(sock)
        assert (ANSWER * (len(received) // len(ANSWER)), "closed") == (received, end)
        assert 0.29 < now() - asked < 20 * 0.3


def test_a_service_dies_and_returns(tap: Tap, felt: list[str]) -> None:
    """Connections that there are end with a reset, new ones are refused, and after the return all is as before."""
    port = tap.port
    with _connect(tap) as one, _connect(tap) as two:
        one.sendall(QUESTION)
        assert (ANSWER, "more") == _read(one, len(ANSWER))
        _until(lambda: tap.open_connections == 2)
        assert tap.switch(Refusing(), sever=True) == 2
        assert (b"", RESET) == _read(one) == _read(two)
        assert (b"", REFUSED) == _ask(tap)
    assert tap.switch(Conduct(), sever=True) == 0
    assert port == tap.port
    assert (ANSWER, "closed") == _ask(tap)
    assert felt == []


def test_the_port_stays_ours_while_nobody_listens(tap: Tap) -> None:
    """Nobody else can have the port of a service that is dead."""
    tap.switch(Refusing())
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", tap.port))


def test_without_severing_what_there_is_goes_on(tap: Tap) -> None:
    """A connection from before keeps the conduct that it began with."""
    with _connect(tap) as sock:
        _until(lambda: tap.open_connections == 1)
        assert tap.switch(Silent()) == 0
        sock.sendall(QUESTION)
        assert (ANSWER, "more") == _read(sock, len(ANSWER))


def test_switching_under_load(tap: Tap) -> None:
    """Switched again and again while many connect, every connection ends in one of the known ways."""
    ends: list[str] = []

    def visit() -> None:
        ends.extend(_ask(tap)[1] for _ in range(25))

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    for conduct in [Refusing(), Conduct(), Closing(), Slow(0.001), Resetting(), Cutting("llm"), Conduct()] * 5:
        tap.switch(conduct, sever=True)
    for visitor in visitors:
        visitor.join(SECONDS)
    assert len(ends) == 100
    assert {"closed", RESET, REFUSED, "BrokenPipeError"} >= set(ends)
    assert (ANSWER, "closed") == _ask(tap)
    _until(lambda: tap.open_connections == 0)


def test_stall(tap: Tap, server: Server, felt: list[str]) -> None:
    """Connections stay and are accepted, nothing is answered; afterwards only those are well that said nothing."""
    with _connect(tap) as quiet, _connect(tap) as loud:
        for each in (quiet, loud):
            each.sendall(QUESTION)
            assert (ANSWER, "more") == _read(each, len(ANSWER))
        before = server.heard
        tap.switch(Stalled())
        assert [] == felt
        loud.sendall(QUESTION)
        _until(lambda: bool(felt))
        with _connect(tap) as new:
            new.sendall(QUESTION)
            _until(lambda: tap.open_connections == 3 and len(felt) >= 2)
            tap.switch(Conduct())
            assert before == server.heard
            for each in (loud, new):
                each.sendall(QUESTION)
                each.settimeout(0.1)
                assert (b"", "TimeoutError") == _read(each)
            tap.end_lost()
            for each in (loud, new):
                each.settimeout(SECONDS)
                assert (b"", RESET) == _read(each)
        quiet.sendall(QUESTION)
        assert (ANSWER, "more") == _read(quiet, len(ANSWER))
    assert (ANSWER, "closed") == _ask(tap)


def test_an_answer_that_comes_in_a_stall(tap: Tap, felt: list[str]) -> None:
    """An answer to what was asked just before is lost as well, and the rest of that connection with it."""
    with _connect(tap) as asker:
        tap.switch(Slow(0.2))
        with _connect(tap) as slow:
            slow.sendall(QUESTION)
            _until(lambda: tap.sent == len(QUESTION))
            tap.switch(Stalled())
            _until(lambda: bool(felt))
            slow.settimeout(0.1)
            assert (b"", "TimeoutError") == _read(slow)
        tap.switch(Conduct())
        asker.sendall(QUESTION)
        assert (ANSWER, "more") == _read(asker, len(ANSWER))
