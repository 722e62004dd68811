"""The client of Socket.IO without input and output: what it sends, and what it makes of what comes."""

from __future__ import annotations

import pytest
from websockets.http11 import Request
from websockets.server import ServerProtocol

from pytest_startup.boot.dialogue import Denied, Dialogue
from pytest_startup.boot.outgoing import Namespace, Upgrade
from pytest_startup.boot.packets import address, dialogue_of


class Server:
    """The other side, which says what it is told to."""

    def __init__(self, dialogue: Dialogue) -> None:
        """Accept the handshake of the dialogue."""
        self.dialogue, self._protocol = dialogue, ServerProtocol()
        (request,) = self._exchange()
        assert isinstance(request, Request)
        self.path = request.path
        self._protocol.send_response(self._protocol.accept(request))

    def says(self, *messages: str | bytes) -> tuple[list[str | bytes], list[str]]:
        """Say some messages, and return the frames that they become, and what is answered."""
        for each in messages:
            text = isinstance(each, str)
            self._protocol.send_text(each.encode()) if text else self._protocol.send_binary(each)  # type: ignore[union-attr, arg-type]
        frames = self.dialogue.hear(b"".join(self._protocol.data_to_send()))
        return frames, [bytes(each.data).decode(errors="replace") for each in self._exchange()]  # type: ignore[attr-defined]

    def _exchange(self) -> list[object]:
        self._protocol.receive_data(b"".join(self.dialogue.outgoing()))
        return list(self._protocol.events_received())


def server(namespace: str = "/chat", **auth: str) -> Server:
    """Return the other side of somebody who connects to a namespace."""
    upgrade = Upgrade("http://127.0.0.1/socket.io", {}, namespace=Namespace(namespace, auth))
    return Server(dialogue_of(upgrade))


def joined() -> Server:
    """Return the other side of somebody who has connected."""
    found = server(token="secret")
    assert ([], ['40/chat,{"token":"secret"}']) == found.says('0{"sid":"x","pingInterval":25000}')
    assert not found.dialogue.accepted
    assert ([], []) == found.says('40/chat,{"sid":"y"}')
    assert found.dialogue.accepted
    return found


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/socket.io", "http://h/socket.io/?EIO=4&transport=websocket"),
        ("http://h:1/s/?a=1", "http://h:1/s/?EIO=4&transport=websocket&a=1"),
    ],
)
def test_address(url: str, expected: str):
    """A path has a slash at its end, and a query is kept."""
    assert expected == address(url)


def test_the_main_namespace():
    """The main namespace has no name on the wire; without anything to tell, nothing is told."""
    found = server("/")
    assert ([], ["40"]) == found.says('0{"sid":"x"}')
    assert "/socket.io/?EIO=4&transport=websocket" == found.path
    found.says('40{"sid":"y"}')
    assert (['{"event": "a", "data": 1}'], []) == found.says('42["a",1]')


@pytest.mark.parametrize(
    ("message", "frames", "answers"),
    [
        ('42/chat,["a"]', ['{"event": "a"}'], []),
        ('42/chat,["a",[1,2]]', ['{"event": "a", "data": [1, 2]}'], []),
        ('42/chat,["a",1,null]', ['{"event": "a", "args": [1, null]}'], []),
        ('42/chat,7["a",{}]', ['{"event": "a", "data": {}}'], ["43/chat,7[]"]),
        ('42/other,["a",1]', [], []),
        ('42["a",1]', [], []),
        ("2", [], ["3"]),
        ("2probe", [], ["3probe"]),
        ("6", [], []),
    ],
)
def test_messages(message: str, frames: list[str], answers: list[str]):
    """Events of the namespace become frames; questions and pings are answered; all else is passed over."""
    assert (frames, answers) == joined().says(message)


def test_binary():
    """Bytes come after the event which they belong to, and are shown as text."""
    found = joined()
    said = '452-/chat,["a",{"x":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}]'
    assert ([], []) == found.says(said, b"one")
    assert (['{"event": "a", "args": [{"x": "one"}, "tw\\ufffd"]}'], []) == found.says(b"tw\xff")
    assert ([], []) == found.says(b"stray")


def test_saying():
    """A frame is sent as an event with its arguments."""
    found = joined()
    for frame in ('{"event": "a"}', '{"event": "b", "data": [1]}', '{"event": "c", "args": [1, 2]}'):
        found.dialogue.say(frame)
    assert ['42/chat,["a"]', '42/chat,["b",[1]]', '42/chat,["c",1,2]'] == found.says()[1]


@pytest.mark.parametrize("frame", ["1", "[]", '{"data": 1}', '{"event": 1}', "no"])
def test_no_frame(frame: str):
    """What is no event cannot be sent."""
    with pytest.raises(ValueError, match=r"Socket\.IO|Expecting"):
        joined().dialogue.say(frame)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('44/chat,{"message":"not you"}', "denied connect_error: not you"),
        ('44/chat,"Unable to connect"', "denied connect_error: Unable to connect"),
        ('44/chat,{"code":1}', 'denied connect_error: {"code": 1}'),
        ("hello", "denied no Socket.IO: 'hello'"),
    ],
)
def test_refusals(message: str, said: str):
    """A namespace that is refused, and a server which speaks something else, are told in its own words."""
    found = server()
    found.says('0{"sid":"x"}')
    with pytest.raises(Denied) as refused:
        found.says(message)
    assert said == str(refused.value)


@pytest.mark.parametrize("message", ["41/chat,", "1"])
def test_goodbye(message: str):
    """What came before a goodbye is there; after it, nothing can be said."""
    found = joined()
    assert (['{"event": "a"}'], []) == found.says('42/chat,["a"]', message)
    assert found.dialogue.ended
    assert "closed disconnect" == str(found.dialogue.closed())
    with pytest.raises(ConnectionError, match="closed disconnect"):
        found.dialogue.say('{"event": "a"}')


def test_leaving():
    """Whoever leaves says so in the namespace first."""
    found = joined()
    found.dialogue.leave()
    answers = found.says()[1]
    assert "41/chat," == answers[0]
