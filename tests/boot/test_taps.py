"""Taps, between real sockets."""

from __future__ import annotations

import contextlib
import gc
import socket
import threading
from collections.abc import Iterator

import pytest

from pytest_startup.boot.taps import Loop, Tap
from pytest_startup.clock import Deadline


def _echo(server: socket.socket) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(client,), daemon=True).start()


def _answer(client: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        while data := client.recv(65536):
            client.sendall(data)


@pytest.fixture
def upstream() -> Iterator[tuple[str, int]]:
    """A server that says back what it hears."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        threading.Thread(target=_echo, args=(server,), daemon=True).start()
        yield server.getsockname()[:2]
        server.shutdown(socket.SHUT_RDWR)


def test_counts_and_first_touch(upstream: tuple[str, int]) -> None:
    """A tap tells the first touch once, and counts connections and bytes of both directions."""
    touched: list[str] = []
    with Loop.running() as loop, Tap.open(loop, "echo", upstream) as tap:
        tap.begin(touched.append, touched.append)
        assert (touched, tap.connections, tap.crossed) == ([], 0, 0)
        for size in (1, 300_000):
            with socket.create_connection(("127.0.0.1", tap.port), 5) as sock:
                threading.Thread(target=sock.sendall, args=(b"x" * size,), daemon=True).start()
                received = 0
                while received < size:
                    received += len(sock.recv(65536))
        assert (touched, tap.connections, tap.sent, tap.received) == (["echo"], 2, 300_001, 300_001)


def test_nobody_behind_it_is_a_reset() -> None:
    """A service that is gone resets the connection, as its own machine would."""
    with socket.socket() as nobody, Loop.running() as loop:
        nobody.bind(("127.0.0.1", 0))
        with Tap.open(loop, "gone", nobody.getsockname()[:2]) as tap:
            assert _outcome(tap.port) == "ConnectionResetError"


def _outcome(port: int) -> str:
    """Return what a client gets: the error's name, whether it strikes the connect or what comes after it."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            return repr(sock.recv(1))
    except OSError as error:
        return type(error).__name__


@pytest.mark.parametrize("busy", [0, 1, 100])
def test_closing_leaves_no_task(upstream: tuple[str, int], busy: int, caplog: pytest.LogCaptureFixture) -> None:
    """Connections that are open when a tap closes are ended, and no task of its loop is forgotten."""
    socks = []
    with Loop.running() as loop, Tap.open(loop, "echo", upstream) as tap:
        for _ in range(busy):
            socks.append(socket.create_connection(("127.0.0.1", tap.port), 5))
            socks[-1].sendall(b"hello")
    deadline = Deadline.after(5, "the end of the connections")
    for sock in socks:
        sock.settimeout(deadline.remaining())
        while True:
            try:
                if not sock.recv(100):
                    break
            except ConnectionResetError:
                break
        sock.close()
    gc.collect()
    assert caplog.messages == []
