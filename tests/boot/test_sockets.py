"""The client of WebSockets: what it sends, what it takes, and how it ends, with a real server at the other end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from http import HTTPStatus

import pytest
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Subprotocol

from pytest_startup.boot.sockets import Closed, Denied, Socket
from pytest_startup.boot.traffic import upgrade
from pytest_startup.clock import Deadline, now


def _handle(connection: ServerConnection) -> None:
    path = connection.request.path if connection.request is not None else ""
    if path == "/close":
        connection.close(1013)
    elif path == "/sorry":
        connection.send('{"error": "starting"}')
        connection.close(1013)
    elif path == "/echo?x=1":
        headers = connection.request.headers if connection.request is not None else {}
        connection.send(f"{headers.get('X-Who')} {connection.subprotocol}")
        for message in connection:
            connection.send([str(message), "!"])  # in parts
            connection.send(b"\x00" * 200_000)
    else:
        for _ in connection:
            pass


def _deny(connection: ServerConnection, request: Request) -> Response | None:
    return connection.respond(HTTPStatus.FORBIDDEN, "no") if request.path == "/deny" else None


def _select(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    return next((each for each in offered if each == "chat"), None)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Serve, and give the URL."""
    with serve(_handle, "127.0.0.1", 0, process_request=_deny, select_subprotocol=_select) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        serving.join()


def soon(seconds: float = 5.0) -> Deadline:
    """Return a deadline."""
    return Deadline.after(seconds, "a frame")


def test_frames(base: str) -> None:
    """Headers, query and subprotocol arrive; messages come whole, whatever their parts and sizes."""
    with Socket.open(f"{base}/echo?x=1", soon(), {"X-Who": "me"}, ["other", "chat"]) as opened:
        assert opened.receive(soon()) == "me chat"
        opened.send("hello", soon())
        assert opened.receive(soon()) == "hello!"
        assert opened.receive(soon()) == b"\x00" * 200_000


def test_deadline(base: str) -> None:
    """Waiting for what never comes ends at its deadline, and the socket is still good afterwards."""
    with Socket.open(f"{base}/echo?x=1", soon()) as opened:
        assert opened.receive(soon()) == "None None"
        began = now()
        with pytest.raises(TimeoutError):
            opened.receive(soon(0.2))
        assert 0.19 < now() - began < 2
        opened.send("x", soon())
        assert opened.receive(soon()) == "x!"


def test_denied(base: str) -> None:
    """An upgrade that is refused says by which status."""
    with pytest.raises(Denied, match="403"):
        Socket.open(f"{base}/deny", soon())


def test_closed(base: str) -> None:
    """A socket that is closed says by which code, to whoever reads and to whoever writes."""
    with Socket.open(f"{base}/close", soon()) as opened:
        with pytest.raises(Closed, match="1013"):
            opened.receive(soon())
        with pytest.raises(Closed, match="1013"):
            opened.send("x", soon())


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/", "kept"), ("/close", "closed 1013"), ("/sorry", "closed 1013"), ("/deny", "denied 403")],
)
def test_upgrade(base: str, path: str, answer: str) -> None:
    """An upgrade is told in a word."""
    assert upgrade(base, path) == answer


def test_nobody_listens() -> None:
    """Nobody there, and somebody who never answers, are two different words."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        there = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert upgrade(there, "/") == "refused"
        silent.listen()
        assert upgrade(there, "/", 0.3) == "timeout"


def _hang_up(server: socket.socket) -> None:
    server.accept()[0].close()


def test_greeted_with_the_handshake() -> None:
    """A message which comes in one piece with the answer to the handshake is not lost, nor is a sudden end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_greet, args=(server,)).start()
        with Socket.open(f"http://127.0.0.1:{server.getsockname()[1]}", soon()) as opened:
            assert opened.receive(soon()) == "hi"
            with pytest.raises(Closed, match="1006"):
                opened.receive(soon())


def _greet(server: socket.socket) -> None:
    with server.accept()[0] as connection:
        protocol = ServerProtocol()
        protocol.receive_data(connection.recv(65536))
        (request,) = protocol.events_received()
        protocol.send_response(protocol.accept(request))
        protocol.send_text(b"hi")
        connection.sendall(b"".join(protocol.data_to_send()))


def test_no_protocol() -> None:
    """Whoever hangs up in the middle of the handshake has reset the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_hang_up, args=(server,)).start()
        assert upgrade(f"http://127.0.0.1:{server.getsockname()[1]}", "/") == "reset"
