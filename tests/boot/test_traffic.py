"""Offers and first requests, with servers that do one thing each."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.outgoing import Outgoing
from pytest_startup.boot.recorder import Mask, Recorder
from pytest_startup.boot.requests import send
from pytest_startup.boot.traffic import FirstRequests, Offers, _ended
from pytest_startup.boot.walk import Values
from pytest_startup.clock import Deadline
from pytest_startup.contract.actions import Request
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.traffic import Traffic
from pytest_startup.events.used import JourneyStepped, Offered, Requested

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
Serve = Callable[[socket.socket], None]


def _requests(connection: socket.socket) -> Iterator[bytes]:
    """Yield every request of a connection."""
    while b"\r\n\r\n" in (data := connection.recv(65536)):
        yield data


@contextmanager
def serving(serve: Serve) -> Iterator[str]:
    """Serve every connection in a thread of its own, and give the URL."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def one(connection: socket.socket) -> None:
            with connection:
                serve(connection)

        def run() -> None:
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                threading.Thread(target=one, args=(connection,), daemon=True).start()

        threading.Thread(target=run, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def _hangs_up_on_the_second(connection: socket.socket) -> None:
    asked = _requests(connection)
    next(asked)
    connection.sendall(GOOD)
    next(asked, None)


def _keeps(connection: socket.socket) -> None:
    for _ in _requests(connection):
        connection.sendall(GOOD)


def _says_that_it_closes(connection: socket.socket) -> None:
    next(_requests(connection))
    connection.sendall(GOOD.replace(b"Content-Length", b"Connection: close\r\nContent-Length"))


def _is_old(connection: socket.socket) -> None:
    next(_requests(connection))
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhi")


def _never_answers(connection: socket.socket) -> None:
    for _ in _requests(connection):
        pass


def _echoes(connection: socket.socket) -> None:
    for data in _requests(connection):
        status = b"200" if data.startswith(b"GET /prefix/a HTTP") else b"404"
        connection.sendall(b"HTTP/1.1 " + status + b" X\r\nContent-Length: 0\r\n\r\n")


def made(base: str, total: int = 40, seconds: float = 10.0) -> dict[str, int]:
    """Make first requests, and return how many were answered how."""
    recorder = Recorder(Mask(()))
    FirstRequests(recorder, base, ["/a"], total).make(Deadline.after(seconds, "the first requests"))
    return {event.answer: event.count for event in recorder.trace().all(Requested)}


@pytest.mark.parametrize("serve", [_keeps, _says_that_it_closes, _is_old])
def test_a_connection_may_end(serve: Serve):
    """A server which says that it closes a connection has lost nothing."""
    with serving(serve) as base:
        assert made(base) == {"200": 40}


def test_a_lost_request():
    """A request to a connection that the server has kept is lost where it hangs up, and is not made again."""
    with serving(_hangs_up_on_the_second) as base:
        answers = made(base)
    assert sum(answers.values()) == 40
    assert answers["reset"] >= 18


def test_a_connection_that_has_ended():
    """That a server has closed a connection is seen before it is used again."""
    connection = http.client.HTTPConnection("127.0.0.1")
    assert not _ended(connection)
    ours, theirs = socket.socketpair()
    with ours:
        connection.sock = ours
        assert not _ended(connection)
        theirs.close()
        assert _ended(connection)


def test_no_time_for_an_answer():
    """An answer for which there was no time is nobody's mistake."""
    with serving(_never_answers) as base:
        assert made(base, seconds=0.2) == {}


def _says_a_secret(connection: socket.socket) -> None:
    next(_requests(connection))
    connection.sendall(b"hunter22\r\n\r\n")


def test_answers_are_masked():
    """A secret in the place of an answer is masked, whoever has asked."""
    recorder, step = Recorder(Mask(["hunter22"])), Step(action=Request("GET", "/a"))
    deadline = Deadline.after(10, "the answers")
    with serving(_says_a_secret) as base:
        FirstRequests(recorder, base, ["/a"], 2).make(deadline)
        Walker(recorder, Values({}, base)).walk("a", [step], deadline)
        with Offers(recorder, Traffic(requests=("/a",), sockets=("/a",)), base, 0.5).offering():
            recorder.wait(lambda: True if len(recorder.trace().all(Offered)) > 1 else None, deadline)
    events = [event for event in recorder.trace().events if isinstance(event, Requested | JourneyStepped | Offered)]
    assert {type(event) for event in events} == {Requested, JourneyStepped, Offered}
    assert not [event for event in events if "hunter22" in str(event)]
    assert all("***" in event.answer for event in events if "BadStatusLine" in event.answer)
    assert [event for event in events if "***" in event.answer]


def offered(base: str) -> set[str]:
    """Offer a request for a moment, and return the answers."""
    recorder = Recorder(Mask(()))
    with Offers(recorder, Traffic(requests=("/a",)), base, 0.5).offering():
        recorder.wait(lambda: recorder.seen(Offered), Deadline.after(5, "an answer"))
    assert not [each for each in threading.enumerate() if each.name == "startup-traffic"]
    return {event.answer for event in recorder.trace().all(Offered)}


def test_offered_below_a_prefix():
    """What is up already may be served below a path; once the block is over, nobody offers anything."""
    with serving(_echoes) as base:
        assert offered(base + "/prefix") == {"200"}


def test_offered_without_a_port():
    """The URL of what is up already need not have a port: whatever is at the usual one, it is asked."""
    (answer,) = offered("http://127.0.0.1")
    assert "ValueError" not in answer


def test_a_url_that_is_none():
    """A captured URL that leads nowhere is an answer, not the end of the boot."""
    request = Outgoing("GET", "http://127.0.0.1:99999/", {}, None, 1.0)
    assert send(request, Deadline.after(1, "an answer")).said.startswith("error: ValueError")
