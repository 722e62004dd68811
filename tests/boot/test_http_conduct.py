"""A service over HTTP which refuses: what it reads, and what it says."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator

import pytest

from pytest_startup.boot.conduct import Conduct
from pytest_startup.boot.http_conduct import BreakingOff, Noting, Refusing
from pytest_startup.boot.taps import Loop, Tap
from pytest_startup.clock import Deadline

THROTTLES = Refusing(429, "Too Many Requests", {"Retry-After": "1"})


@pytest.fixture
def noting() -> Noting:
    """What refuses, and counts."""
    return Noting(THROTTLES)


@pytest.fixture
def tap(noting: Noting) -> Iterator[Tap]:
    """A tap of which every request is refused."""
    with Loop.running() as loop, Tap.open(loop, "llm", ("127.0.0.1", 9)) as tap:
        felt: list[str] = []
        tap.begin(lambda _: None, felt.append)
        tap.switch(noting)
        yield tap


def test_refuses(tap: Tap, noting: Noting):
    """A request is answered as OpenAI words its errors, and the next one comes on another connection."""
    connection = http.client.HTTPConnection("127.0.0.1", tap.port, timeout=5)
    for _ in range(2):
        connection.request("POST", "/v1/chat/completions", b"{}" * 70_000)
        answer = connection.getresponse()
        assert (429, "1") == (answer.status, answer.headers["Retry-After"])
        assert b'"code": "429"' in answer.read()
    connection.close()
    assert 2 == len(noting.moments) == tap.connections


REQUESTS = {
    "in parts": [b"POST / HTTP/1.1\r\nContent-", b"Length: 4\r\n\r\n", b"ab", b"cd"],
    "in chunks": [b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", b"0\r\n\r\n"],
    "without a body": [b"GET / HTTP/1.1\r\n\r\n"],
}


@pytest.mark.parametrize("parts", REQUESTS.values(), ids=REQUESTS)
def test_reads_all(parts: list[bytes], tap: Tap):
    """Nothing is said before the request is whole, however it is cut."""
    with socket.create_connection(("127.0.0.1", tap.port), timeout=5) as client:
        for part in parts[:-1]:
            client.sendall(part)
            client.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.recv(1)
        client.settimeout(5)
        client.sendall(parts[-1])
        assert client.recv(64).startswith(b"HTTP/1.1 429 Too Many Requests\r\n")


def test_says_nothing_to_half_a_request(tap: Tap):
    """Who hangs up in the middle of a request is answered nothing."""
    with socket.create_connection(("127.0.0.1", tap.port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab")
        client.shutdown(socket.SHUT_WR)
        said = b""
        with contextlib.suppress(ConnectionResetError):
            said = client.recv(64)
        assert b"" == said


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
ANSWER = HEAD + b"0123456789"
CUTS = {"in the head": 5, "before the body": len(HEAD), "in the body": len(HEAD) + 3, "whole": len(ANSWER)}


def read(client: socket.socket) -> bytes:
    """Return what comes next; nothing after a reset."""
    with contextlib.suppress(ConnectionResetError):
        return client.recv(4096)
    return b""


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_breaks_off(cut: int):
    """The head and a part of the body cross, however they come; the rest does not."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        loop = stack.enter_context(Loop.running())
        tap = stack.enter_context(Tap.open(loop, "llm", server.getsockname()[:2]))
        tap.switch(BreakingOff())
        client = stack.enter_context(socket.create_connection(("127.0.0.1", tap.port), timeout=5))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        upstream = stack.enter_context(server.accept()[0])
        said = b""
        for part in filter(None, (ANSWER[:cut], ANSWER[cut:])):
            with contextlib.suppress(OSError):  # it may have hung up on us, too
                upstream.sendall(part)
            said += read(client)
        while part := read(client):
            said += part
    assert ANSWER.startswith(said)
    assert len(HEAD) < len(said) < len(ANSWER)


def test_is_exchanged(tap: Tap):
    """A connection that waits is ended when the service is well again."""
    with socket.create_connection(("127.0.0.1", tap.port), timeout=5) as client:
        client.sendall(b"POST / HTTP/1.1\r\n")
        deadline = Deadline.after(5, "the tap")
        while not tap.open_connections:
            deadline.check()
        assert 1 == tap.switch(Conduct(), sever=True)
        with pytest.raises(ConnectionResetError):
            client.recv(1)
