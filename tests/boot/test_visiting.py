"""Users of a small application's socket, by contract alone: what it says and leaves unsaid, good and bad."""

from __future__ import annotations

import pytest

from pytest_startup.checks import connections, frames, own_runs
from pytest_startup.contract import tried
from pytest_startup.contract.model import Contract
from pytest_startup.events.process import LogLine
from pytest_startup.findings import NotCovered, Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes

SOCKETS = Variation(exercise=Exercise("sockets"))

APPLICATION = """
    import asyncio, json, os, uuid

    bad = os.environ.get("BAD", "")
    rooms, names, left = {}, {}, []

    class Room:
        default = []

        def __init__(self):
            self.sockets, self.texts = set(), Room.default if bad == "shared texts" else []

    def room_of(name):
        return rooms.setdefault("all" if bad == "one room" else name, Room())

    def count():
        return sum(len(room.sockets) for room in rooms.values())

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": kind + ".complete"})
                if kind == "lifespan.shutdown":
                    return
        if scope["type"] == "websocket":
            return await socket(scope, receive, send)
        if scope["path"] == "/enter":
            token = uuid.uuid4().hex
            names[token] = json.loads((await receive())["body"])["name"]
            body = json.dumps({"token": token, "who": names[token]}).encode()
        else:
            body = b"{}"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    async def socket(scope, receive, send):
        await receive()
        name = names[scope["query_string"].decode()]
        room = room_of(name)
        if len(room.sockets) >= 4 and bad != "no limit":
            return await send({"type": "websocket.close"})  # before it is accepted: 403
        await send({"type": "websocket.accept"})
        room.sockets.add(send)
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                await answer(name, room, message, send)
        finally:
            if bad == "left behind":
                left.append(asyncio.create_task(asyncio.sleep(3600)))
            if bad != "counted for ever":
                room.sockets.discard(send)

    async def answer(name, room, message, send):
        try:
            said = json.loads(message["text"])
            kind, text = said["do"], str(said.get("text"))
            who = said.get("as", name) if bad == "anybody" else name
        except (KeyError, ValueError, TypeError, RecursionError):
            if bad == "dies of it":
                raise
            if bad != "says nothing":
                await send({"type": "websocket.close", "code": 1008})
            if bad == "hangs":
                await asyncio.sleep(3600)
            return
        if kind == "echo":
            await reply(send, {"did": "echo", "text": text})
        elif kind == "say":
            for each in list(room_of(who).sockets):
                await reply(each, {"did": "say", "text": text, "by": who})
        elif bad != "says nothing":
            await reply(send, {"did": "nothing"})

    async def reply(send, document):
        await send({"type": "websocket.send", "text": json.dumps(document)})
"""

SILENT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.5
env = {{ BAD = "{bad}" }}
[[journeys]]
name = "enter"
steps = [{{ post = "/enter", json = {{ name = "{{nonce}}" }}, capture = {{ token = "token", who = "who" }} }}]
[websocket]
journey = "enter"
socket = "/ws?{{token}}"
"""

TOLD = (
    SILENT
    + """
alive = {{ say = {{ do = "echo", text = "{{nonce}}" }}, receive = {{ text = "{{nonce}}" }}, max_seconds = 5 }}
connections = "app:count()"
[[websocket.routes]]
say = {{ do = "echo", text = "{{nonce}}" }}
receive = {{ did = "echo", text = "{{nonce}}" }}
[[websocket.routes]]
say = {{ do = "say", text = "{{nonce}}" }}
receive = {{ did = "say", by = "{{who}}" }}
[websocket.limit]
connections = 4
[websocket.factory]
make = "app:room_of('{{who}}')"
own = ["texts"]
[websocket.spoof]
id = "who"
fields = ["as"]
say = {{ do = "say", text = "{{nonce}}" }}
receive = {{ did = "say", by = "{{who}}" }}
max_seconds = 3
"""
)

CHECKS = {
    "sockets": connections.gathering,
    "connections": connections.counted,
    "factories": connections.isolated,
    "socket_limits": connections.limited,
    "ends": connections.ended,
    "routes": frames.routed,
    "payloads": frames.refused,
    "malformed": frames.malformed,
    "spoofed": own_runs.own,
}
"""What the contract declares -> the check of it."""

LATE = ("reset", "fin", "in-mid-frame", "close-1000", "close-1001", "close-without-code")


def judged(trace: Trace, contract: Contract) -> dict[str, Verdict]:
    """Return everything that is said of a boot, by the sort of it and its id."""
    return {
        f"{sort} {name}": check(trace, contract, subject)
        for sort, check in CHECKS.items()
        for name, subject in getattr(tried, sort)(contract)
    }


BAD: dict[str, set[str]] = {
    "": set(),
    "no limit": {"socket_limits 4"},
    "one room": {"factories itself", "factories texts", "sockets socket"},
    "shared texts": {"factories texts"},
    "counted for ever": {"connections app:count()", "sockets socket"},
    "dies of it": {"payloads not-json", "payloads binary", "payloads deep", "payloads no-keys", "payloads array"},
    "anybody": {"spoofed as"},
}
"""What is wrong with the application -> what is found, at least."""


@pytest.mark.parametrize(("bad", "expected"), BAD.items(), ids=[bad or "good" for bad in BAD])
def test_told(bad: str, expected: set[str], writes: Writes, boots: Boots):
    """An application which says what its socket does is judged by that."""
    contract = writes(APPLICATION, TOLD.format(bad=bad))
    trace = boots(contract, SOCKETS)
    found = judged(trace, contract)

    wrong = {name for name, verdict in found.items() if verdict and not isinstance(verdict, NotCovered)}
    log = "\n".join(line.text for line in trace.all(LogLine)[-20:])
    assert expected == wrong & expected, log
    assert not wrong or bad, (found, log)
    assert bad or not [verdict for verdict in found.values() if isinstance(verdict, NotCovered)]


UNSAID: dict[str, set[str]] = {
    "": set(),
    "says nothing": set(),
    "left behind": {f"ends {each}" for each in LATE},
    "hangs": set(),
}


@pytest.mark.parametrize(("bad", "expected"), UNSAID.items(), ids=[bad or "good" for bad in UNSAID])
def test_unsaid(bad: str, expected: set[str], writes: Writes, boots: Boots):
    """Of an application which only says who connects, what holds for any is judged."""
    contract = writes(APPLICATION, SILENT.format(bad=bad))
    found = judged(boots(contract, SOCKETS), contract)
    wrong = {name for name, verdict in found.items() if verdict and not isinstance(verdict, NotCovered)}

    assert expected == wrong, found
