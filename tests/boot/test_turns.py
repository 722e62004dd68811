"""Turns of a chat with a real server at the other end: it speaks first, takes several frames, or is asked over HTTP."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from websockets.sync.server import ServerConnection, serve

from pytest_startup.boot.crowd import Crowd
from pytest_startup.boot.descriptors import SPARE, room_for
from pytest_startup.boot.outgoing import Talk
from pytest_startup.boot.talking import talk
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.chat.conversation import Conversation
from pytest_startup.chat.schemas import judges
from pytest_startup.clock import Deadline
from pytest_startup.contract.actions import Turn
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.reader import parse

HEAD = """
[launch]
target = "app:app"
[[journeys]]
name = "login"
steps = [{ post = "/login" }]
[chat]
journey = "login"
socket = "/"
fields = { room = "{room}" }
greeting = ["connected", { type = "ready", within = 2 }]
capture = { room = "room", key = "secret.token" }
events = ["began", { type = "ended", schema = { required = ["text"] } }]
first_within = 4
"""
FRAMES = HEAD + 'ask = [["join", "{room}", "{key}"], { type = "ask", text = "{nonce}" }]'
REQUEST = HEAD + 'asks = { post = "{nowhere}/ask/{room}", json = { text = "{nonce}", key = "{key}" }, status = 202 }'
TOKEN = "t0ken-of-this-socket-alone"

_SOCKETS: dict[str, ServerConnection] = {}


def _answer(room: str, text: str, to: ServerConnection) -> None:
    for frame in ({"type": "began", "room": room}, {"type": "ended", "room": room, "text": text}):
        to.send(json.dumps(frame))


def _serve(connection: ServerConnection) -> None:
    """Greet, and answer whoever has joined the room that they were told with the key that they were given."""
    room = f"room-{connection.id}"
    connection.send(json.dumps({"type": "connected", "secret": {"token": TOKEN}}))
    connection.send(json.dumps({"type": "ready", "room": room}))
    _SOCKETS[room] = connection
    joined = False
    for message in connection:
        frame = json.loads(message)
        if frame == ["join", room, TOKEN]:
            joined = True
        elif joined:
            _answer(room, frame["text"], connection)


class Api(BaseHTTPRequestHandler):
    """Takes a question, and answers the request after the events of it; a room that is not there is refused."""

    def do_POST(self) -> None:
        """Answer."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        room = self.path.rpartition("/")[2]
        found = _SOCKETS.get(room) if not self.path.startswith("/refused") else None
        if found is not None and asked["key"] == TOKEN:
            _answer(room, asked["text"], found)
        self.send_response(202 if found is not None else 422)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    """Serve both, and give the URLs of the socket and of the API."""
    api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    with api, serve(_serve, "127.0.0.1", 0) as sockets:
        threads = [threading.Thread(target=each.serve_forever) for each in (api, sockets)]
        for each in threads:
            each.start()
        yield f"http://127.0.0.1:{sockets.socket.getsockname()[1]}", f"http://127.0.0.1:{api.server_port}"
        api.shutdown()
        sockets.shutdown()
        for each in threads:
            each.join()


def chat_of(toml: str, api: str) -> Chat:
    """Return the chat of a contract whose API is there."""
    chat = parse(toml.replace("{nowhere}", api)).chat
    assert chat is not None
    return chat


def talk_of(toml: str, servers: tuple[str, str]) -> tuple[Talk, Walk]:
    """Return a turn of whoever has made the journey."""
    base, api = servers
    walk = Walk((), Values({}, base))
    return walk.talk(Turn({}, chat_of(toml, api)), 10.0), walk


def soon() -> Deadline:
    """Return a deadline."""
    return Deadline.after(20.0, "a turn")


def one(errand: Talk) -> Conversation:
    """Have a turn of one user."""
    return talk(errand, soon(), judges(errand.chat))


def of_a_crowd(errand: Talk) -> Conversation:
    """Have the same turn as one of a crowd."""
    crowd = Crowd([errand])
    crowd.run(soon())
    assert [0] == [place for place, _ in crowd.finished]
    return crowd.members[0].turn


WAYS = pytest.mark.parametrize("way", [one, of_a_crowd])


@WAYS
@pytest.mark.parametrize("toml", [FRAMES, REQUEST], ids=["frames", "request"])
def test_greeted(servers: tuple[str, str], toml: str, way: Callable[[Talk], Conversation]) -> None:
    """What the greeting says is in the question, and in what each event must have; a token in it is a secret."""
    errand, walk = talk_of(toml, servers)
    turn = way(errand)
    assert turn.divergence is None
    assert turn.complete
    assert (["connected", "ready"], ["began", "ended"]) == (turn.greeted, turn.types)
    assert str(turn.captured["room"]).startswith("room-")
    assert TOKEN in walk.secrets


@WAYS
def test_refused(servers: tuple[str, str], way: Callable[[Talk], Conversation]) -> None:
    """A request that is refused is told by its status, long before the events are overdue."""
    turn = way(talk_of(REQUEST.replace("/ask/", "/refused/"), servers)[0])
    assert turn.divergence is not None
    assert "answered by 202" in turn.divergence.expected
    assert "the answer was 422" == turn.divergence.observed
    assert turn.divergence.at < 3.5
    assert turn.is_asked


@WAYS
def test_greeted_otherwise(servers: tuple[str, str], way: Callable[[Talk], Conversation]) -> None:
    """Who is greeted otherwise does not ask; who is greeted late is told how late."""
    other = way(talk_of(FRAMES.replace('"ready", within', '"welcome", within'), servers)[0])
    assert not other.is_asked
    assert str(other.divergence).startswith("welcome after connected was expected at")
    late = way(talk_of(FRAMES.replace('greeting = ["connected"', 'greeting = ["connected", "never"'), servers)[0])
    assert str(late.divergence).startswith("never after connected was expected at")
    silent = FRAMES.replace('{ type = "ready", within = 2 }]', '"ready", { type = "more", within = 0.3 }]')
    assert "nothing came within 0.3 s of ready" in str(way(talk_of(silent, servers)[0]).divergence)


def test_schemas(servers: tuple[str, str]) -> None:
    """A schema which is not kept to is noted beside the turn of one user; a crowd is not judged by it."""
    errand, _ = talk_of(FRAMES.replace('required = ["text"]', 'required = ["more"]'), servers)
    turn = one(errand)
    assert turn.complete
    assert [("ended", "more in it")] == [(each.about, each.expected) for each in turn.violations]
    assert [] == of_a_crowd(talk_of(FRAMES, servers)[0]).violations


def test_room_for_many() -> None:
    """The limit of open files is raised as far as needed and possible, and is afterwards what it was."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = 256
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
    try:
        with room_for(10) as room:
            assert (10, "") == (room.users, room.lack)
            assert soft == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        with room_for(soft) as room:
            assert (soft, "") == (room.users, room.lack)
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > soft + SPARE
        assert soft == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


TOO_LOW = """
import resource
from pytest_startup.boot.descriptors import room_for
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 256))
with room_for(1000, 2) as room:
    print(room.users, room.lack)
print(resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_no_room_for_all() -> None:
    """Where the hard limit is too low, there is room for some, and it is said why not for all."""
    done = subprocess.run([sys.executable, "-c", TOO_LOW], capture_output=True, text=True, timeout=60, check=True)
    said, limits = done.stdout.splitlines()
    number, _, why = said.partition(" ")
    assert 50 < int(number) < 100
    assert f"this process may have 256 files open (ulimit -Hn), which is room for {number} of 1000 users" == why
    assert "(128, 256)" == limits
