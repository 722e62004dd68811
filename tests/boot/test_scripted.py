"""The sockets of one walk, with a real server at the other end: what comes of each thing that is done with them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from pytest_startup.boot.outgoing import (
    Awaiting,
    Ending,
    Given,
    Leaving,
    OnSocket,
    Opening,
    Quietness,
    Saying,
    Upgrade,
)
from pytest_startup.boot.scripted import Sockets
from pytest_startup.clock import Deadline, now

left: list[int | None] = []


def _handle(connection: ServerConnection) -> None:
    path = connection.request.path if connection.request is not None else ""
    if path == "/hello":
        connection.send('{"type": "hello"}')
    if path == "/sorry":
        connection.send('{"sorry": true}')
        connection.close(1008)
    with suppress(ConnectionClosed):
        for message in connection:
            if message == "bye":
                connection.close(4000)
            else:
                connection.send(message)
    left.append(connection.close_code)


def _deny(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.FORBIDDEN, "no") if request.path == "/deny" else None


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Serve, and give the URL."""
    with serve(_handle, "127.0.0.1", 0, process_request=_deny) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        serving.join()


@pytest.fixture
def sockets() -> Iterator[Sockets]:
    """Give the sockets of a walk which ends with the test."""
    made = Sockets()
    yield made
    made.close()


def opening(url: str, *refused: int, seconds: float = 5.0, ignored: tuple[str, ...] = ()) -> Opening:
    """Return what opens a socket."""
    return Opening("", Upgrade(url, {}), refused, ignored, seconds)


def do(sockets: Sockets, *errands: OnSocket) -> list[Given]:
    """Do one after the other, each in its time."""
    return [sockets.do(each, Deadline.after(each.seconds, "a step")) for each in errands]


TICKS = ("tick*",)
DONE = {
    "the server speaks first": ("/hello", Awaiting("", ({"type": "hello"},), 5.0, next=True), Given({"type": "hello"})),
    "quiet": ("/", Quietness("", 0.1, 1.1), Given()),
    "not quiet": (
        "/hello",
        Quietness("", 5.0, 6.0),
        Given([{"type": "hello"}], 'nothing was expected for 5 s, not {"type": "hello"} after 0.0 s'),
    ),
    "no time to listen": ("/", Quietness("", 5.0, 0.1), Given(failed="there was no time left to listen")),
    "closed instead": (
        "/sorry",
        Awaiting("", ("a",), 5.0),
        Given([{"sorry": True}], '"a" was expected, not {"sorry": true} after 0.0 s, then closed 1008'),
    ),
    "nothing came": ("/", Awaiting("", ("a",), 0.1), Given([], '"a" was expected, not nothing within 0.1 s')),
    "closes": ("/sorry", Ending("", (1000, 1008), 5.0), Given(1008)),
    "closes otherwise": ("/sorry", Ending("", (1000,), 5.0), Given(failed="closed 1000 was expected, not closed 1008")),
    "does not close": (
        "/hello",
        Ending("", (1000, 1001), 0.1),
        Given(
            [{"type": "hello"}],
            'closed 1000 or 1001 was expected, not {"type": "hello"} after 0.0 s, then nothing more within 0.1 s',
        ),
    ),
}


@pytest.mark.parametrize(("path", "errand", "wanted"), DONE.values(), ids=DONE)
def test_does(base: str, sockets: Sockets, path: str, errand: OnSocket, wanted: Given):
    """What is expected is found; what came instead is told with its time."""
    opened, found = do(sockets, opening(f"{base}{path}"), errand)
    assert Given({"subprotocol": None}) == opened
    assert wanted == Given(found.value, _times(found.failed))


def _times(text: str) -> str:
    """Return a text whose times are all the same."""
    return re.sub(r"after 0\.\d+ s", "after 0.0 s", text)


REFUSED = {
    "denied": ("/deny", (401, 403), "403"),
    "closed": ("/sorry", (403, 1008), "1008"),
    "denied otherwise": ("/deny", (401, 1008), "to be refused by 401 or 1008 was expected, not denied 403"),
    "closed otherwise": ("/sorry", (403,), "to be refused by 403 was expected, not closed 1008"),
    "let in": (
        "/hello",
        (403,),
        'to be refused by 403 was expected, not a socket, and on it {"type": "hello"} after 0.0 s, then no end of it',
    ),
    "not to be": ("/deny", (), "a socket was expected, not denied 403"),
}


@pytest.mark.parametrize(("path", "codes", "said"), REFUSED.values(), ids=REFUSED)
def test_is_refused(base: str, sockets: Sockets, path: str, codes: tuple[int, ...], said: str):
    """Who is to be refused is, by the upgrade or by a close, and has no socket afterwards."""
    found, later = do(sockets, opening(f"{base}{path}", *codes, seconds=0.5), Saying("", ("a",), 1.0))
    assert said == _times(found.said)
    assert "no step before it has opened this socket" == later.failed


def test_nobody_there(sockets: Sockets):
    """Where nobody listens, there is no socket, whatever was wanted."""
    for each in do(sockets, opening("http://127.0.0.1:1"), opening("http://127.0.0.1:1", 403)):
        assert "no socket: refused" == each.failed


def test_a_conversation(base: str, sockets: Sockets):
    """What was passed over is gone; what is ignored may come at any time; at the end nobody is there any more."""
    said = ("tick", "a", "b", "tick 2", "c")
    one = [Saying("", said, 5.0), Awaiting("", ("b",), 5.0), Awaiting("", ("c",), 5.0, next=True)]
    end = [Quietness("", 0.05, 1.0), Saying("", ("bye",), 5.0), Ending("", (4000,), 5.0), Saying("", ("a",), 1.0)]
    results = do(sockets, opening(f"{base}/", ignored=TICKS), *one, *end)
    assert ["b", "c"] == [each.value for each in results[2:4]]
    assert [""] * 7 == [each.failed for each in results[:-1]]
    assert "no step before it has opened this socket" == results[-1].failed


def test_saying_to_nobody(base: str, sockets: Sockets):
    """A frame for a socket that the server has closed cannot be sent, once that was noticed."""
    *_, found = do(sockets, opening(f"{base}/sorry"), Awaiting("", ("x",), 5.0), Saying("", ("a",), 5.0))
    assert "it could not be sent: closed 1008" == found.failed


@pytest.mark.parametrize(("code", "told"), [(1000, 1000), (4321, 4321), (0, 1006)])
def test_leaving(base: str, sockets: Sockets, code: int, told: int):
    """The server learns by which code we leave; or, when the connection is torn down, by none."""
    left.clear()
    assert [Given({"subprotocol": None}), Given()] == do(sockets, opening(f"{base}/"), Leaving("", code, 1.0))
    until = now() + 5
    while told not in left and now() < until:  # a socket of another test may be told of as well, late
        threading.Event().wait(0.01)
    assert told in left
